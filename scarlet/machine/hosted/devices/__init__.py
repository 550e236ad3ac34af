"""Python twins of the devices of QEMU's virt machine: the same registers at the same addresses, so that the real drivers run in CPython."""
