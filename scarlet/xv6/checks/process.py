"""fork, exit, wait, kill, getpid, exec, sleep, uptime."""

from typing import Final

from scarlet.machine.ecall import address_of, address_of_array
from scarlet.xv6 import calls
from scarlet.xv6.checks.harness import (
    BAD_ADDRESSES,
    FAILURE,
    KILLED,
    Check,
    child,
    ecall,
    read_file,
    require,
    require_equal,
    write_file,
)

MAX_PROCESSES: Final = 64
MAX_ARGUMENTS: Final = 31
MAX_PATH: Final = 127
STACK_BYTES: Final = 4096


def fork_copies_memory() -> None:
    cell = bytearray(b"before")

    def change() -> None:
        cell[0] = 0x58

    require_equal(child(change), 0, "the child's status")
    require(cell == b"before", "the child's write is seen by the parent")


def getpid_is_what_fork_gave() -> None:
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        calls.write(ends[1], str(calls.getpid()).encode())
        calls.exit(0)
    calls.wait()
    text = bytearray(16)
    count = calls.read(ends[0], text)
    require_equal(int(bytes(text[:count]).decode()), pid, "getpid in the child")
    require(calls.getpid() != pid, "parent and child have one number")


def wait_tells_all_bits_of_the_status() -> None:
    for status in (0, 1, -1, 255, 256, -256, 0x12345678, 0x7FFFFFFF, -0x80000000):
        pid = calls.fork()
        if pid == 0:
            calls.exit(status)
        ended = calls.wait()
        require_equal(ended.pid, pid, "wait")
        require_equal(ended.status, status, "status")


def wait_without_children_fails() -> None:
    require_equal(calls.wait().pid, FAILURE, "wait")


def wait_takes_a_null_address() -> None:
    pid = calls.fork()
    if pid == 0:
        calls.exit(5)
    require_equal(ecall(calls.SYS_WAIT, 0), pid, "wait(0)")
    require_equal(ecall(calls.SYS_WAIT, 0), FAILURE, "wait(0) again")


def wait_with_a_bad_address_keeps_the_child() -> None:
    pid = calls.fork()
    if pid == 0:
        calls.exit(7)
    for address in BAD_ADDRESSES:
        require_equal(ecall(calls.SYS_WAIT, address), FAILURE, f"wait(0x{address:x})")
    ended = calls.wait()
    require_equal(ended.pid, pid, "wait afterwards")
    require_equal(ended.status, 7, "status")


def kill_ends_a_sleeping_process() -> None:
    pid = calls.fork()
    if pid == 0:
        calls.sleep(100000)
        calls.exit(0)
    require_equal(calls.kill(pid), 0, "kill")
    ended = calls.wait()
    require_equal(ended.pid, pid, "wait")
    require_equal(ended.status, KILLED, "status")


def kill_ends_a_running_process() -> None:
    pid = calls.fork()
    while pid == 0:
        pass
    require_equal(calls.kill(pid), 0, "kill")
    require_equal(calls.wait().status, KILLED, "status")


def kill_ends_a_process_that_reads_a_pipe() -> None:
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        calls.read(ends[0], bytearray(1))
        calls.exit(0)
    require_equal(calls.kill(pid), 0, "kill")
    require_equal(calls.wait().status, KILLED, "status")


def kill_ends_a_process_that_waits() -> None:
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        below = calls.fork()
        if below == 0:
            calls.close(ends[1])
            calls.read(ends[0], bytearray(1))
            calls.exit(0)
        calls.wait()
        calls.exit(0)
    require_equal(calls.kill(pid), 0, "kill")
    require_equal(calls.wait().status, KILLED, "status")


def kill_ends_itself() -> None:
    pid = calls.fork()
    if pid == 0:
        calls.kill(calls.getpid())
        calls.exit(0)
    require_equal(calls.wait().status, KILLED, "status")


def kill_of_nobody_fails() -> None:
    for pid in (0, -1, -2, 0x7FFFFFFF, 1):
        require_equal(calls.kill(pid), FAILURE, f"kill({pid})")


def orphans_live_on() -> None:
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        if calls.fork() == 0:
            calls.sleep(1)
            calls.write(ends[1], b"x")
        calls.exit(0)
    require_equal(calls.wait().pid, pid, "wait")
    calls.close(ends[1])
    require_equal(calls.read(ends[0], bytearray(4)), 1, "what the orphan wrote")
    require_equal(calls.wait().pid, FAILURE, "the orphan is not our child")


