"""The surroundings of a program: its arguments, environment and standard streams, and how it ends.

A tool is a usage text and a function from its options to an exit status:

    def main(options: Options) -> int: ...

    if __name__ == "__main__":
        run(USAGE, main)
"""

from typing import Callable, Final, NoReturn

from abi_modules.native.interface import Capabilities, StartBlock
from abi_modules.native.status import Status
from scarlet.lang import u64
from scarlet.machine import start
from scarlet.user import calls
from scarlet.user.environment import Environment
from scarlet.user.errors import Failure, StatusError, UsageError
from scarlet.user.handles import Handle
from scarlet.user.options import Options, parse
from scarlet.user.paths import base_name
from scarlet.user.streams import Reader, Writer, write_all

FAILED: Final = 1
USED_WRONGLY: Final = 2


class Program:
    """This program."""

    def __init__(self) -> None:
        block = StartBlock.parse(start.memory(start.block_address(), StartBlock.SIZE))
        self.arguments = strings(block.arguments, int(block.argument_bytes))
        self.environment = Environment(strings(block.environment, int(block.environment_bytes)))
        self.input = Reader(Handle(int(block.stdin)))
        self.output = Writer(Handle(int(block.stdout)), is_terminal(int(block.stdout)))
        self.errors = int(block.stderr)
        self.failed = False
        """Something was complained about: the exit status will not be 0."""

    @property
    def name(self) -> str:
        """What the program was called as."""
        return base_name(self.arguments[0]).decode(errors="replace") if len(self.arguments) > 0 else "?"

    def complain(self, text: str) -> None:
        """Say on standard error what went wrong; the program goes on, and will exit with status 1."""
        self.failed = True
        self.say(f"{self.name}: {text}\n".encode())

    def say(self, text: bytes) -> None:
        """Write to standard error, after what was written to standard output."""
        try:
            self.output.flush()
            if self.errors >= 0:
                write_all(self.errors, text)
        except StatusError:
            pass

    def exit(self, status: int) -> NoReturn:
        """Flush and end. A reader of standard output that is gone is no error of ours; output that could not be written is."""
        try:
            self.output.flush()
        except StatusError as error:
            if error.status != Status.PEER_CLOSED:
                self.complain(f"cannot write: {error}")
                calls.task_exit(FAILED)
        calls.task_exit(FAILED if status == 0 and self.failed else status)


def strings(address: u64, size: int) -> list[bytes]:
    """Texts that each end in a NUL."""
    return start.memory(address, size).split(b"\0")[:-1]


def is_terminal(slot: int) -> bool:
    """Whether somebody sits at the other end."""
    try:
        return slot >= 0 and int(calls.handle_query(slot).capabilities) & int(Capabilities.CONTROL) != 0
    except StatusError:
        return False


program: Final = Program()


def run(usage: str, main: Callable[[Options], int], *, interspersed: bool = True) -> NoReturn:
    """Parse the command line, carry the tool out and end with its status."""
    status = FAILED
    try:
        options = parse(usage, program.arguments[1:], interspersed=interspersed)
        if options.help:
            program.output.write_line(usage.strip())
            program.exit(0)
        status = main(options)
    except UsageError as error:
        program.complain(str(error))
        program.say(usage.strip().split("\n")[0].encode() + b"\n")
        program.exit(USED_WRONGLY)
    except Failure as error:
        program.complain(str(error))
    except StatusError as error:
        if error.status != Status.PEER_CLOSED:
            program.complain(str(error))
    program.exit(status)
