"""xv6: run a program of xv6, whatever is found first along PATH."""

from scarlet.user.launching import launch

if __name__ == "__main__":
    launch([b"/scarlet/system/xv6-riscv64"])