def there_are_64_processes() -> None:
    ends = calls.pipe()
    count = 0
    while count < 2 * MAX_PROCESSES:
        pid = calls.fork()
        if pid < 0:
            break
        if pid == 0:
            calls.close(ends[1])
            calls.read(ends[0], bytearray(1))
            calls.exit(0)
        count += 1
    calls.close(ends[1])
    for _ in range(count):
        require(calls.wait().pid > 0, "wait for one of many")
    require(MAX_PROCESSES // 2 < count < MAX_PROCESSES, f"{count} children could be made")
    require_equal(child(wait_without_children_fails), 0, "a child afterwards")


def ended_processes_make_room() -> None:
    for _ in range(3 * MAX_PROCESSES):
        pid = calls.fork()
        require(pid >= 0, "fork")
        if pid == 0:
            calls.exit(0)
        require_equal(calls.wait().pid, pid, "wait")


# --- exec -------------------------------------------------------------------------------------------------------------------


def echoed(words: list[bytes]) -> bytes:
    """What echo writes when it is called with these words."""
    pid = calls.fork()
    if pid == 0:
        calls.close(1)
        calls.open(b"out", calls.O_WRONLY | calls.O_CREATE | calls.O_TRUNC)
        calls.exec(b"echo", [b"echo", *words])
        calls.exit(99)
    require_equal(calls.wait().status, 0, "echo's status")
    return read_file(b"out")


def exec_runs_a_program_found_by_its_name() -> None:
    require(echoed([b"one", b"two"]) == b"one two\n", "what echo wrote")


def exec_takes_31_arguments() -> None:
    words = [b"w"] * (MAX_ARGUMENTS - 1)
    require(echoed(words) == b" ".join(words) + b"\n", "31 arguments")
    require_equal(calls.exec(b"echo", [b"echo"] + [b"w"] * MAX_ARGUMENTS), FAILURE, "32 arguments")


def exec_takes_what_fits_on_the_stack() -> None:
    word = b"x" * (STACK_BYTES - 256)
    require(echoed([word]) == word + b"\n", "a long argument")
    require_equal(calls.exec(b"echo", [b"echo", b"x" * STACK_BYTES]), FAILURE, "an argument of a page")
    require_equal(calls.exec(b"echo", [b"echo", word, word]), FAILURE, "two that do not fit together")


def exec_of_what_is_no_program_fails() -> None:
    write_file(b"text", b"not a program at all\n")
    write_file(b"elf", b"\x7fELF" + bytes(100))
    write_file(b"empty", b"")
    calls.mkdir(b"folder")
    for name in (b"text", b"elf", b"empty", b"folder", b"missing", b"text/x", b""):
        require_equal(calls.exec(name, [name]), FAILURE, "exec of " + name.decode())
    require(read_file(b"text") == b"not a program at all\n", "the caller goes on")


def exec_checks_its_pointers() -> None:
    name = b"echo\0"
    argv = bytearray(16)
    for address in BAD_ADDRESSES:
        require_equal(ecall(calls.SYS_EXEC, address, address_of_array(argv)), FAILURE, "a bad path")
        require_equal(ecall(calls.SYS_EXEC, address_of(name), address), FAILURE, "a bad argv")
        bad = bytearray(address.to_bytes(8, "little") + bytes(8))
        require_equal(ecall(calls.SYS_EXEC, address_of(name), address_of_array(bad)), FAILURE, "a bad argument")
    require_equal(calls.exec(b"/" * (MAX_PATH - 3) + b"echo", [b"echo"]), FAILURE, "a path of 128 bytes")


def exec_keeps_descriptors() -> None:
    write_file(b"in", b"carried over\n")
    pid = calls.fork()
    if pid == 0:
        calls.close(0)
        calls.open(b"in", calls.O_RDONLY)
        calls.close(1)
        calls.open(b"out", calls.O_WRONLY | calls.O_CREATE)
        calls.exec(b"cat", [b"cat"])
        calls.exit(99)
    require_equal(calls.wait().status, 0, "cat's status")
    require(read_file(b"out") == b"carried over\n", "what cat wrote")


# --- time -------------------------------------------------------------------------------------------------------------------


def sleep_lets_ticks_pass() -> None:
    before = calls.uptime()
    require(before >= 0, "uptime")
    require_equal(calls.sleep(2), 0, "sleep")
    require(calls.uptime() >= before + 2, "two ticks")


def sleep_of_nothing_returns() -> None:
    require_equal(calls.sleep(0), 0, "sleep(0)")
    require_equal(calls.sleep(-5), 0, "sleep(-5)")


def unknown_calls_fail() -> None:
    for number in (0, 22, 23, 64, 1000, -1):
        require_equal(ecall(number, 1, 2, 3), FAILURE, f"call {number}")


CHECKS: Final[list[tuple[str, Check]]] = [
    ("fork_copies_memory", fork_copies_memory),
    ("getpid_is_what_fork_gave", getpid_is_what_fork_gave),
    ("wait_tells_all_bits_of_the_status", wait_tells_all_bits_of_the_status),
    ("wait_without_children_fails", wait_without_children_fails),
    ("wait_takes_a_null_address", wait_takes_a_null_address),
    ("wait_with_a_bad_address_keeps_the_child", wait_with_a_bad_address_keeps_the_child),
    ("kill_ends_a_sleeping_process", kill_ends_a_sleeping_process),
    ("kill_ends_a_running_process", kill_ends_a_running_process),
    ("kill_ends_a_process_that_reads_a_pipe", kill_ends_a_process_that_reads_a_pipe),
    ("kill_ends_a_process_that_waits", kill_ends_a_process_that_waits),
    ("kill_ends_itself", kill_ends_itself),
    ("kill_of_nobody_fails", kill_of_nobody_fails),
    ("orphans_live_on", orphans_live_on),
    ("there_are_64_processes", there_are_64_processes),
    ("ended_processes_make_room", ended_processes_make_room),
    ("exec_runs_a_program_found_by_its_name", exec_runs_a_program_found_by_its_name),
    ("exec_takes_31_arguments", exec_takes_31_arguments),
    ("exec_takes_what_fits_on_the_stack", exec_takes_what_fits_on_the_stack),
    ("exec_of_what_is_no_program_fails", exec_of_what_is_no_program_fails),
    ("exec_checks_its_pointers", exec_checks_its_pointers),
    ("exec_keeps_descriptors", exec_keeps_descriptors),
    ("sleep_lets_ticks_pass", sleep_lets_ticks_pass),
    ("sleep_of_nothing_returns", sleep_of_nothing_returns),
    ("unknown_calls_fail", unknown_calls_fail),
]
