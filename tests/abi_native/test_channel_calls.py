"""Channels, pipes: messages travel whole, handles travel with the rights they have, and nothing is left behind."""

import weakref

from abi_modules.native.interface import CURRENT, NEVER, OpenFlags, Ready, Rights, StreamFlags, WaitEntry
from abi_modules.native.status import Status
from objects.channel import make_channel
from objects.handle import HandleTable
from objects.object import Rights as ObjectRights
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.user import calls
from tests.abi_native.support import Program, native, refused
from tests.objects import support

SLOT = 4


def slots(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(SLOT, "little") for number in numbers)


def make(path: bytes, rights: int = Rights.SAME | Rights.READ | Rights.WRITE) -> int:
    return calls.file_open(CURRENT, path, rights, OpenFlags.CREATE, 0o644)


def receive(end: int, room: int = 100, handles: int = 4) -> tuple[bytes, list[int]]:
    data, numbers = bytearray(room), bytearray(handles * SLOT)
    size = calls.channel_read(end, data, numbers)
    got = [int.from_bytes(numbers[at * SLOT : (at + 1) * SLOT], "little") for at in range(size.handles)]
    return bytes(data[: size.data_bytes]), got


def test_messages_keep_their_borders_and_order() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        for text in (b"one", b"", b"three"):
            calls.channel_write(ends.first, text, b"")
        assert [receive(ends.second)[0] for _ in range(3)] == [b"one", b"", b"three"]
        calls.channel_write(ends.second, b"back", b"")
        assert receive(ends.first) == (b"back", [])

    native(body)


def test_a_handle_leaves_the_sender_with_its_rights() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        file = make(b"/f")
        calls.stream_write(file, b"text")
        calls.handle_restrict(file, Rights.READ | Rights.SEEK | Rights.TRANSFER)
        calls.channel_write(ends.first, b"take it", slots(file))
        assert refused(lambda: calls.stream_seek(file, 0, 0)) == Status.BAD_HANDLE
        text, got = receive(ends.second)
        assert (text, got) == (b"take it", [file])
        assert calls.handle_query(got[0]).rights == Rights.READ | Rights.SEEK | Rights.TRANSFER
        assert refused(lambda: calls.stream_write(got[0], b"x")) == Status.RIGHT_MISSING
        room = bytearray(10)
        assert calls.stream_read_at(got[0], room, 0) == 4

    native(body)


def test_all_of_a_message_is_sent_or_nothing() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        good, fixed = make(b"/a"), make(b"/b")
        calls.handle_restrict(fixed, Rights.READ)
        for wrong, status in ((slots(good, fixed), Status.RIGHT_MISSING), (slots(good, 99), Status.BAD_HANDLE)):
            assert refused(lambda wrong=wrong: calls.channel_write(ends.first, b"x", wrong)) == status  # type: ignore[misc]
        assert refused(lambda: calls.channel_write(ends.first, b"x", slots(good, good))) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.channel_write(ends.first, b"x", b"abc")) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.channel_write(ends.first, bytes(65537), b"")) == Status.TOO_LARGE
        assert calls.handle_query(good).rights & Rights.TRANSFER
        calls.stream_set_flags(ends.second, StreamFlags.NO_WAIT)
        assert refused(lambda: receive(ends.second)) == Status.WOULD_WAIT

    native(body)


def test_a_message_that_does_not_fit_stays() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        calls.channel_write(ends.first, b"12345", slots(make(b"/f")))
        assert refused(lambda: receive(ends.second, room=4)) == Status.BUFFER_TOO_SMALL
        assert refused(lambda: receive(ends.second, handles=0)) == Status.BUFFER_TOO_SMALL
        assert receive(ends.second, room=5, handles=1)[0] == b"12345"

    native(body)


def test_no_free_slot_leaves_the_message_in_the_channel() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        first, second = make(b"/a"), make(b"/b")
        calls.channel_write(ends.first, b"", slots(first, second))
        program.task.handles.limit = 3
        assert refused(lambda: receive(ends.second)) == Status.LIMIT_REACHED
        assert calls.handle_list(bytearray()) == 2
        program.task.handles.limit = 10
        assert receive(ends.second)[1] == [2, 3]

    native(body)


