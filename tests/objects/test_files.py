"""Open files, directories and their locks. (lseek(2), write(2), flock(2), fcntl(2))"""

import pytest

from objects.cpulimit import set_limit
from objects.directory import Directory
from objects.file import File
from objects.inode import DirectoryEntry, FileSystem, InodeType
from objects.limits import INFINITY, Resource
from objects.locks import FileLocks, LockType, RecordLock
from objects.object import AllocateMode, Rights, Status, Whence
from objects.openlocks import locks_of, own_locks
from objects.restart import Interrupted
from objects.signalling import change_action, from_user, kill
from objects.task import Task
from scarlet.kernel.signals import Signal, SignalAction
from tests.objects.support import PlainInode, data, location, outcome, pause, read, run, spawn, wait


def new_file(task: Task, content: bytes = b"", status: Status = Status.NONE) -> tuple[File, PlainInode]:
    inode = PlainInode(FileSystem(b"test", 1), 2)
    inode.data += content
    file = inode.open(location(task, inode), Rights.READ | Rights.WRITE, status)
    assert isinstance(file, File)
    return file, inode


def test_offset_moves_and_positioned_calls_leave_it() -> None:
    def body(task: Task) -> None:
        file, inode = new_file(task, b"0123456789")
        assert read(file, 3) == b"012"
        assert file.write(data(b"XY")) == 2
        assert file.offset == 5
        assert file.write_at(data(b"Z"), 9) == 1
        assert read(file, 100) == b"5678Z"
        assert read(file, 100) == b""
        assert bytes(inode.data) == b"012XY5678Z"
        assert outcome(lambda: file.write_at(data(b"x"), -1)) == "EINVAL"

    run(body)


def test_append_goes_to_the_end_whatever_the_offset() -> None:
    def body(task: Task) -> None:
        file, inode = new_file(task, b"abc", Status.APPEND)
        file.write(data(b"d"))
        inode.data += b"e"
        file.seek(0, Whence.SET)
        file.write(data(b"f"))
        file.write_at(data(b"g"), 0)
        assert bytes(inode.data) == b"abcdefg"

    run(body)


SEEKS = [
    (0, 5, Whence.SET, 5),
    (5, -2, Whence.CURRENT, 3),
    (5, 0, Whence.END, 10),
    (0, 7, Whence.END, 17),
    (0, -1, Whence.SET, "EINVAL"),
    (2, -3, Whence.CURRENT, "EINVAL"),
    (0, -11, Whence.END, "EINVAL"),
    (5, INFINITY, Whence.CURRENT, "EINVAL"),
    (0, 4, Whence.DATA, 4),
    (0, 4, Whence.HOLE, 10),
    (0, 10, Whence.DATA, "ENXIO"),
    (0, 10, Whence.HOLE, "ENXIO"),
    (0, -1, Whence.DATA, "ENXIO"),
]


@pytest.mark.parametrize(("start", "offset", "whence", "expected"), SEEKS)
def test_seek(start: int, offset: int, whence: Whence, expected: int | str) -> None:
    def body(task: Task) -> None:
        file, _inode = new_file(task, b"0123456789")
        file.seek(start, Whence.SET)
        if isinstance(expected, str):
            assert outcome(lambda: file.seek(offset, whence)) == expected
            assert file.offset == start
        else:
            assert file.seek(offset, whence) == expected
            assert file.offset == expected

    run(body)


def test_file_size_limit_cuts_then_fails_with_sigxfsz() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGXFSZ, SignalAction(0x1000))
        set_limit(task.process, Resource.FILE_SIZE, 10, INFINITY, privileged=True)
        file, inode = new_file(task)
        assert file.write(data(b"123456")) == 6
        assert file.write(data(b"789abcdef")) == 4
        assert not task.has_signal()
        assert outcome(lambda: file.write(data(b"x"))) == "EFBIG"
        assert task.take_signal() is not None
        assert file.write(data(b"")) == 0
        assert outcome(lambda: file.truncate(11)) == "EFBIG"
        assert task.take_signal() is not None
        assert outcome(lambda: file.allocate(AllocateMode.NONE, 5, 6)) == "EFBIG"
        assert task.take_signal() is not None
        file.truncate(3)
        assert bytes(inode.data) == b"123"

    run(body)


