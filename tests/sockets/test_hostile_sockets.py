"""Hostile programs with real sockets: every call that takes one, with bad pointers and wild numbers, gives a result or an errno.

tests/abi/test_hostile.py makes all calls, but without a socket they end at EBADF.
"""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from net.inet import family
from net.netlink import groups
from tests.abi.support import MEMORY_BASE
from tests.abi.test_hostile import BAD_POINTERS, BY_NAME, WILD, attempt, is_pointer
from tests.net.support import forget as forget_network
from tests.sockets.support import AF_INET, AF_NETLINK, DATAGRAM, NONBLOCK, RAW, SEQPACKET, STREAM, Sockets, run, unix

CALLS = [
    "accept", "accept4", "bind", "connect", "fcntl", "getpeername", "getsockname", "getsockopt", "ioctl", "listen", "read", "readv",
    "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "write", "writev",
]  # fmt: skip


def furnish(sockets: Sockets) -> list[int]:
    """A socket of each kind that never waits, with something to receive."""
    forget_network()
    family.start()
    groups.start()
    fds: list[int] = []
    for kind in (STREAM, DATAGRAM, SEQPACKET):
        left, right = sockets.pair(kind | NONBLOCK)
        sockets.send_rights(right, right if kind == DATAGRAM else left, data=b"something")
        sockets.send_rights(left, left, data=b"something")
        fds += [left, right]
    listener = sockets.listener(STREAM | NONBLOCK, unix("@hostile"))
    sockets.connect(sockets.socket(STREAM | NONBLOCK), unix("@hostile"))
    fds += [listener, sockets.socket(STREAM | NONBLOCK), sockets.socket(RAW | NONBLOCK, AF_NETLINK)]
    fds += [sockets.socket(DATAGRAM | NONBLOCK, AF_INET), sockets.socket(RAW | NONBLOCK, AF_INET, 1)]
    return fds


@pytest.mark.parametrize("name", CALLS)
def test_bad_pointers(name: str) -> None:
    call = BY_NAME[name]

    def body(sockets: Sockets) -> None:
        pointers = [index for index in range(len(call.parameters)) if is_pointer(call, index)]
        for fd in furnish(sockets):
            for bad in BAD_POINTERS if pointers else [0]:
                for chosen in [[index] for index in pointers] + [pointers]:
                    arguments = [16] * len(call.parameters)
                    arguments[0] = fd
                    for index in pointers:
                        arguments[index] = bad if index in chosen else MEMORY_BASE + 64
                    attempt(sockets.program, call, arguments)
        forget_network()

    run(body)


HEADER = st.builds(
    lambda words: struct.pack("<8Q", *words),
    st.lists(st.one_of(st.sampled_from([MEMORY_BASE, MEMORY_BASE + 64, *BAD_POINTERS]), st.integers(0, 40), WILD), min_size=8, max_size=8),
)
CONTROL = st.builds(
    lambda length, level, kind, rest: struct.pack("<Qii", length, level, kind) + rest,
    st.one_of(st.integers(0, 60), WILD), st.sampled_from([0, 1, 270]), st.integers(0, 12), st.binary(max_size=40),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    memory=st.lists(st.one_of(HEADER, CONTROL, st.binary(max_size=64)), max_size=6),
    rounds=st.lists(
        st.tuples(st.sampled_from(CALLS), st.integers(0, 10), st.lists(st.one_of(WILD, st.integers(0, 130)), min_size=5, max_size=5)),
        min_size=5,
        max_size=30,
    ),
)
def test_wild_arguments(memory: list[bytes], rounds: list[tuple[str, int, list[int]]]) -> None:
    def body(sockets: Sockets) -> None:
        fds = furnish(sockets)
        sockets.program.next = MEMORY_BASE
        for piece in memory:
            sockets.program.put(piece)
        for name, which, arguments in rounds:
            attempt(sockets.program, BY_NAME[name], [fds[which], *arguments])
        forget_network()

    run(body)
