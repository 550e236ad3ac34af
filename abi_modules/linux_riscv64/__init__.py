"""The Linux ABI on riscv64: system calls, signal frames, the vDSO, and how its programs are loaded."""
