"""native: run a program of Scarlet itself, whatever is found first along PATH."""

from scarlet.user.launching import launch

if __name__ == "__main__":
    launch([b"/scarlet/system/scarlet/bin"])
