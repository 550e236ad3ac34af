"""The ABI of xv6-riscv, the teaching system: 21 system calls, no signals, no environment, no permissions."""
