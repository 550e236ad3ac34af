"""The bare machine: RV64 in supervisor mode under OpenSBI, as on `qemu-system-riscv64 -machine virt`. Compiled only."""
