"""A native program that starts itself in many ways and says what it found: a line `ok NAME`, or `wrong NAME: why`, for each check.

`checks only TEXT` makes the checks whose name begins with the text. With other arguments it is one of the children.
"""

from collections.abc import Callable

from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    PAGE_BYTES,
    ChildState,
    EventChoice,
    EventSet,
    FileKind,
    MapFlags,
    OpenFlags,
    Protection,
    Ready,
    RemoveFlags,
    Rights,
    SpawnFlags,
    TaskEvent,
    TaskState,
    WaitEntry,
    WaitOptions,
)
from abi_modules.native.status import Status
from scarlet.lang import u64
from scarlet.machine import start
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.processes import Child, Launch
from scarlet.user.program import program

SELF = b"/tmp/checks"
BUSYBOX = b"/scarlet/system/linux-riscv64/bin/busybox"
SECOND = 1_000_000_000


class Wrong(Exception):
    """A check failed."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Wrong(what)


def require_equal(found: int, expected: int, what: str) -> None:
    if found != expected:
        raise Wrong(f"{what}: {found} instead of {expected}")


def launch(words: list[bytes]) -> Launch:
    return Launch(SELF, [SELF, *words], [b"HOME=/home", b"EMPTY="])


def run(request: Launch) -> int:
    """Start and wait: the exit status, or 1000 and the event that ended it."""
    child = request.start()
    change = calls.task_wait(child.handle.slot, WaitOptions.ENDED, NEVER)
    return int(change.status) if change.state == ChildState.EXITED else 1000 + int(change.status)


def read_all(slot: int) -> bytes:
    pieces: list[bytes] = []
    buffer = bytearray(4096)
    while True:
        size = calls.stream_read(slot, buffer)
        if size == 0:
            return b"".join(pieces)
        pieces.append(bytes(buffer[:size]))


def output_of(request: Launch, slot: int = 1) -> bytes:
    """What a child writes into a slot until it ends."""
    pipe = calls.pipe_make(0)
    request.give(int(pipe.second), slot)
    child = request.start()
    calls.handle_close(int(pipe.second))
    text = read_all(int(pipe.first))
    calls.handle_close(int(pipe.first))
    calls.task_wait(child.handle.slot, WaitOptions.ENDED, NEVER)
    return text


def status_of(call: Callable[[], None]) -> int:
    try:
        call()
    except StatusError as error:
        return int(error.status)
    return 0


def wait_for(slot: int, deadline: int) -> int:
    table = bytearray(WaitEntry(handle=slot, wanted=1).pack())
    calls.wait_many(table, deadline)
    return int(WaitEntry.parse(bytes(table)).found)


# --- checks ---------------------------------------------------------------------------------------------------------------------


def a_child_has_only_what_it_was_given() -> None:
    require_equal(run(launch([b"count-handles"])), 0, "handles without mappings")
    request = launch([b"count-handles"])
    request.give(1, 1)
    request.give(1, 7)
    require_equal(run(request), 2, "handles with two mappings")


def inheriting_leaves_marked_handles_out() -> None:
    marked = calls.handle_duplicate(1, Rights.SAME, CURRENT, 1)
    kept = calls.handle_duplicate(1, Rights.SAME, CURRENT, 0)
    fixed = calls.handle_duplicate(1, Rights.WRITE, CURRENT, 0)
    before = calls.handle_list(bytearray())
    request = launch([b"count-handles"])
    request.flags = SpawnFlags.INHERIT
    require_equal(run(request), before - 2, "inherited handles")
    for slot in (marked, kept, fixed):
        calls.handle_close(slot)


def arguments_and_environment_arrive() -> None:
    text = output_of(launch([b"show", b"", b"a b", b"\xff"]))
    require(text == b"/tmp/checks|show||a b|\xff|HOME=/home|EMPTY=|", f"{text!r}")


def rights_of_a_mapping_are_reduced() -> None:
    request = launch([b"rights-of-5"])
    request.give(1, 5, Rights.WRITE | Rights.POLL)
    require_equal(run(request), int(Rights.WRITE | Rights.POLL), "rights")
    narrow = calls.handle_duplicate(1, Rights.WRITE | Rights.TRANSFER, CURRENT, 0)
    request.give(narrow, 5, Rights.READ | Rights.WRITE)
    require_equal(status_of(lambda: spawn(request)), int(Status.RIGHT_MISSING), "more rights than there are")
    calls.handle_close(narrow)


def spawn(request: Launch) -> None:
    request.start()


def a_failed_start_leaves_nothing() -> None:
    before = calls.handle_list(bytearray())
    missing = Launch(b"/tmp/nothing", [b"x"], [])
    require_equal(status_of(lambda: spawn(missing)), int(Status.NOT_FOUND), "missing file")
    calls.file_make(CURRENT, b"/tmp/text", FileKind.REGULAR, 0o755, 0)
    text = Launch(b"/tmp/text", [b"x"], [])
    text.flags = SpawnFlags.NEW_GROUP
    require_equal(status_of(lambda: spawn(text)), int(Status.NOT_EXECUTABLE), "no program")
    calls.file_remove(CURRENT, b"/tmp/text", RemoveFlags.NONE)
    foreign = launch([b"count-handles"])
    foreign.flags = SpawnFlags.JOIN_GROUP
    foreign.group = 9999
    require_equal(status_of(lambda: spawn(foreign)), int(Status.NOT_PERMITTED), "a group that is not there")
    bad = launch([b"count-handles"])
    bad.give(77, 1)
    require_equal(status_of(lambda: spawn(bad)), int(Status.BAD_HANDLE), "a handle that is not there")
    require_equal(calls.handle_list(bytearray()), before, "handles afterwards")
    require_equal(status_of(wait_any), int(Status.NO_CHILD), "children afterwards")


def wait_any() -> None:
    calls.task_wait_any(0, WaitOptions.ENDED, 0)


def a_task_handle_becomes_ready_at_the_end() -> None:
    pipe = calls.pipe_make(0)
    request = launch([b"wait-for-input"])
    request.give(int(pipe.first), 0)
    child = request.start()
    calls.handle_close(int(pipe.first))
    require_equal(status_of(lambda: wait_a_moment(child)), int(Status.TIMED_OUT), "while it runs")
    calls.handle_close(int(pipe.second))
    require_equal(wait_for(child.handle.slot, NEVER), int(Ready.READ), "after its end")
    require_equal(int(calls.task_query(child.handle.slot).state), int(TaskState.ENDED), "its state")
    require_equal(child.wait(), 0, "its status")


def wait_a_moment(child: Child) -> None:
    wait_for(child.handle.slot, calls.time_now(1) + SECOND // 1000)


def a_fault_ends_the_task() -> None:
    require_equal(run(launch([b"fault"])), 1000 + int(TaskEvent.BAD_ACCESS), "status")
    require_equal(run(launch([b"deep"])), 1000 + int(TaskEvent.BAD_ACCESS), "a stack that is full")


def a_program_is_replaced() -> None:
    require_equal(run(launch([b"replace"])), 7, "status of the new program")


def a_chosen_event_is_a_message() -> None:
    queue = calls.event_queue(1)
    calls.event_choose(EventSet.CHILD, EventChoice.MESSAGE)
    child = launch([b"exit", b"3"]).start()
    require_equal(wait_for(queue, NEVER), int(Ready.READ), "queue")
    require_equal(calls.stream_read(queue, bytearray(160)), 16, "bytes of messages")
    calls.event_choose(EventSet.CHILD, EventChoice.DEFAULT)
    require_equal(child.wait(), 3, "status")
    calls.handle_close(queue)


def a_group_stops_and_goes_on() -> None:
    pipe = calls.pipe_make(0)
    request = launch([b"wait-for-input"])
    request.give(int(pipe.first), 0)
    request.flags = SpawnFlags.NEW_GROUP
    child = request.start()
    calls.handle_close(int(pipe.first))
    require_equal(int(calls.task_query(child.handle.slot).group), child.number, "group")
    calls.task_send_group(child.number, TaskEvent.STOP)
    change = calls.task_wait_any(child.number, WaitOptions.STOPPED | WaitOptions.ENDED, NEVER)
    require_equal(int(change.state), int(ChildState.STOPPED), "state")
    calls.task_send_group(child.number, TaskEvent.CONTINUE)
    calls.handle_close(int(pipe.second))
    require_equal(child.wait(), 0, "status")
    calls.task_send_group(int(calls.task_query(CURRENT).group), TaskEvent.WINDOW)


def a_handle_travels_through_a_channel() -> None:
    ends = calls.channel_make(1)
    pipe = calls.pipe_make(0)
    request = launch([b"write-what-comes"])
    request.give(int(ends.second), 3)
    child = request.start()
    calls.handle_close(int(ends.second))
    calls.channel_write(int(ends.first), b"write this", int(pipe.second).to_bytes(4, "little"))
    require(read_all(int(pipe.first)) == b"write this", "what came through the pipe")
    require_equal(child.wait(), 0, "status")
    require_equal(status_of(lambda: calls.channel_write(int(ends.first), b"", b"")), int(Status.PEER_CLOSED), "afterwards")
    calls.handle_close(int(ends.first))
    calls.handle_close(int(pipe.first))


def memory_is_shared_with_a_child() -> None:
    shared = calls.memory_make(b"shared", PAGE_BYTES, 1)
    place = calls.memory_map(0, PAGE_BYTES, Protection.READ, MapFlags.SHARED, shared, 0)
    request = launch([b"write-to-3"])
    request.give(shared, 3)
    require_equal(run(request), 0, "status")
    require(start.memory(u64(place), 6) == b"shared", "what is in the memory")
    calls.memory_unmap(place, PAGE_BYTES)
    calls.handle_close(shared)


def a_child_begins_in_its_directory() -> None:
    calls.file_make(CURRENT, b"/tmp/inside", FileKind.DIRECTORY, 0o755, 0)
    request = launch([b"where"])
    request.directory = calls.file_open(CURRENT, b"/tmp/inside", Rights.SAME | Rights.READ, OpenFlags.DIRECTORY, 0)
    require(output_of(request) == b"/tmp/inside", "where it is")
    calls.handle_close(request.directory)
    calls.file_remove(CURRENT, b"/tmp/inside", RemoveFlags.DIRECTORY)


def a_trace_goes_where_it_was_asked_for() -> None:
    request = launch([b"exit", b"0"])
    pipe = calls.pipe_make(0)
    request.flags = SpawnFlags.TRACE
    request.trace = int(pipe.second)
    child = request.start()
    require_equal(child.wait(), 0, "status")
    calls.handle_close(int(pipe.second))
    text = read_all(int(pipe.first))
    require(b"native: task_exit(0)" in text and b"exited with 0" in text, f"{text!r}")
    calls.handle_close(int(pipe.first))


def a_linux_program_is_a_child_like_any() -> None:
    request = Launch(BUSYBOX, [b"sh", b"-c", b"echo $HOME; exit 5"], [b"HOME=/root"])
    text = output_of(request)
    require(text == b"/root\n", f"{text!r}")
    killed = Launch(BUSYBOX, [b"sh", b"-c", b"kill -9 $$"], [])
    require_equal(run(killed), 1000 + int(TaskEvent.END), "status of one that was ended")
    seen = Launch(b"/bin/busybox", [b"true"], [])
    require_equal(status_of(lambda: spawn(seen)), int(Status.NOT_FOUND), "/bin/busybox as native programs see it")
    seen.view = b"linux-riscv64"
    require_equal(run(seen), 0, "status of /bin/busybox as Linux programs see it")
    root = calls.view_open(b"linux-riscv64", 1)
    found = calls.file_metadata(root, b"/bin/busybox", 0)
    require_equal(int(found.kind), int(FileKind.REGULAR), "kind of /bin/busybox as Linux programs see it")
    calls.handle_close(root)


def sleeping_and_timers() -> None:
    begin = calls.time_now(1)
    calls.time_sleep(begin + SECOND // 100)
    timer = calls.timer_make(1)
    calls.timer_set(timer, begin + SECOND // 50, 0)
    wait_for(timer, NEVER)
    require(calls.time_now(1) >= begin + SECOND // 50, "it came too early")
    calls.handle_close(timer)


CHECKS: list[tuple[str, Callable[[], None]]] = [
    ("a child has only what it was given", a_child_has_only_what_it_was_given),
    ("inheriting leaves marked handles out", inheriting_leaves_marked_handles_out),
    ("arguments and environment arrive", arguments_and_environment_arrive),
    ("rights of a mapping are reduced", rights_of_a_mapping_are_reduced),
    ("a failed start leaves nothing", a_failed_start_leaves_nothing),
    ("a task handle becomes ready at the end", a_task_handle_becomes_ready_at_the_end),
    ("a fault ends the task", a_fault_ends_the_task),
    ("a program is replaced", a_program_is_replaced),
    ("a chosen event is a message", a_chosen_event_is_a_message),
    ("a group stops and goes on", a_group_stops_and_goes_on),
    ("a handle travels through a channel", a_handle_travels_through_a_channel),
    ("memory is shared with a child", memory_is_shared_with_a_child),
    ("a child begins in its directory", a_child_begins_in_its_directory),
    ("a trace goes where it was asked for", a_trace_goes_where_it_was_asked_for),
    ("a Linux program is a child like any", a_linux_program_is_a_child_like_any),
    ("sleeping and timers", sleeping_and_timers),
]


def check_all(only: bytes) -> None:
    """Those whose name begins so."""
    handles = calls.handle_list(bytearray())
    for name, check in CHECKS:
        if not name.encode().startswith(only):
            continue
        try:
            check()
            require_equal(calls.handle_list(bytearray()), handles, "handles left")
            say(f"ok {name}\n")
        except Wrong as wrong:
            say(f"wrong {name}: {wrong}\n")
        except StatusError as error:
            say(f"wrong {name}: {error.call}: {error}\n")


def say(text: str) -> None:
    calls.stream_write(1, text.encode())


# --- children -------------------------------------------------------------------------------------------------------------------


def child(words: list[bytes]) -> int:
    """What a child does; its exit status."""
    what = words[0]
    if what == b"count-handles":
        return calls.handle_list(bytearray())
    if what == b"show":
        for text in program.arguments + program.environment.settings():
            calls.stream_write(1, text + b"|")
        return 0
    if what == b"rights-of-5":
        return int(calls.handle_query(5).rights)
    if what == b"wait-for-input":
        read_all(0)
        return 0
    if what == b"fault":
        start.memory(u64(8), 1)
        return 0
    if what == b"deep":
        return deeper(1) & 1
    if what == b"replace":
        launch([b"exit", b"7"]).replace()
        return 1
    if what == b"exit":
        return int(words[1].decode())
    if what == b"write-what-comes":
        return write_what_comes()
    if what == b"write-to-3":
        calls.stream_write(3, b"shared")
        return 0
    if what == b"where":
        buffer = bytearray(100)
        calls.stream_write(1, bytes(buffer[: calls.view_directory(buffer)]))
        return 0
    return 100


def deeper(depth: int) -> int:
    """Until the stack ends."""
    return deeper(depth + 1) + depth


def write_what_comes() -> int:
    data = bytearray(100)
    numbers = bytearray(4)
    size = calls.channel_read(3, data, numbers)
    require_equal(int(size.handles), 1, "handles in the message")
    calls.stream_write(int.from_bytes(numbers, "little"), bytes(data[: int(size.data_bytes)]))
    return 0


if __name__ == "__main__":
    words = program.arguments[1:]
    if len(words) > 0 and words[0] != b"only":
        calls.task_exit(child(words))
    check_all(words[1] if len(words) > 1 else b"")
