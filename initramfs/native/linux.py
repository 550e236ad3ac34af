"""linux: run a program of Linux, whatever is found first along PATH."""

from scarlet.user.launching import launch

if __name__ == "__main__":
    launch([b"/scarlet/system/linux-riscv64/bin", b"/scarlet/system/linux-riscv64"])
