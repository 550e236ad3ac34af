"""sbrk, and what happens to a process that touches what is not its own."""

from typing import Final

from scarlet.lang import u64
from scarlet.machine.ecall import load_byte, store_byte
from scarlet.xv6 import calls
from scarlet.xv6.checks.harness import BAD_ADDRESSES, FAILURE, KILLED, Check, child, ecall, require, require_equal, write_file

PAGE: Final = 4096
MEGABYTE: Final = 1 << 20
MEMORY: Final = 128 * MEGABYTE


def end() -> int:
    """Where the process ends."""
    return calls.sbrk(0)


def touch(address: int) -> None:
    """Read a byte."""
    load_byte(u64(address))


def change(address: int) -> None:
    """Write a byte."""
    store_byte(u64(address), 1)


def require_killed(body: Check, what: str) -> None:
    require_equal(child(body), KILLED, what)


def sbrk_gives_memory() -> None:
    old = end()
    require_equal(calls.sbrk(2 * PAGE + 5), old, "sbrk")
    require_equal(end(), old + 2 * PAGE + 5, "the new end")
    for address in (old, old + PAGE, old + 2 * PAGE + 4):
        require_equal(load_byte(u64(address)), 0, "new memory")
        store_byte(u64(address), 0x58)
        require_equal(load_byte(u64(address)), 0x58, "what was stored")


def sbrk_takes_memory_back() -> None:
    calls.sbrk(-end() % PAGE)
    old = calls.sbrk(3 * PAGE)
    store_byte(u64(old + PAGE), 0x58)
    require_equal(calls.sbrk(-2 * PAGE), old + 3 * PAGE, "sbrk of a negative number")
    require_equal(end(), old + PAGE, "the end")
    require_killed(lambda: touch(old + PAGE), "beyond the end")
    require_equal(calls.sbrk(PAGE), old + PAGE, "sbrk again")
    require_equal(load_byte(u64(old + PAGE)), 0, "it is zero again")


def sbrk_stops_at_128_megabytes() -> None:
    old = end()
    for increment in (MEMORY, 0x7FFF_FFFF, 0x4000_0000):
        require_equal(calls.sbrk(increment), FAILURE, f"sbrk({increment})")
    require_equal(end(), old, "the end has not moved")
    count = 0
    while calls.sbrk(8 * MEGABYTE) >= 0:
        count += 1
    require_equal(count, 15, "times 8 MiB")


def lazy_memory_stops_where_addresses_end() -> None:
    old = end()
    count = 0
    while calls.sbrk(0x4000_0000, calls.SBRK_LAZY) >= 0:
        count += 1
    require_equal(count, 255, "times 1 GiB")
    store_byte(u64(old + (count << 30) - 1), 0x58)
    for _ in range(count):
        calls.sbrk(-0x4000_0000)
    require_equal(end(), old, "back where it began")
    require_killed(lambda: touch(old + PAGE), "memory that was given back")


def sbrk_cannot_go_below_nothing() -> None:
    old = end()
    require_equal(calls.sbrk(-old - 1), FAILURE, "sbrk")
    require_equal(end(), old, "the end has not moved")


def a_process_can_give_up_all_its_memory() -> None:
    require_killed(lambda: require_equal(calls.sbrk(-end()), 0, "it never gets here"), "without memory")
    require_killed(lambda: require_equal(calls.sbrk(-(end() - 100)), 0, "it never gets here"), "with its first page")


def lazy_memory_comes_when_touched() -> None:
    old = calls.sbrk(64 * MEGABYTE, calls.SBRK_LAZY)
    require(old >= 0, "sbrk")
    for megabyte in range(0, 64, 16):
        address = u64(old + megabyte * MEGABYTE)
        require_equal(load_byte(address), 0, "new memory")
        store_byte(address, 0x58)
    write_file(b"a", b"from a file")
    fd = calls.open(b"a", calls.O_RDONLY)
    place = u64(old + 5 * MEGABYTE - 3)
    require_equal(ecall(calls.SYS_READ, u64(fd), place, 100), 11, "read into untouched memory")
    require_equal(load_byte(u64(place + 10)), 0x65, "what was read")


def fork_copies_new_memory() -> None:
    old = calls.sbrk(PAGE)
    store_byte(u64(old), 1)
    require_equal(child(lambda: store_byte(u64(old), 2)), 0, "the child")
    require_equal(load_byte(u64(old)), 1, "the parent's byte")

    def grow() -> None:
        calls.sbrk(PAGE)

    child(grow)
    require_equal(end(), old + PAGE, "the parent's end")


def foreign_addresses_kill() -> None:
    for address in BAD_ADDRESSES:
        require_foreign(address)


def require_foreign(address: u64) -> None:
    """Neither to be read nor to be written."""

    def load() -> None:
        load_byte(address)

    require_killed(load, f"reading 0x{address:x}")
    require_killed(lambda: store_byte(address, 1), f"writing 0x{address:x}")


def the_program_cannot_be_changed() -> None:
    touch(0)
    require_killed(lambda: change(0), "writing to the text")
    require_equal(child(lambda: require_equal(ecall(calls.SYS_PIPE, 0), FAILURE, "pipe into the text")), 0, "a call that writes there")


def memory_ends_where_it_ends() -> None:
    calls.sbrk(-end() % PAGE)
    last = end()
    touch(last - 1)
    require_killed(lambda: touch(last), "behind the end")
    require_killed(lambda: change(last + PAGE), "far behind the end")


def the_stack_cannot_overflow_into_anything() -> None:
    require_killed(lambda: require(deep(1 << 40) == 0, "it never gets here"), "endless recursion")


def deep(level: int) -> int:
    """Endless recursion, for all that matters; the sum keeps every level's frame."""
    return 0 if level == 0 else deep(level - 1) + level


CHECKS: Final[list[tuple[str, Check]]] = [
    ("sbrk_gives_memory", sbrk_gives_memory),
    ("sbrk_takes_memory_back", sbrk_takes_memory_back),
    ("sbrk_stops_at_128_megabytes", sbrk_stops_at_128_megabytes),
    ("lazy_memory_stops_where_addresses_end", lazy_memory_stops_where_addresses_end),
    ("sbrk_cannot_go_below_nothing", sbrk_cannot_go_below_nothing),
    ("a_process_can_give_up_all_its_memory", a_process_can_give_up_all_its_memory),
    ("lazy_memory_comes_when_touched", lazy_memory_comes_when_touched),
    ("fork_copies_new_memory", fork_copies_new_memory),
    ("foreign_addresses_kill", foreign_addresses_kill),
    ("the_program_cannot_be_changed", the_program_cannot_be_changed),
    ("memory_ends_where_it_ends", memory_ends_where_it_ends),
    ("the_stack_cannot_overflow_into_anything", the_stack_cannot_overflow_into_anything),
]
