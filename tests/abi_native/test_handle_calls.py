"""1xx: rights, duplicates, roles, what is asked about handles."""

from abi_modules.native.interface import (
    CURRENT,
    Capabilities,
    FileKind,
    HandleFlags,
    ObjectType,
    OpenFlags,
    Rights,
    Role,
)
from abi_modules.native.status import Status
from scarlet.user import calls
from tests.abi_native.support import Program, native, refused

NEW = OpenFlags.CREATE | OpenFlags.EXCLUSIVE
BOTH = Rights.READ | Rights.WRITE


def make(path: bytes = b"/f", rights: int = Rights.SAME | BOTH) -> int:
    return calls.file_open(CURRENT, path, rights, NEW, 0o644)


def test_duplicate_with_fewer_rights_cannot_do_more() -> None:
    def body(program: Program) -> None:
        handle = make()
        reader = calls.handle_duplicate(handle, Rights.READ | Rights.DUPLICATE, CURRENT, HandleFlags.NONE)
        assert reader == handle + 1
        assert calls.stream_write(handle, b"abc") == 3
        assert refused(lambda: calls.stream_write(reader, b"abc")) == Status.RIGHT_MISSING
        assert refused(lambda: calls.stream_seek(reader, 0, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.handle_duplicate(reader, Rights.WRITE, CURRENT, 0)) == Status.RIGHT_MISSING
        copy = calls.handle_duplicate(reader, Rights.SAME, CURRENT, 0)
        assert calls.handle_query(copy).rights == Rights.READ | Rights.DUPLICATE
        bare = calls.handle_duplicate(reader, Rights.READ, CURRENT, 0)
        assert refused(lambda: calls.handle_duplicate(bare, Rights.SAME, CURRENT, 0)) == Status.RIGHT_MISSING

    native(body)


def test_duplicate_to_a_slot_closes_what_it_held() -> None:
    def body(program: Program) -> None:
        first, second = make(b"/a"), make(b"/b")
        assert calls.handle_duplicate(first, Rights.SAME, second, HandleFlags.CLOSE_ON_REPLACE) == second
        calls.stream_write(second, b"x")
        assert program.tree.stat(b"/a").size == 1
        assert calls.handle_query(second).flags == HandleFlags.CLOSE_ON_REPLACE
        assert calls.handle_duplicate(first, Rights.SAME, 40, 0) == 40
        assert refused(lambda: calls.handle_duplicate(first, Rights.SAME, 1 << 20, 0)) == Status.LIMIT_REACHED
        assert refused(lambda: calls.handle_duplicate(first, Rights.SAME, -2, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.handle_duplicate(99, Rights.SAME, 3, 0)) == Status.BAD_HANDLE
        assert refused(lambda: calls.handle_duplicate(first, 1 << 20, 3, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.handle_duplicate(first, Rights.SAME, 3, 2)) == Status.INVALID_ARGUMENT

    native(body)


def test_restricting_is_for_good() -> None:
    def body(program: Program) -> None:
        handle = make()
        calls.handle_restrict(handle, Rights.WRITE | Rights.SEEK)
        assert calls.handle_query(handle).rights == Rights.WRITE | Rights.SEEK
        assert refused(lambda: calls.handle_restrict(handle, BOTH)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.stream_read(handle, bytearray(1))) == Status.RIGHT_MISSING
        calls.handle_restrict(handle, Rights.NONE)
        assert refused(lambda: calls.stream_write(handle, b"x")) == Status.RIGHT_MISSING
        calls.handle_close(handle)
        assert refused(lambda: calls.handle_close(handle)) == Status.BAD_HANDLE

    native(body)


def test_query_names_the_object() -> None:
    def body(program: Program) -> None:
        file = calls.handle_query(make())
        assert (file.type, file.role) == (ObjectType.FILE, Role.NONE)
        assert file.capabilities == Capabilities.STREAM | Capabilities.SEEK | Capabilities.MAP | Capabilities.METADATA
        calls.file_make(CURRENT, b"/d", FileKind.DIRECTORY, 0o755, 0)
        directory = calls.file_open(CURRENT, b"/d", Rights.READ, OpenFlags.DIRECTORY, 0)
        assert calls.handle_query(directory).type == ObjectType.DIRECTORY
        place = calls.file_open(CURRENT, b"/d", Rights.METADATA, OpenFlags.PLACE, 0)
        assert calls.handle_query(place).type == ObjectType.PLACE
        pipe = calls.pipe_make(0)
        assert calls.handle_query(pipe.first).type == ObjectType.PIPE
        assert not calls.handle_query(pipe.first).rights & Rights.WRITE
        channel = calls.channel_make(0)
        assert calls.handle_query(channel.second).type == ObjectType.CHANNEL
        assert calls.handle_query(calls.event_make(0)).type == ObjectType.EVENT
        assert calls.handle_query(calls.timer_make(0)).type == ObjectType.TIMER
        assert calls.handle_query(calls.event_queue(0)).type == ObjectType.EVENT_QUEUE
        assert calls.handle_query(calls.task_open(1)).type == ObjectType.TASK

    native(body)


def test_roles_and_flags_belong_to_the_handle() -> None:
    def body(program: Program) -> None:
        handle = make()
        copy = calls.handle_duplicate(handle, Rights.SAME, CURRENT, 0)
        calls.handle_set_role(handle, Role.STDERR)
        calls.handle_set_flags(copy, HandleFlags.CLOSE_ON_REPLACE)
        assert (calls.handle_query(handle).role, calls.handle_query(copy).role) == (Role.STDERR, Role.NONE)
        assert (calls.handle_query(handle).flags, calls.handle_query(copy).flags) == (0, 1)
        assert refused(lambda: calls.handle_set_role(handle, 4)) == Status.INVALID_ARGUMENT

    native(body)


def test_list_tells_how_many_there_are() -> None:
    def body(program: Program) -> None:
        handles = [make(b"/%d" % index) for index in range(3)]
        room = bytearray(8)
        assert calls.handle_list(room) == 3
        assert room == b"".join(slot.to_bytes(4, "little") for slot in handles[:2])
        assert calls.handle_list(bytearray()) == 3

    native(body)
