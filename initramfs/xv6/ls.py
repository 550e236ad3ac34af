"""ls [FILE...]: name, type (1 directory, 2 file, 3 device), inode number and size, a line each; of a directory, what is in it."""

from scarlet.xv6 import calls
from scarlet.xv6.calls import Dirent, Stat
from scarlet.xv6.text import arguments, complain, say


def show(name: bytes, stat: Stat) -> None:
    say(name + b" " * (14 - len(name)) + f" {stat.type} {stat.ino} {stat.size}\n".encode())


def list_directory(fd: int, path: bytes) -> int:
    """A line for each entry of an open directory."""
    status = 0
    entry = bytearray(Dirent.SIZE)
    while calls.read(fd, entry) == Dirent.SIZE:
        dirent = Dirent.parse(bytes(entry))
        name = dirent.name.rstrip(b"\0")
        if dirent.inum != 0 and not list_file(path + b"/" + name, name):
            status = 1
    return status


def list_file(path: bytes, name: bytes) -> bool:
    """One line. False when the file cannot be looked at."""
    fd = calls.open(path, calls.O_RDONLY)
    stat = calls.fstat(fd) if fd >= 0 else None
    if fd >= 0:
        calls.close(fd)
    if stat is None:
        complain(b"ls: cannot look at " + path)
        return False
    show(name, stat)
    return True


def list_path(path: bytes) -> int:
    """A file, or everything in a directory."""
    fd = calls.open(path, calls.O_RDONLY)
    if fd < 0:
        complain(b"ls: cannot open " + path)
        return 1
    stat = calls.fstat(fd)
    status = 0
    if stat is None:
        complain(b"ls: cannot look at " + path)
        status = 1
    elif stat.type == calls.T_DIR:
        status = list_directory(fd, path)
    else:
        show(path[path.rfind(b"/") + 1 :], stat)
    calls.close(fd)
    return status


def main() -> int:
    status = 0
    paths = arguments()[1:]
    for path in paths if len(paths) > 0 else [b"."]:
        status |= list_path(path)
    return status


calls.exit(main())
