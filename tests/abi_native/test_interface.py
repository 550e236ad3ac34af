"""The ABI's own numbers agree with those of the kernel's types that they are turned into, and every errno has its status."""

import re
from enum import IntEnum, IntFlag
from pathlib import Path

import pytest

from abi_modules.native import interface
from abi_modules.native.failures import Failure, status_of
from abi_modules.native.status import Status, meaning
from objects import handle, limits, metadata, object, view, wait
from objects.handle import MissingRight
from scarlet.kernel import signals
from scarlet.kernel.memory import area
from scarlet.lang import errno
from scarlet.lang.errno import Errno

SAME_VALUES: list[tuple[type[IntFlag] | type[IntEnum], type[IntFlag] | type[IntEnum], dict[str, str]]] = [
    (interface.Rights, object.Rights, {"SAME": ""}),
    (interface.Role, handle.Role, {}),
    (interface.Ready, object.PollEvents, {"READ": "IN", "WRITE": "OUT", "ERROR": "ERR", "CLOSED": "HUP"}),
    (interface.WaitOptions, wait.WaitOptions, {"ENDED": "EXITED", "KEEP": "NOWAIT"}),
    (interface.Protection, area.Protection, {"EXECUTE": "EXEC"}),
    (interface.FileKind, metadata.InodeType, {"CHARACTER_DEVICE": "CHARACTER", "BLOCK_DEVICE": "BLOCK", "SYMBOLIC_LINK": "SYMLINK"}),
    (
        interface.MountFlags,
        view.MountFlags,
        {"NO_SET_ID": "NOSUID", "NO_DEVICES": "NODEV", "NO_EXECUTE": "NOEXEC", "NO_ACCESS_TIMES": "NOATIME", "RECURSIVE": ""},
    ),
    (
        interface.Resource,
        limits.Resource,
        {
            "FILE_BYTES": "FILE_SIZE", "DATA_BYTES": "DATA", "STACK_BYTES": "STACK", "HANDLES": "OPEN_FILES",
            "ADDRESS_SPACE_BYTES": "ADDRESS_SPACE",
        },
    ),
    (
        interface.TaskEvent,
        signals.Signal,
        {
            "HANG_UP": "SIGHUP", "INTERRUPT": "SIGINT", "QUIT": "SIGQUIT", "ILLEGAL_INSTRUCTION": "SIGILL", "BREAKPOINT": "SIGTRAP",
            "ABORT": "SIGABRT", "BUS_ERROR": "SIGBUS", "ARITHMETIC": "SIGFPE", "END": "SIGKILL", "USER_1": "SIGUSR1",
            "BAD_ACCESS": "SIGSEGV", "USER_2": "SIGUSR2", "PIPE_CLOSED": "SIGPIPE", "ALARM": "SIGALRM", "TERMINATE": "SIGTERM",
            "CHILD": "SIGCHLD", "CONTINUE": "SIGCONT", "STOP_NOW": "SIGSTOP", "STOP": "SIGTSTP", "BACKGROUND_READ": "SIGTTIN",
            "BACKGROUND_WRITE": "SIGTTOU", "CPU_LIMIT": "SIGXCPU", "FILE_LIMIT": "SIGXFSZ", "WINDOW": "SIGWINCH",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "kernels", "names"), SAME_VALUES, ids=[row[0].__name__ for row in SAME_VALUES])
def test_numbers_that_pass_through_are_the_kernels(
    ours: type[IntFlag] | type[IntEnum], kernels: type[IntFlag] | type[IntEnum], names: dict[str, str]
) -> None:
    for member in ours.__members__.values():
        name = names.get(member.name, member.name)
        assert name == "" or kernels[name].value == member.value, member.name


def test_states_of_children_are_the_kernels_codes() -> None:
    codes = {"EXITED": signals.CLD_EXITED, "KILLED": signals.CLD_KILLED, "STOPPED": signals.CLD_STOPPED, "CONTINUED": signals.CLD_CONTINUED}
    assert {state.name: state.value for state in interface.ChildState} == codes


def test_an_event_set_has_the_bits_of_its_events() -> None:
    for member in interface.EventSet:
        assert member.value == 1 << interface.TaskEvent[member.name].value - 1


def test_every_status_has_a_meaning_of_its_own() -> None:
    texts = [meaning(status) for status in Status]
    assert len(set(texts)) == len(texts)


def test_errors_become_statuses() -> None:
    assert status_of(Errno(errno.ENOENT)) is Status.NOT_FOUND
    assert status_of(Errno(errno.EBADF)) is Status.BAD_HANDLE
    assert status_of(MissingRight(object.Rights.READ)) is Status.RIGHT_MISSING
    assert status_of(Failure(Status.WRONG_TYPE, "x")) is Status.WRONG_TYPE
    assert status_of(Errno(errno.ENOTSOCK)) is Status.FAILED


def test_what_the_kernel_raises_has_a_status() -> None:
    """Every errno that objects, file systems and the executor raise today says something better than FAILED."""
    root = Path(interface.__file__).parents[2]
    raised: set[str] = set()
    for folder in ("objects", "vfs", "executor", "scarlet/kernel", "abi_modules/native"):
        for path in (root / folder).rglob("*.py"):
            raised |= set(re.findall(r"Errno\((E[A-Z0-9]+)", path.read_text()))
    unnamed = {name for name in raised if status_of(Errno(getattr(errno, name))) is Status.FAILED}
    assert unnamed == set()
