"""strace: run a program and show its calls, whatever system it is of."""

from typing import Final

from abi_modules.native.interface import CURRENT, SpawnFlags
from scarlet.user import calls, files
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.handles import Handle
from scarlet.user.options import Options, number, shown
from scarlet.user.processes import NOT_FOUND, Launch, status_of_failure
from scarlet.user.program import program, run
from scarlet.user.search import USUAL_PATH, find_program

USAGE: Final = """
usage: strace [-o FILE] PROGRAM [ARGUMENT...]
       strace [-o FILE] -p PROCESS

  -o, --output FILE      write the calls there instead of to standard error
  -p, --attach PROCESS   a process that runs, until it ends or standard input does

The program's children are traced too.
"""
STANDARD_ERROR: Final = 2


def trace_program(words: list[bytes], target: Handle) -> int:
    """Start a program with its calls going to the stream, and wait for it."""
    if len(words) == 0:
        raise UsageError("which program?")
    place = find_program(words[0], program.environment.value(b"PATH", USUAL_PATH))
    if place is None:
        program.complain(f"{shown(words[0])}: not found")
        return NOT_FOUND
    launch = Launch(place, words, program.environment.settings())
    launch.flags = SpawnFlags.TRACE
    launch.trace = target.slot
    for slot in range(3):
        launch.give(slot, slot)
    try:
        return launch.start().wait()
    except StatusError as error:
        program.complain(f"{shown(words[0])}: {error}")
        return status_of_failure(error)


def trace_process(process: int, target: Handle) -> int:
    """Show the calls of a process until our standard input ends."""
    handle = Handle(calls.task_open(process))
    calls.task_trace(handle.slot, target.slot)
    program.input.read_all()
    calls.task_trace(handle.slot, CURRENT)
    return 0


def main(options: Options) -> int:
    target = files.writer(options.value("o")).handle if options.has("o") else Handle(STANDARD_ERROR)
    if options.has("p"):
        if len(options.operands) > 0:
            raise UsageError("a program, or a process")
        return trace_process(number(options.value("p")), target)
    return trace_program(options.operands, target)


if __name__ == "__main__":
    run(USAGE, main, interspersed=False)
