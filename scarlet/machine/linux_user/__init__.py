"""The machine layer of a program that runs under Linux: the few modules that the runtime needs, over system calls.

Compiled programs run this way under qemu-riscv64, which is how the compiler is tested against CPython.
"""
