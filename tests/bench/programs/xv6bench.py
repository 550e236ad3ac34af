"""xv6bench [NAME...]: how long calls of the xv6 ABI take, in microseconds, a line each: `name value us`.

There is no finer clock than uptime's ten ticks a second, so that each thing is done twice as often until it takes two seconds.
`xv6bench exit` ends at once: that is the program that fork_exec_wait starts.
"""

from collections.abc import Callable
from typing import Final

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, say

TICK_US: Final = 100_000
LONG_ENOUGH: Final = 20
"""Ticks."""


def null_call(times: int) -> None:
    for _ in range(times):
        calls.getpid()


def open_close(times: int) -> None:
    for _ in range(times):
        calls.close(calls.open(b"README", calls.O_RDONLY))


def fork_exit_wait(times: int) -> None:
    for _ in range(times):
        if calls.fork() == 0:
            calls.exit(0)
        calls.wait()


def fork_exec_wait(times: int) -> None:
    program = arguments()[0]
    for _ in range(times):
        if calls.fork() == 0:
            calls.exec(program, [program, b"exit"])
            calls.exit(1)
        if calls.wait().status != 0:
            say(b"exec failed\n")
            calls.exit(1)


def pipe_rtt(times: int) -> None:
    """A byte there and back, between two processes."""
    there = calls.pipe()
    back = calls.pipe()
    byte = bytearray(1)
    if calls.fork() == 0:
        for _ in range(times):
            calls.read(there[0], byte)
            calls.write(back[1], b"x")
        calls.exit(0)
    for _ in range(times):
        calls.write(there[1], b"x")
        calls.read(back[0], byte)
    calls.wait()
    for fd in (there[0], there[1], back[0], back[1]):
        calls.close(fd)


def sbrk_touch(times: int) -> None:
    """16 pages more and less."""
    for _ in range(times):
        calls.sbrk(16 * 4096)
        calls.sbrk(-16 * 4096)


BENCHMARKS: Final[list[tuple[str, Callable[[int], None]]]] = [
    ("null_call", null_call),
    ("open_close", open_close),
    ("fork_exit_wait", fork_exit_wait),
    ("fork_exec_wait", fork_exec_wait),
    ("pipe_rtt", pipe_rtt),
    ("sbrk_touch", sbrk_touch),
]


def measure(name: str, body: Callable[[int], None]) -> None:
    """Print how long once takes, in microseconds with three decimals."""
    times = 16
    while True:
        begin = next_tick()
        body(times)
        ticks = calls.uptime() - begin
        if ticks >= LONG_ENOUGH:
            break
        times *= 2
    thousandths = ticks * TICK_US * 1000 // times
    say(f"{name} {thousandths // 1000}.{thousandths % 1000:03d} us\n".encode())


def next_tick() -> int:
    """The tick that has just begun."""
    before = calls.uptime()
    while calls.uptime() == before:
        pass
    return before + 1


def main() -> int:
    wanted = [word.decode() for word in arguments()[1:]]
    if wanted == ["exit"]:
        return 0
    calls.close(calls.open(b"README", calls.O_WRONLY | calls.O_CREATE))
    for name, body in BENCHMARKS:
        if len(wanted) == 0 or name in wanted:
            measure(name, body)
    return 0


calls.exit(main())