def test_the_last_message_comes_before_the_end() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        calls.channel_write(ends.first, b"last", b"")
        calls.handle_close(ends.first)
        assert receive(ends.second)[0] == b"last"
        assert refused(lambda: receive(ends.second)) == Status.PEER_CLOSED
        assert refused(lambda: calls.channel_write(ends.second, b"x", b"")) == Status.PEER_CLOSED

    native(body)


def test_reader_and_writer_wait_for_one_another() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        seen: list[bytes] = []

        def reader(child: Program) -> None:
            calls.handle_close(ends.first)
            while True:
                try:
                    seen.append(receive(ends.second)[0])
                except Exception:
                    return

        program.child(reader)
        support.pause()
        for index in range(200):  # more than the queue holds
            calls.channel_write(ends.first, b"%d" % index, b"")
        calls.handle_close(ends.second)
        calls.handle_close(ends.first)
        support.wait(program.task)
        assert seen == [b"%d" % index for index in range(200)]

    native(body)


def test_readiness_of_a_channel() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)

        def ready(slot: int) -> int:
            entries = bytearray(WaitEntry(handle=slot, wanted=Ready.READ | Ready.WRITE).pack())
            calls.wait_many(entries, NEVER)
            return int(WaitEntry.parse(bytes(entries)).found)

        assert ready(ends.first) == Ready.WRITE
        calls.channel_write(ends.second, b"x", b"")
        assert ready(ends.first) == Ready.READ | Ready.WRITE
        calls.handle_close(ends.second)
        assert ready(ends.first) == Ready.READ | Ready.CLOSED

    native(body)


def test_closing_a_channel_closes_what_is_in_it() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        pipe = calls.pipe_make(0)
        calls.channel_write(ends.first, b"", slots(pipe.second))
        calls.handle_close(ends.second)
        assert calls.stream_read(pipe.first, bytearray(1)) == 0

    native(body)


def test_no_channel_keeps_itself_alive() -> None:
    def body(program: Program) -> None:
        ends = calls.channel_make(0)
        assert refused(lambda: calls.channel_write(ends.first, b"", slots(ends.second))) == Status.DEADLOCK
        other = calls.channel_make(0)
        calls.channel_write(ends.first, b"", slots(other.second))
        assert refused(lambda: calls.channel_write(other.first, b"", slots(ends.second))) == Status.DEADLOCK
        calls.channel_write(other.first, b"", slots(ends.first))
        assert receive(ends.second)[1]

    native(body)


def test_a_linux_program_can_use_an_end_as_a_stream() -> None:
    def body(program: Program) -> None:
        ends = make_channel()
        assert (ends[0].metadata().mode, ends[0].link_text()) == (0o600, b"anon_inode:[channel]")
        assert ends[0].write(KernelBytes(bytearray(b"message"))) == 7
        room = bytearray(4)
        assert (ends[1].available(), ends[1].read(KernelBytes(room)), bytes(room)) == (7, 4, b"mess")
        del ends

    native(body)


def test_an_end_dies_with_its_last_handle() -> None:
    ends = make_channel()
    table = HandleTable()
    slot = table.allocate(ends[1], ObjectRights.TRANSFER)
    other = make_channel()
    other[0].send_from(table, b"", [slot])
    death = weakref.ref(ends[1])
    del ends
    assert death() is not None
    del other
    assert death() is None


def test_pipe_ends_have_one_direction() -> None:
    def body(program: Program) -> None:
        ends = calls.pipe_make(0)
        assert calls.stream_write(ends.second, b"abc") == 3
        assert calls.stream_available(ends.first) == 3
        assert refused(lambda: calls.stream_write(ends.first, b"x")) == Status.RIGHT_MISSING
        assert refused(lambda: calls.stream_read(ends.second, bytearray(1))) == Status.RIGHT_MISSING
        assert refused(lambda: calls.stream_seek(ends.first, 0, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.channel_write(ends.first, b"", b"")) == Status.RIGHT_MISSING
        assert refused(lambda: calls.channel_write(ends.second, b"", b"")) == Status.WRONG_TYPE

    native(body)
