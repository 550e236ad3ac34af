"""ps: the processes there are, of every system."""

from typing import Final

from abi_modules.native.interface import TaskInfo, TaskState
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.calendar import duration
from scarlet.user.errors import StatusError
from scarlet.user.handles import Handle
from scarlet.user.options import Options
from scarlet.user.program import program, run
from scarlet.user.tables import size_text, table

USAGE: Final = """
usage: ps [-l]

  -l, --long   with parent, group, session and handles
"""
STATES: Final = ["R", "S", "T", "Z"]
"""By TaskState: running, sleeping, stopped, ended and not yet waited for."""


def numbers() -> list[int]:
    """The numbers of all processes."""
    room = 64
    while True:
        buffer = bytearray(room * 4)
        count = calls.task_list(buffer)
        if count <= room:
            data = bytes(buffer)
            return [int.from_bytes(data[at : at + 4], "little") for at in range(0, count * 4, 4)]
        room = count + 16


def query(number: int) -> TaskInfo | None:
    """What is known about a process; None when it is gone by now."""
    try:
        process = Handle(calls.task_open(number))
        return calls.task_query(process.slot)
    except StatusError as error:
        if error.status == Status.NO_SUCH_TASK:
            return None
        raise


def text(field: bytes) -> str:
    """A field that is filled up with NULs."""
    return field.rstrip(b"\0").decode(errors="replace")


def facts(info: TaskInfo, long: bool) -> list[str]:
    """One row."""
    more = [str(int(info.parent)), str(int(info.group)), str(int(info.session)), str(int(info.handles))] if long else []
    state = STATES[int(info.state)] if int(info.state) <= TaskState.ENDED else "?"
    used = duration(int(info.user_ns) + int(info.system_ns))
    return [
        str(int(info.process)),
        *more,
        str(int(info.user)),
        state,
        size_text(int(info.resident_bytes)),
        used,
        text(info.abi),
        text(info.name),
    ]


def main(options: Options) -> int:
    long = options.has("l")
    more = ["PARENT", "GROUP", "SESSION", "HANDLES"] if long else []
    rows = [["PID", *more, "USER", "S", "MEMORY", "TIME", "SYSTEM", "NAME"]]
    for number in numbers():
        info = query(number)
        if info is not None:
            rows.append(facts(info, long))
    right = [True, *[True for _heading in more], True, False, True, True, False, False]
    for line in table(rows, right):
        program.output.write_line(line)
    return 0


if __name__ == "__main__":
    run(USAGE, main)
