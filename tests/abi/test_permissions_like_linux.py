"""mknod, link and open by a user without privileges: errno by errno what the Linux below these tests gives, in a tmpfs of its own.

Many errors meet in one call - the name exists, the directory may not be written, the file is another user's - and which of them
comes first is told by no manual page.
"""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scarlet.lang.errno import errno_name
from tests.abi.support import AT_FDCWD, Program, linux

MKNODAT, MKDIRAT, UNLINKAT, SYMLINKAT, LINKAT, FCHMOD, FCHMODAT, FCHOWNAT, OPENAT, CLOSE, UMASK, SETGID, SETUID = (
    33, 34, 35, 36, 37, 52, 53, 54, 56, 57, 166, 144, 146,
)  # fmt: skip
USER = 1000
DEVICE = 0x103
PROTECTED = Path("/proc/sys/fs/protected_hardlinks")

DIRECTORIES = {"d": 0o755, "d/sub": 0o755, "own": 0o755, "secret": 0o700, "open": 0o777}
FILES = {
    "d/f": 0o644, "d/shared": 0o666, "d/suid": 0o4777, "d/sgid": 0o2766, "d/sgidx": 0o2777, "secret/x": 0o666, "own/f": 0o644,
    "own/closed": 0,
}  # fmt: skip
FIFOS = {"d/fifo": 0o644, "d/pipe": 0o666}
OWN = ("own", "own/f", "own/closed")

Result = list[list[str]]


class Host:
    """The calls on Linux; each gives the errno, 0 when it succeeded."""

    def call(self, action: Callable[..., None], *arguments: object) -> int:
        try:
            action(*arguments)
        except OSError as error:
            return error.errno or -1
        return 0

    def mknod(self, path: str, mode: int) -> int:
        return self.call(os.mknod, path, mode, DEVICE)

    def link(self, old: str, new: str) -> int:
        return self.call(lambda: os.link(old, new, follow_symlinks=False))

    def open(self, path: str, flags: int) -> int:
        return self.call(lambda: os.close(os.open(path, flags, 0o600)))

    def unlink(self, path: str) -> None:
        os.unlink(path)

    def arrange(self) -> None:
        os.umask(0)
        for path, mode in DIRECTORIES.items():
            os.mkdir(path)
            os.chmod(path, mode)
        for path, mode in FILES.items():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.chmod(path, mode)
        for path, mode in FIFOS.items():
            os.mkfifo(path, mode)
        os.symlink("f", "d/link")
        os.symlink("nowhere", "d/dangling")
        for path in OWN:
            os.chown(path, USER, USER)
        os.setgid(USER)
        os.setuid(USER)


class Guest:
    """The same calls on Scarlet."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def mknod(self, path: str, mode: int) -> int:
        return -self.program.call(MKNODAT, AT_FDCWD, path.encode(), mode, DEVICE)

    def link(self, old: str, new: str) -> int:
        return -self.program.call(LINKAT, AT_FDCWD, old.encode(), AT_FDCWD, new.encode(), 0)

    def open(self, path: str, flags: int) -> int:
        fd = self.program.call(OPENAT, AT_FDCWD, path.encode(), flags, 0o600)
        if fd >= 0:
            self.program.call(CLOSE, fd)
        return max(-fd, 0)

    def unlink(self, path: str) -> None:
        self.program.call(UNLINKAT, AT_FDCWD, path.encode(), 0)

    def arrange(self) -> None:
        call = self.program.call
        call(UMASK, 0)
        for path, mode in DIRECTORIES.items():
            call(MKDIRAT, AT_FDCWD, path.encode(), mode)
        for path, mode in FILES.items():
            call(FCHMOD, call(OPENAT, AT_FDCWD, path.encode(), 0o101, 0o600), mode)
        for path, mode in FIFOS.items():
            call(MKNODAT, AT_FDCWD, path.encode(), stat.S_IFIFO | mode, 0)
        call(SYMLINKAT, b"f", AT_FDCWD, b"d/link")
        call(SYMLINKAT, b"nowhere", AT_FDCWD, b"d/dangling")
        for path in OWN:
            call(FCHOWNAT, AT_FDCWD, path.encode(), USER, USER, 0)
        call(SETGID, USER)
        call(SETUID, USER)


def nodes(world: Host | Guest) -> Iterator[tuple[str, int]]:
    places = "d/f d/new d/sub d/f/ d/new/ d/sub/ d/link own/new/ own/f own/new none/x secret/x d/. /".split()
    kinds = [stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFDIR, stat.S_IFLNK, 0]
    for place in places:
        for kind in kinds:
            error = world.mknod(place, kind | 0o644)
            if error == 0:
                world.unlink(place)
            yield f"{place} {kind:o}", error


def links(world: Host | Guest) -> Iterator[tuple[str, int]]:
    for old in [*FILES, *FIFOS, "d/sub", "d/link", "none", "d/f/", "own/f/"]:
        for new in ["own/n", "d/n", "d/f", "own/f", "own/n/", "none/n", "open/n", "d/sub", "open/n/", "secret/n", ""]:
            error = world.link(old, new)
            if error == 0:
                world.unlink(new)
            yield f"{old} {new}", error


def opens(world: Host | Guest) -> Iterator[tuple[str, int]]:
    places = "d/f d/shared d/f/ d/new d/sub d/sub/ d/link d/link/ d/dangling own/new own/new/ own/closed own".split()
    places += "secret secret/x open d/fifo d/pipe / .".split()
    ways = [0, os.O_CREAT, os.O_CREAT | os.O_EXCL, os.O_TRUNC, os.O_DIRECTORY, os.O_NOFOLLOW, os.O_TMPFILE]
    ways += [os.O_PATH, os.O_PATH | os.O_NOFOLLOW]
    for place in places:
        for access in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
            for way in ways:
                error = world.open(place, access | way | os.O_NONBLOCK)
                if error == 0 and place == "own/new" and way & os.O_CREAT:
                    world.unlink(place)
                yield f"{place} {access | way:o}", error


Experiment = Callable[[Host | Guest], Iterator[tuple[str, int]]]


def named(results: Iterator[tuple[str, int]]) -> Result:
    return [[what, errno_name(error) if error else "ok"] for what, error in results]


def on_linux(experiment: Experiment) -> Result:
    """In a process of its own, which gives its privileges up."""
    folder = tempfile.mkdtemp(dir="/dev/shm")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chmod(folder, 0o755)
            os.chdir(folder)
            host = Host()
            host.arrange()
            os.write(writer, json.dumps(named(experiment(host))).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    shutil.rmtree(folder)
    found: Result = json.loads(answer)
    return found


def on_scarlet(experiment: Experiment) -> Result:
    found: Result = []

    def body(program: Program) -> None:
        guest = Guest(program)
        guest.arrange()
        found.extend(named(experiment(guest)))

    linux(body)
    return found


@pytest.mark.parametrize("experiment", [nodes, links, opens])
def test_the_first_of_several_errors_is_the_one_that_linux_gives(experiment: Experiment) -> None:
    if os.getuid() != 0 or not os.path.isdir("/dev/shm") or PROTECTED.read_text().strip() != "1":
        pytest.skip("needs root, a tmpfs, and a Linux with protected_hardlinks on")
    found = on_linux(experiment)
    assert len({error for _call, error in found}) >= 5, "the calls differ too little to tell anything"
    assert on_scarlet(experiment) == found