def test_offsets_are_shared_after_fork() -> None:
    def body(task: Task) -> None:
        file, _inode = new_file(task, b"0123456789")
        task.handles.allocate(file, Rights.READ)

        def child_body(child: Task) -> None:
            assert read(child.handles.object(0, Rights.READ), 4) == b"0123"

        spawn(task, child_body)
        wait(task)
        assert read(file, 2) == b"45"
        task.handles.close(0)

    run(body)


# --- directories ---


class Names(PlainInode):
    """A directory of three files, two a batch."""

    def list(self, cursor: int) -> list[DirectoryEntry]:
        names = [b"a", b"b", b"c"]
        return [DirectoryEntry(names[i], 10 + i, InodeType.REGULAR, i + 1) for i in range(cursor, min(cursor + 2, 3))]


def test_directory_positions() -> None:
    def body(task: Task) -> None:
        inode = Names(FileSystem(b"test", 1), 3, InodeType.DIRECTORY)
        directory = inode.open(location(task, inode), Rights.READ, Status.NONE)
        assert isinstance(directory, Directory)
        seen: list[tuple[bytes, int]] = []
        while batch := directory.entries():
            seen += [(entry.name, entry.cursor) for entry in batch]
            directory.position = batch[-1].cursor
        assert seen == [(b".", 1), (b"..", 2), (b"a", 3), (b"b", 4), (b"c", 5)]
        for start in range(len(seen)):
            directory.seek(0 if start == 0 else seen[start - 1][1], Whence.SET)
            assert directory.entries()[0].name == seen[start][0]
        assert outcome(lambda: read(directory, 1)) == "EISDIR"
        assert outcome(lambda: directory.seek(-1, Whence.SET)) == "EINVAL"
        assert outcome(lambda: directory.seek(0, Whence.END)) == "EINVAL"

    run(body)


# --- locks ---


def lock(owner: int, type: LockType, start: int, end: int) -> RecordLock:
    return RecordLock(owner, owner * 100, type, start, end)


def held(locks: FileLocks, owner: int) -> list[tuple[str, int, int]]:
    return sorted((item.type.name, item.start, item.end) for item in locks.records if item.owner == owner)


R, W, U = LockType.READ, LockType.WRITE, LockType.UNLOCKED

REPLACEMENTS = [
    ([(R, 0, 10)], (R, 10, 20), [("READ", 0, 20)]),
    ([(R, 0, 10)], (R, 5, 20), [("READ", 0, 20)]),
    ([(R, 0, 10)], (R, 11, 20), [("READ", 0, 10), ("READ", 11, 20)]),
    ([(R, 0, 30)], (W, 10, 20), [("READ", 0, 10), ("READ", 20, 30), ("WRITE", 10, 20)]),
    ([(W, 0, 30)], (U, 10, 20), [("WRITE", 0, 10), ("WRITE", 20, 30)]),
    ([(W, 0, 30)], (U, 0, INFINITY), []),
    ([(W, 5, 10), (R, 20, 25)], (W, 8, 22), [("READ", 22, 25), ("WRITE", 5, 22)]),
    ([(W, 0, 10), (W, 20, 30)], (W, 10, 20), [("WRITE", 0, 30)]),
    ([(R, 0, 10), (W, 10, 20)], (U, 10, 20), [("READ", 0, 10)]),
    ([(R, 5, INFINITY)], (U, 0, 8), [("READ", 8, INFINITY)]),
]


@pytest.mark.parametrize(("before", "change", "after"), REPLACEMENTS)
def test_record_locks_split_and_join(
    before: list[tuple[LockType, int, int]], change: tuple[LockType, int, int], after: list[tuple[str, int, int]]
) -> None:
    locks = FileLocks()
    locks.set_record(lock(2, R, 100, 200), wait=False)
    for item in before:
        locks.set_record(lock(1, *item), wait=False)
    locks.set_record(lock(1, *change), wait=False)
    assert held(locks, 1) == after
    assert held(locks, 2) == [("READ", 100, 200)]


