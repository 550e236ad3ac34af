"""Memory that runs out in the middle of what programs do on an ext4 file system: the next ones go on as if nothing had been, the log is
silent, and e2fsck finds nothing. A sample; `SCARLET_SHORTAGE=1` fails every step."""

import os

from scarlet.kernel import log
from scarlet.lang.errno import Errno
from tests.abi.support import AT_FDCWD, Program, linux
from tests.executor.faults import watched_destructors
from tests.ext.support import FailingDisk, check, make
from tests.kernel.shortage import O_CREAT, O_RDWR, Names, Shortage
from vfs import mounts
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.mount import mount_disk

EVERY = 1 if os.environ.get("SCARLET_SHORTAGE") else 61
REMOVE_DIRECTORY = 0x200


class Work:
    """Names on the file system, and what is done with them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = Names(program)
        self.directory, self.a = program.put(b"/m/d"), program.put(b"/m/a")
        self.inside, self.link = program.put(b"/m/d/c"), program.put(b"/m/l")

    def do(self) -> list[int]:
        """What the calls answered."""
        call, n = self.program.call, self.names
        done = [call(34, AT_FDCWD, self.directory, 0o755)]
        fd = call(56, AT_FDCWD, self.a, O_RDWR | O_CREAT, 0o644)
        done += [call(64, fd, n.buffer, 4000), call(68, fd, n.buffer, 100, 20000), call(82, fd), call(67, fd, n.buffer, 4000, 0)]
        done += [call(276, AT_FDCWD, self.a, AT_FDCWD, self.inside, 0), call(46, fd, 100), call(57, fd)]
        done += [call(36, n.a, AT_FDCWD, self.link), call(37, AT_FDCWD, self.inside, AT_FDCWD, self.a, 0)]
        done += [call(35, AT_FDCWD, name, 0) for name in (self.inside, self.link, self.a)]
        return [*done, call(35, AT_FDCWD, self.directory, REMOVE_DIRECTORY), call(81)]


WELL = [0, 4000, 100, 0, 4000, *[0] * 10]


def fail_at(work: Work, data: bytes, step: int) -> tuple[Shortage, list[str]]:
    """Mount, do it with a fault and without, and unmount; what was wrong."""
    tree = work.program.tree
    disk = FailingDisk(data)
    root = mount_disk(disk)
    mounts.attach(tree.view.mounts, root, tree.walk(b"/m"), mounts.MountFlags.NONE, b"ext4")
    faults = Shortage(step)
    lines = log._written
    with watched_destructors(lambda: faults) as found:
        try:
            with faults:
                work.do()
        except MemoryError:
            pass  # on the way into a call
        work.program.task.process.handles.close_all()
        work.do()  # removes what the first attempt could not
    if (again := work.do()) != WELL:
        found.append(f"{faults}: the calls then answer {again}")
    filesystem = root.filesystem
    assert isinstance(filesystem, ExtFileSystem)
    try:
        filesystem.sync()
    except Errno as error:
        found.append(f"{faults}: sync: {error}")
    found += [f"{faults}: {line.text}" for line in log.lines(lines)]
    del root, filesystem
    mounts.detach(tree.view.mounts, tree.view.mounts.mounts[-1])
    problems = check(bytes(disk.data))
    return faults, [*found, f"{faults}: {problems}"] if problems else found


def survey(every: int) -> list[str]:
    """Fail each n-th step; what was wrong."""
    found: list[str] = []

    def body(program: Program) -> None:
        data = make("ext4-1k")
        program.tree.mkdir(b"/m")
        work = Work(program)
        steps = fail_at(work, data, -1)[0].steps
        for step in range(0, steps, every):
            found.extend(fail_at(work, data, step)[1])
        program.tree.rmdir(b"/m")

    linux(body)
    return found


def test_calls_on_ext4_that_find_no_memory_leave_it_sound() -> None:
    assert survey(EVERY) == []
