"""The kernel log's ring and its console."""

from collections.abc import Iterator
from io import BytesIO

import pytest

from scarlet.kernel import log
from scarlet.machine.hosted import world


@pytest.fixture
def console() -> Iterator[BytesIO]:
    stream = BytesIO()
    before = world.install(world.World(1 << 20, log=stream))
    yield stream
    log.set_console_level(log.Level.INFO)
    world.install(before)


def test_lines_reach_ring_and_console_with_their_time(console: BytesIO) -> None:
    log.warn("something")
    assert log.lines()[-1].text == "something"
    assert console.getvalue().startswith(b"[    0.")
    assert console.getvalue().endswith(b"] something\n")


def test_console_shows_only_its_level_and_worse(console: BytesIO) -> None:
    log.set_console_level(log.Level.WARNING)
    log.info("chatter")
    log.error("trouble")
    assert b"chatter" not in console.getvalue()
    assert b"trouble" in console.getvalue()
    assert [line.text for line in log.lines()[-2:]] == ["chatter", "trouble"]


def test_ring_keeps_the_last_lines_in_order(console: BytesIO) -> None:
    for number in range(log.CAPACITY + 10):
        log.debug(str(number))
    kept = log.lines()
    assert [line.text for line in kept] == [str(number) for number in range(10, log.CAPACITY + 10)]
    assert [line.text for line in log.lines(kept[-1].sequence)] == [str(log.CAPACITY + 9)]