def test_record_locks_conflict_by_owner_range_and_type() -> None:
    locks = FileLocks()
    locks.set_record(lock(1, R, 0, 10), wait=False)
    locks.set_record(lock(2, R, 5, 15), wait=False)
    assert outcome(lambda: locks.set_record(lock(3, W, 9, 10), wait=False)) == "EAGAIN"
    locks.set_record(lock(3, W, 15, 16), wait=False)
    assert outcome(lambda: locks.set_record(lock(1, W, 0, 10), wait=False)) == "EAGAIN"
    found = locks.test_record(lock(3, W, 0, 20))
    assert found is not None and (found.owner, found.pid) == (1, 100)
    assert locks.test_record(lock(3, R, 0, 10)) is None
    locks.release_records(2)
    locks.set_record(lock(1, W, 0, 10), wait=False)


def test_waiting_for_a_record_lock() -> None:
    def body(task: Task) -> None:
        locks = FileLocks()
        locks.set_record(lock(1, W, 0, 10), wait=False)

        def child_body(child: Task) -> None:
            locks.set_record(lock(2, W, 0, 10), wait=True)

        child = spawn(task, child_body)
        pause()
        assert held(locks, 2) == []
        locks.set_record(lock(1, U, 0, 10), wait=False)
        wait(task, child.pid)
        assert held(locks, 2) == [("WRITE", 0, 10)]

    run(body)


def test_deadlock_is_refused() -> None:
    def body(task: Task) -> None:
        locks = FileLocks()
        other = FileLocks()
        locks.set_record(lock(1, W, 0, 1), wait=False)
        other.set_record(lock(2, W, 0, 1), wait=False)
        other.set_record(lock(3, W, 5, 6), wait=False)

        def second(child: Task) -> None:
            locks.set_record(lock(2, W, 0, 1), wait=True)

        def third(child: Task) -> None:
            other.set_record(lock(3, W, 0, 1), wait=True)

        spawn(task, second)
        spawn(task, third)
        pause()
        assert outcome(lambda: other.set_record(lock(1, W, 5, 6), wait=True)) == "EDEADLK"
        locks.release_records(1)
        pause()
        other.release_records(2)
        wait(task)
        wait(task)

    run(body)


def test_waiting_for_a_lock_ends_with_a_signal() -> None:
    def body(task: Task) -> None:
        locks = FileLocks()
        locks.set_record(lock(1, W, 0, 1), wait=False)

        def child_body(child: Task) -> None:
            change_action(child.process, Signal.SIGUSR1, SignalAction(0x1000))
            with pytest.raises(Interrupted):
                locks.set_record(lock(2, W, 0, 1), wait=True)
            assert child.take_signal() is not None

        child = spawn(task, child_body)
        pause()
        kill(task, child.pid, from_user(task, Signal.SIGUSR1))
        assert wait(task).status == 0
        assert held(locks, 2) == []

    run(body)


def test_closing_any_handle_drops_record_locks_of_that_table_only() -> None:
    def body(task: Task) -> None:
        file, inode = new_file(task)
        other = File(inode, location(task, inode), Rights.READ, Status.NONE)
        task.handles.allocate(file, Rights.READ)
        task.handles.allocate(other, Rights.READ)
        del other
        locks_of(file).set_record(lock(task.handles.owner, W, 0, 10), wait=False)
        spawn(task, lambda child: None)
        wait(task)
        assert held(locks_of(file), task.handles.owner) == [("WRITE", 0, 10)]
        task.handles.close(1)
        assert held(locks_of(file), task.handles.owner) == []
        task.handles.close(0)

    run(body)


def test_flock_belongs_to_the_open_file_and_ends_with_it() -> None:
    def body(task: Task) -> None:
        file, inode = new_file(task)
        second = File(inode, location(task, inode), Rights.READ, Status.NONE)
        locks = locks_of(file)
        locks.lock_whole(own_locks(file), W, wait=False)
        assert outcome(lambda: locks.lock_whole(own_locks(second), R, wait=False)) == "EAGAIN"
        locks.lock_whole(own_locks(file), R, wait=False)
        locks.lock_whole(own_locks(second), R, wait=False)
        assert outcome(lambda: locks.lock_whole(own_locks(file), W, wait=False)) == "EAGAIN"
        assert [item.owner for item in locks.whole] == [own_locks(second)]  # the failed conversion lost the old lock
        task.handles.allocate(second, Rights.READ)
        second = file
        task.handles.close(0)
        assert locks.whole == []

    run(body)
