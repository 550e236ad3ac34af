"""Descriptors in messages: how many arrive, and that none can keep a socket alive for ever. (unix(7), SCM_RIGHTS)"""

import gc

import pytest

from net.unix import inflight
from objects.credentials import Credentials
from objects.limits import Resource
from objects.object import KernelObject
from tests.sockets.support import (
    CTRUNC,
    DATAGRAM,
    DUP,
    EBADF,
    EINVAL,
    ETOOMANYREFS,
    FCNTL,
    NONBLOCK,
    SEQPACKET,
    STREAM,
    Message,
    Sockets,
    control,
    run,
    unix,
)  # fmt: skip

KINDS = [STREAM, DATAGRAM, SEQPACKET]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("room", "count"), [(40, 3), (32, 3), (24, 2), (20, 1), (16, 0), (8, 0), (0, 0)])
def test_descriptors_that_find_no_room_are_closed(kind: int, room: int, count: int) -> None:
    """The counts and flags are those of Linux."""

    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(kind)
        one, other = sockets.pair(STREAM)
        assert sockets.send_rights(left, other, other, other) == 1
        sockets.close(other)
        message = sockets.message(right, room=room)
        assert len(message.rights) == count
        assert message.flags == (0 if count == 3 else CTRUNC)
        assert (sockets.events(one) & 0x10 != 0) == (count == 0)

    run(body)


def test_a_process_that_may_open_no_more_gets_what_fits() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)
        assert sockets.send_rights(left, left, left, left) == 1
        sockets.program.task.handles.limit = right + 3
        message = sockets.message(right)
        assert len(message.rights) == 2 and message.flags == CTRUNC

    run(body)


def test_a_message_longer_than_its_room_is_malformed() -> None:
    def body(sockets: Sockets) -> None:
        left, _right = sockets.pair(STREAM)
        assert sockets.send_message(left, b"x", control(1, left)[:-4]) == 1
        for length in (15, 200, 1 << 33):
            header = length.to_bytes(8, "little") + control(1, left)[8:]
            assert sockets.send_message(left, b"x", header) == EINVAL
        assert sockets.send_rights(left, *[left] * 254) == EINVAL
        assert sockets.send_rights(left, *[left] * 253) == 1
        assert sockets.send_rights(left, 77) == EBADF

    run(body)


def test_flags_of_a_socket_are_shared_with_who_receives_it() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)
        one, _other = sockets.pair(STREAM)
        assert sockets.send_rights(left, one) == 1
        [copy] = sockets.message(right).rights
        assert sockets.program.call(FCNTL, copy, 4, NONBLOCK) == 0
        assert sockets.program.call(FCNTL, one, 3, 0) & NONBLOCK

    run(body)


# --- cycles ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_socket_is_sent_to_itself(kind: int) -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(kind)
        assert sockets.send_rights(left, right) == ETOOMANYREFS
        assert sockets.send_rights(left, left) == 1, "who sends is not who receives"

    run(body)


@pytest.mark.parametrize("kind", KINDS)
def test_two_sockets_do_not_hold_each_other(kind: int) -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(kind)
        one, other = sockets.pair(kind)
        assert sockets.send_rights(left, other) == 1  # right's queue holds other
        assert sockets.send_rights(one, right) == ETOOMANYREFS  # other's would hold right
        assert sockets.send_rights(one, left) == 1

    run(body)


def test_a_ring_of_many_is_found() -> None:
    def body(sockets: Sockets) -> None:
        pairs = [sockets.pair(STREAM) for _ in range(6)]
        for here, there in zip(pairs, pairs[1:], strict=False):
            assert sockets.send_rights(here[0], there[1]) == 1
        assert sockets.send_rights(pairs[-1][0], pairs[0][1]) == ETOOMANYREFS
        for left, right in pairs:
            sockets.close(left, right)

    run(body)


def test_a_listening_socket_is_not_held_by_its_own_backlog() -> None:
    def body(sockets: Sockets) -> None:
        listener = sockets.listener(STREAM, unix("@here"))
        client = sockets.socket(STREAM)
        assert sockets.connect(client, unix("@here")) == 0
        assert sockets.send_rights(client, listener) == ETOOMANYREFS
        accepted = sockets.accept(listener)
        assert sockets.send_rights(client, listener) == 1
        assert sockets.send_rights(accepted, listener) == 1

    run(body)


def test_chains_of_any_length_close() -> None:
    """Each socket lies in the queue of the one before it: closing the first closes all, one after the other."""

    def body(sockets: Sockets) -> None:
        first, inner = sockets.pair(STREAM)
        for _ in range(600):
            left, right = sockets.pair(STREAM)
            assert sockets.send_rights(first, right) == 1
            sockets.close(first, right)
            first = left
        sockets.close(first, inner)

    run(body)


# --- limits -----------------------------------------------------------------------------------------------------------------------


def test_an_unprivileged_user_has_no_more_in_flight_than_may_be_open() -> None:
    def body(sockets: Sockets) -> None:
        task = sockets.program.task
        left, right = sockets.pair(STREAM)
        task.process.limits.set(Resource.OPEN_FILES, 20, 20, privileged=True)
        before = task.process.credentials
        task.process.credentials = Credentials(5, 5)
        task.refresh()
        sent = [sockets.send_rights(left, left, left) for _ in range(12)]
        assert sent == [1] * 11 + [ETOOMANYREFS]
        assert len(sockets.message(right).rights) == 2
        assert sockets.send_rights(left, left) == 1
        task.process.credentials = before
        task.refresh()
        assert sockets.send_rights(left, left) == 1, "another user, and a privileged one"

    run(body)


# --- planted mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("looks", ["nowhere", "not into queues"])
def test_a_kernel_that_does_not_see_cycles_is_caught(looks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistake(object: KernelObject, end: KernelObject) -> bool:
        return looks != "nowhere" and object is end

    monkeypatch.setattr(inflight, "leads_to", mistake)
    with pytest.raises(AssertionError):
        test_two_sockets_do_not_hold_each_other(STREAM)
    gc.collect()


def test_messages_that_are_received_name_their_rights() -> None:
    """The helper of these tests itself: two control messages in one."""
    message = Message(b"", 0, control(2, 1, 2, 3) + control(1, 7, 8), b"")
    assert message.rights == [7, 8] and message.identity == (1, 2, 3)


def test_a_duplicate_outlives_what_was_sent() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(DATAGRAM)
        copy = sockets.program.call(DUP, left)
        assert sockets.send_rights(left, left) == 1
        sockets.close(left)
        [arrived] = sockets.message(right).rights
        sockets.close(copy)
        assert sockets.send(arrived, b"still there") == 11
        assert sockets.receive(right) == b"still there"

    run(body)
