"""The compiled kernel on QEMU: programs run, a person at the terminal is served, and nothing a program does harms it."""
