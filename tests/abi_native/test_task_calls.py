"""7xx, 81x, 9xx: memory, tasks, time and the system."""

from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    ChildState,
    Clock,
    MapFlags,
    OpenFlags,
    Protection,
    Resource,
    Rights,
    TaskEvent,
    TaskState,
    WaitOptions,
)
from abi_modules.native.status import Status
from objects.processes import processes
from objects.uts import uts
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import u64
from scarlet.user import calls
from tests.abi_native.support import Program, native, refused
from tests.objects import support

PAGE = 4096
READ_WRITE = Protection.READ | Protection.WRITE


def test_mapping_and_sharing_memory() -> None:
    def body(program: Program) -> None:
        space = program.task.space
        place = calls.memory_map(0, 2 * PAGE, READ_WRITE, MapFlags.PRIVATE, CURRENT, 0)
        store_bytes(space, u64(place + PAGE - 2), b"abcd")
        shared = calls.memory_make(b"shared", PAGE, 0)
        first = calls.memory_map(0, PAGE, READ_WRITE, MapFlags.SHARED, shared, 0)
        second = calls.memory_map(0, PAGE, Protection.READ, MapFlags.SHARED, shared, 0)
        store_bytes(space, u64(first), b"seen")
        assert load_bytes(space, u64(second), 4) == b"seen"
        calls.memory_protect(place, PAGE, Protection.READ)
        calls.memory_unmap(place, 2 * PAGE)
        calls.memory_unmap(first, PAGE)
        calls.memory_unmap(second, PAGE)
        assert refused(lambda: calls.memory_protect(place, PAGE, Protection.READ)) == Status.NO_MEMORY
        assert refused(lambda: calls.memory_map(0, 0, READ_WRITE, 0, CURRENT, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.memory_map(0, PAGE, 8, 0, CURRENT, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.memory_map(0, PAGE, READ_WRITE, 0, shared, 1)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.memory_map(0, 1 << 40, READ_WRITE, 0, CURRENT, 0)) == Status.NO_MEMORY

    native(body)


def test_a_mapping_may_no_more_than_its_handle() -> None:
    def body(program: Program) -> None:
        shared = calls.memory_make(b"shared", PAGE, 0)
        reader = calls.handle_duplicate(shared, Rights.READ | Rights.MAP, CURRENT, 0)
        assert refused(lambda: calls.memory_map(0, PAGE, READ_WRITE, MapFlags.SHARED, reader, 0)) == Status.RIGHT_MISSING
        place = calls.memory_map(0, PAGE, Protection.READ, MapFlags.SHARED, reader, 0)
        assert refused(lambda: calls.memory_protect(place, PAGE, READ_WRITE)) == Status.ACCESS_DENIED
        writable = calls.memory_map(0, PAGE, READ_WRITE, MapFlags.PRIVATE, reader, 0)
        unmapped = calls.handle_duplicate(shared, Rights.READ | Rights.WRITE, CURRENT, 0)
        assert refused(lambda: calls.memory_map(0, PAGE, Protection.READ, 0, unmapped, 0)) == Status.RIGHT_MISSING
        calls.memory_unmap(place, PAGE)
        calls.memory_unmap(writable, PAGE)

    native(body)


def test_what_is_known_about_a_task() -> None:
    def body(program: Program) -> None:
        me = calls.task_query(CURRENT)
        assert (me.process, me.parent, me.state, me.abi.rstrip(b"\0")) == (1, 0, TaskState.RUNNING, b"native")
        child = program.child(lambda child: calls.time_sleep(NEVER))
        support.pause()
        handle = calls.task_open(child.pid)
        assert calls.task_query(handle).state == TaskState.SLEEPING
        assert calls.task_query(handle).parent == 1
        numbers = bytearray(8)
        assert calls.task_list(numbers) == 2
        assert numbers == (1).to_bytes(4, "little") + child.pid.to_bytes(4, "little")
        calls.task_send(handle, TaskEvent.STOP_NOW)
        change = calls.task_wait(handle, WaitOptions.STOPPED | WaitOptions.ENDED, NEVER)
        assert (change.state, change.status) == (ChildState.STOPPED, TaskEvent.STOP_NOW)
        calls.task_send(handle, TaskEvent.CONTINUE)
        assert calls.task_wait_any(0, WaitOptions.CONTINUED, NEVER).state == ChildState.CONTINUED
        calls.task_send_group(calls.task_query(handle).group, TaskEvent.WINDOW)
        calls.task_send(handle, TaskEvent.END)
        kept = calls.task_wait(handle, WaitOptions.ENDED | WaitOptions.KEEP, NEVER)
        assert (kept.state, kept.status, kept.process) == (ChildState.KILLED, TaskEvent.END, child.pid)
        assert calls.task_wait_any(0, WaitOptions.ENDED, NEVER).process == child.pid
        assert calls.task_query(handle).state == TaskState.ENDED
        assert refused(lambda: calls.task_wait(handle, WaitOptions.ENDED, NEVER)) == Status.NO_CHILD
        assert refused(lambda: calls.task_send(handle, TaskEvent.END)) == Status.NO_SUCH_TASK
        assert refused(lambda: calls.task_set_group(handle, 0)) == Status.NO_SUCH_TASK
        assert refused(lambda: calls.task_open(77)) == Status.NO_SUCH_TASK
        assert refused(lambda: calls.task_query(calls.event_make(0))) == Status.RIGHT_MISSING
        assert refused(lambda: calls.task_wait_any(0, 0, NEVER)) == Status.INVALID_ARGUMENT

    native(body)


def test_a_handle_means_its_process_and_not_its_number() -> None:
    def body(program: Program) -> None:
        first = program.child(lambda child: None)
        old = calls.task_open(first.pid)
        calls.task_wait(old, WaitOptions.ENDED, NEVER)
        processes.last_pid = first.pid - 1
        second = program.child(lambda child: calls.time_sleep(NEVER))
        assert second.pid == first.pid
        assert refused(lambda: calls.task_send(old, TaskEvent.END)) == Status.NO_SUCH_TASK
        assert refused(lambda: calls.task_wait(old, WaitOptions.ENDED, 0)) == Status.NO_CHILD
        new = calls.task_open(second.pid)
        calls.task_send(new, TaskEvent.END)
        assert calls.task_wait(new, WaitOptions.ENDED, NEVER).status == TaskEvent.END

    native(body)


def test_the_right_to_control_can_be_given_away() -> None:
    def body(program: Program) -> None:
        victim = program.child(lambda child: calls.time_sleep(NEVER))
        handle = calls.task_open(victim.pid)

        def stranger(child: Program) -> None:
            calls.task_set_identity(1000, 1000)
            assert refused(lambda: calls.task_send(calls.task_open(victim.pid), TaskEvent.END)) == Status.RIGHT_MISSING
            calls.task_send(handle, TaskEvent.END)  # which it was given

        other = program.child(stranger)
        assert support.wait(program.task, other.pid).status == 0
        assert calls.task_wait(handle, WaitOptions.ENDED, NEVER).status == TaskEvent.END

    native(body)


def test_waiting_for_a_child_has_a_deadline() -> None:
    def body(program: Program) -> None:
        child = program.child(lambda child: calls.time_sleep(NEVER))
        handle = calls.task_open(child.pid)
        assert refused(lambda: calls.task_wait(handle, WaitOptions.ENDED, 0)) == Status.TIMED_OUT
        assert refused(lambda: calls.task_wait_any(0, WaitOptions.ENDED, calls.time_now(1) + 1000)) == Status.TIMED_OUT
        watcher = calls.handle_duplicate(handle, Rights.READ, CURRENT, 0)
        assert refused(lambda: calls.task_send(watcher, TaskEvent.END)) == Status.RIGHT_MISSING
        calls.task_send(handle, TaskEvent.END)
        assert calls.task_wait(watcher, WaitOptions.ENDED, NEVER).status == TaskEvent.END

    native(body)


def test_groups_priority_limits_identity() -> None:
    def body(program: Program) -> None:
        child = program.child(lambda child: calls.time_sleep(NEVER))
        handle = calls.task_open(child.pid)
        calls.task_set_group(handle, 0)
        assert calls.task_query(handle).group == child.pid
        calls.task_set_priority(handle, 5)
        assert calls.task_query(handle).priority == 5
        assert refused(lambda: calls.task_set_priority(handle, 20)) == Status.INVALID_ARGUMENT
        calls.task_send(handle, TaskEvent.END)
        calls.task_wait(handle, WaitOptions.ENDED, NEVER)
        calls.task_set_limit(Resource.FILE_BYTES, 100, NEVER)
        pair = calls.task_limit(Resource.FILE_BYTES)
        assert (pair.soft, pair.hard) == (100, NEVER)
        assert refused(lambda: calls.task_limit(99)) == Status.INVALID_ARGUMENT

        def stranger(child: Program) -> None:
            calls.task_set_identity(1000, 1000)
            about = calls.task_query(CURRENT)
            assert (about.user, about.user_group) == (1000, 1000)
            assert refused(lambda: calls.task_set_identity(0, 0)) == Status.NOT_PERMITTED
            watched = calls.task_open(1)
            assert not calls.handle_query(watched).rights & Rights.CONTROL
            assert refused(lambda: calls.task_send(watched, TaskEvent.END)) == Status.RIGHT_MISSING
            assert refused(lambda: calls.system_power(0, 0)) == Status.NOT_PERMITTED
            assert refused(lambda: calls.time_set(5)) == Status.NOT_PERMITTED
            assert refused(lambda: calls.task_set_priority(CURRENT, -5)) == Status.NOT_PERMITTED
            assert refused(lambda: calls.mount_bind(b"/", b"/", 0)) == Status.NOT_PERMITTED
            assert refused(lambda: calls.view_set_root(CURRENT, b"/")) == Status.NOT_PERMITTED
            assert refused(lambda: calls.system_log(0, bytearray(10))) == Status.NOT_PERMITTED

        program.child(stranger)
        assert support.wait(program.task).status == 0

    native(body)


def test_time_and_system() -> None:
    def body(program: Program) -> None:
        before = calls.time_now(Clock.MONOTONIC)
        calls.time_sleep(before + 1000)
        assert calls.time_now(Clock.MONOTONIC) >= before + 1000
        calls.time_sleep(0)
        calls.time_set(10**18)
        assert calls.time_now(Clock.REAL) >= 10**18
        for never in (-1, 0, 10**18 * 9):
            assert refused(lambda at=never: calls.time_set(at)) == Status.INVALID_ARGUMENT
        assert calls.time_now(Clock.PROCESS) >= 0
        assert refused(lambda: calls.time_now(4)) == Status.INVALID_ARGUMENT
        room = bytearray(5000)
        assert calls.system_random(room) == 5000
        assert len(set(room)) > 100
        info = calls.system_query()
        assert (info.processes, info.page_bytes, info.memory_bytes > info.free_bytes) == (1, PAGE, True)
        names = bytes(room[: calls.system_names(room)]).split(b"\0")
        assert names[0] == b"Scarlet" and names[4] == b"riscv64"
        calls.system_set_name(b"here")
        assert uts.nodename == b"here"
        calls.system_set_name(b"scarlet")
        assert refused(lambda: calls.system_set_name(b"x" * 65)) == Status.NAME_TOO_LONG
        assert refused(lambda: calls.system_names(bytearray(3))) == Status.BUFFER_TOO_SMALL

    native(body)


def test_why_a_file_does_not_run() -> None:
    def body(program: Program) -> None:
        file = calls.file_open(CURRENT, b"/f", Rights.SAME | Rights.READ | Rights.WRITE, OpenFlags.CREATE, 0o755)
        calls.stream_write(file, b"\x7fELF nonsense")
        room = bytearray(4000)
        text = bytes(room[: calls.system_inspect(CURRENT, b"/f", room)])
        assert text.startswith(b"file /f\n") and b"\nproblem " in text

    native(body)


def test_unknown_calls_are_named() -> None:
    from tests.abi_native.support import raw

    def body(program: Program) -> None:
        assert raw(program.task, 999) == (Status.NO_SUCH_CALL, 0)
        assert raw(program.task, 64, 1, 2, 3) == (Status.NO_SUCH_CALL, 0)

    native(body)
