"""kill: send processes an event."""

from typing import Final

from abi_modules.native.interface import TaskEvent
from scarlet.user import calls
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.handles import Handle
from scarlet.user.options import number, shown
from scarlet.user.program import program
from scarlet.user.system import EVENT_NAMES, event_name, event_number

USAGE: Final = "usage: kill [-EVENT] PROCESS...     kill -l"


def list_events() -> None:
    """All events with a name."""
    for event in range(1, len(EVENT_NAMES)):
        if len(EVENT_NAMES[event]) > 0:
            program.output.write_line(f"{event:2d} {event_name(event).upper()}")


def send(words: list[bytes]) -> None:
    """`-EVENT PROCESS...`; a negative number is a process group's."""
    event = int(TaskEvent.TERMINATE)
    if len(words) > 0 and words[0].startswith(b"-"):
        event = event_number(shown(words.pop(0)[1:]))
        if event == 0:
            raise UsageError("there is no such event (kill -l lists them)")
    if len(words) > 0 and words[0] == b"--":
        words.pop(0)
    if len(words) == 0:
        raise UsageError("which process?")
    for word in words:
        target = number(word)
        try:
            if target < 0:
                calls.task_send_group(-target, event)
            else:
                process = Handle(calls.task_open(target))
                calls.task_send(process.slot, event)
        except StatusError as error:
            program.complain(f"{shown(word)}: {error}")


if __name__ == "__main__":
    try:
        if program.arguments[1:] == [b"-l"]:
            list_events()
        else:
            send(program.arguments[1:])
    except UsageError as error:
        program.complain(str(error))
        program.say(USAGE.encode() + b"\n")
        program.exit(2)
    program.exit(0)
