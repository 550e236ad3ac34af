"""sh [-c LINE | FILE]: the xv6 shell. Commands from standard input, a line or a file, in the language of scarlet/xv6/commands.py.

Every line runs in a child, whose status is the line's. `cd` and `exit` are the shell's own. There is no PATH: the kernel finds a
program that is called by its bare name (exec).
"""

from typing import Final, NoReturn

from scarlet.xv6 import calls
from scarlet.xv6.commands import Background, Command, Direction, Group, Pipe, Redirection, Sequence, Simple, SyntaxMistake, parse
from scarlet.xv6.text import STANDARD_ERROR, STANDARD_INPUT, STANDARD_OUTPUT, arguments, complain, number, read_block

PROMPT: Final = b"$ "
BUILTINS: Final = [b"cd", b"exit"]
FAILED: Final = 1
MISTAKE: Final = 2
NOT_FOUND: Final = 127


# --- running, always in a child ---------------------------------------------------------------------------------------------


def run(command: Command) -> NoReturn:
    """Do what the command says and end this process with its status."""
    for redirection in command.redirections:
        redirect(redirection)
    if isinstance(command, Simple):
        run_program(command.words)
    if isinstance(command, Pipe):
        run_pipe(command)
    if isinstance(command, Sequence):
        run_here(command.first)
        calls.exit(run_here(command.second))
    if isinstance(command, Background):
        if new_process() == 0:
            run(command.command)
        calls.exit(0)
    if isinstance(command, Group):
        run(command.command)
    calls.exit(FAILED)


def run_program(words: list[bytes]) -> NoReturn:
    if len(words) == 0:
        calls.exit(0)
    if words[0] in BUILTINS:
        calls.exit(run_builtin(words))
    calls.exec(words[0], words)
    complain(b"sh: cannot run " + words[0])
    calls.exit(NOT_FOUND)


def run_pipe(command: Pipe) -> NoReturn:
    """The status is that of the right one."""
    ends = calls.pipe()
    if ends[0] < 0:
        complain(b"sh: there are no descriptors for a pipe")
        calls.exit(FAILED)
    left = new_process()
    if left == 0:
        connect(ends, STANDARD_OUTPUT, ends[1])
        run(command.left)
    right = new_process()
    if right == 0:
        connect(ends, STANDARD_INPUT, ends[0])
        run(command.right)
    calls.close(ends[0])
    calls.close(ends[1])
    calls.exit(status_of(right, left))


def status_of(pid: int, other: int = -1) -> int:
    """Wait for a child, and for the other one if there is one; the status of the first."""
    status = FAILED
    missing = 1 if other < 0 else 2
    while missing > 0:
        ended = calls.wait()
        if ended.pid < 0:
            break
        if ended.pid == pid:
            status = ended.status
        if ended.pid == pid or ended.pid == other:
            missing -= 1
    return status


def connect(ends: tuple[int, int], stream: int, end: int) -> None:
    """Make one end of a pipe this process's standard stream."""
    calls.close(stream)
    calls.dup(end)
    calls.close(ends[0])
    calls.close(ends[1])


def redirect(redirection: Redirection) -> None:
    """Open the file in the place of a standard stream."""
    mode = calls.O_RDONLY
    stream = STANDARD_INPUT
    if redirection.direction != Direction.INPUT:
        stream = STANDARD_OUTPUT
        mode = calls.O_RDWR | calls.O_CREATE
        if redirection.direction == Direction.OUTPUT:
            mode |= calls.O_TRUNC
    calls.close(stream)
    if calls.open(redirection.file, mode) < 0:
        complain(b"sh: cannot open " + redirection.file)
        calls.exit(FAILED)
    if redirection.direction == Direction.APPEND:
        skip_to_end(stream)


def skip_to_end(fd: int) -> None:
    """There is no seeking: reading everything brings the offset to the end."""
    block = read_block(fd)
    while block is not None and len(block) > 0:
        block = read_block(fd)


def new_process() -> int:
    """fork, or a message and the end of this process."""
    pid = calls.fork()
    if pid < 0:
        complain(b"sh: there is no room for another process")
        calls.exit(FAILED)
    return pid


# --- lines ------------------------------------------------------------------------------------------------------------------


def run_here(command: Command) -> int:
    """The status of a command that runs in a child, or in this process when it is one that changes it."""
    if len(command.redirections) == 0:
        if isinstance(command, Sequence):
            run_here(command.first)
            return run_here(command.second)
        if isinstance(command, Simple) and len(command.words) > 0 and command.words[0] in BUILTINS:
            return run_builtin(command.words)
    pid = new_process()
    if pid == 0:
        run(command)
    return status_of(pid)


def run_builtin(words: list[bytes]) -> int:
    """cd and exit, which must happen in the shell itself."""
    if words[0] == b"exit":
        calls.exit(number(words[1]) if len(words) > 1 else 0)
    directory = words[1] if len(words) > 1 else b"/"
    if calls.chdir(directory) < 0:
        complain(b"sh: cannot change to " + directory)
        return FAILED
    return 0


def run_line(line: bytes) -> int:
    """The status of a line."""
    try:
        command = parse(line)
    except SyntaxMistake as mistake:
        complain(b"sh: " + str(mistake).encode())
        return MISTAKE
    return run_here(command)


def read_line(fd: int) -> bytes | None:
    """A line without its end, byte by byte: what comes after it belongs to the programs that it starts. None at the end."""
    line = bytearray()
    byte = bytearray(1)
    while calls.read(fd, byte) == 1:
        if byte[0] == 0x0A:
            return bytes(line)
        line += byte
    return bytes(line) if len(line) > 0 else None


def run_lines(fd: int, prompt: bytes) -> int:
    """Every line of a descriptor; the status of the last."""
    status = 0
    while True:
        calls.write(STANDARD_ERROR, prompt)
        line = read_line(fd)
        if line is None:
            return status
        if line[:1] != b"#":
            status = run_line(line)


def is_terminal(fd: int) -> bool:
    """Is somebody there to be prompted?"""
    stat = calls.fstat(fd)
    return stat is not None and stat.type == calls.T_DEVICE


def main() -> int:
    words = arguments()
    if len(words) > 2 and words[1] == b"-c":
        return run_line(words[2])
    if len(words) > 1:
        fd = calls.open(words[1], calls.O_RDONLY)
        if fd < 0:
            complain(b"sh: cannot open " + words[1])
            return NOT_FOUND
        return run_lines(fd, b"")
    return run_lines(STANDARD_INPUT, PROMPT if is_terminal(STANDARD_INPUT) else b"")


calls.exit(main())
