"""task_spawn is a transaction: whatever fails on the way, and wherever, there is no child, no handle and no group of one."""

from collections.abc import Iterator

import pytest

from abi_modules.native.interface import CURRENT, NATIVE_OSABI, NEVER, Rights, SpawnFlags, WaitOptions
from abi_modules.native.module import NativeModule
from abi_modules.native.status import Status
from executor import protocol
from objects.channel import make_channel
from objects.group import _groups, _sessions
from objects.object import Rights as ObjectRights
from objects.processes import processes
from scarlet.kernel.memory import frames
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.processes import Launch
from tests.abi_native.support import Program, native, refused
from tests.executor.faults import Faults, watched_destructors
from tests.executor.support import Elf
from tests.objects.support import pause

EXIT_7 = bytes.fromhex("13057000 93082032 73000000")
"""li a0, 7; li a7, 802; ecall"""
BORDER = ("entering syscall", "entering _fail", "entering status_of", "entering _of_code")
"""Steps that stand for no allocation: the border itself, which only stores registers."""


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    protocol.modules.append(NativeModule())
    yield
    protocol.modules.clear()


def write_program(program: Program) -> None:
    elf = Elf(EXIT_7)
    elf.header.ident = elf.header.ident[:7] + bytes([NATIVE_OSABI]) + elf.header.ident[8:]
    program.tree.write(b"/exit7", elf.build(), mode=0o755)


def launch(flags: SpawnFlags) -> Launch:
    request = Launch(b"/exit7", [b"exit7", b"word"], [b"HOME=/"])
    request.flags = flags
    request.give(0, 1, Rights.READ)
    return request


def state(program: Program) -> tuple[object, ...]:
    """What a spawn may change besides the child."""
    table = program.task.handles
    held = [(slot, id(table.handle(slot).object), table.handle(slot).rights) for slot in table.slots()]
    known = [process.pid for process in processes.all()]
    return (held, known, len(program.task.process.children), sorted(_groups), sorted(_sessions), len(program.task.process.group.members))


def test_a_child_runs_and_is_waited_for() -> None:
    def body(program: Program) -> None:
        write_program(program)
        program.task.handles.allocate(make_channel()[0], ObjectRights(1023))
        assert launch(SpawnFlags.NEW_GROUP).start().wait() == 7
        assert launch(SpawnFlags.NEW_SESSION | SpawnFlags.FOREGROUND).start().wait() == 7
        child = launch(SpawnFlags.NONE).start()
        calls.task_set_group(child.handle.slot, 0)
        assert calls.task_query(child.handle.slot).group == child.number
        assert child.wait() == 7
        wrong = launch(SpawnFlags.NEW_GROUP | SpawnFlags.NEW_SESSION)
        assert refused(wrong.start) == Status.INVALID_ARGUMENT
        assert refused(launch(SpawnFlags.FOREGROUND).start) == Status.NO_DEVICE
        assert refused(lambda: calls.task_wait_any(0, WaitOptions.ENDED, 0)) == Status.NO_CHILD

    native(body)


@pytest.mark.parametrize("flags", [SpawnFlags.INHERIT, SpawnFlags.NEW_GROUP, SpawnFlags.NEW_SESSION | SpawnFlags.FOREGROUND])
def test_a_spawn_that_fails_leaves_nothing(flags: SpawnFlags) -> None:
    def body(program: Program) -> None:
        write_program(program)
        program.task.handles.allocate(make_channel()[0], ObjectRights(1023))
        launch(flags).start().wait()  # caches fill
        packed = launch(flags)._packed()
        before, free = state(program), frames.free_frames()
        faults = Faults()
        with watched_destructors(lambda: faults) as problems:
            step = 0
            while True:
                faults = Faults(step)
                try:
                    with faults:
                        calls.task_spawn(packed)
                    break
                except StatusError as error:
                    assert error.status in (Status.NO_MEMORY, Status.INPUT_OUTPUT), faults
                except MemoryError:
                    assert faults.what in BORDER, faults
                assert state(program) == before, str(faults)
                assert frames.free_frames() == free, str(faults)
                step += 1
        assert problems == []
        assert step > 100, "the faults were not where the work is"
        pause(3)
        assert calls.task_wait_any(0, WaitOptions.ENDED, NEVER).status == 7

    native(body)


def test_the_child_sees_what_its_request_says() -> None:
    def body(program: Program) -> None:
        write_program(program)
        calls.file_make(CURRENT, b"/d", 4, 0o755, 0)
        request = launch(SpawnFlags.NONE)
        request.directory = 99
        assert refused(request.start) == Status.BAD_HANDLE
        program.task.handles.allocate(make_channel()[0], ObjectRights(1023))
        request.directory = 0
        assert refused(request.start) == Status.WRONG_TYPE
        request.directory = calls.file_open(CURRENT, b"/d", Rights.SAME | Rights.READ, 8, 0)
        request.path = b"../exit7"
        assert request.start().wait() == 7
        request.path = b"exit7"
        assert refused(request.start) == Status.NOT_FOUND
        packed = launch(SpawnFlags.NONE)._packed()
        for broken in (b"", packed[:20], packed[:-1], packed + b"x", b"\xff" * 4 + packed[4:], packed[:4] + b"\xff" * 4 + packed[8:]):
            assert refused(lambda broken=broken: calls.task_spawn(broken)) in (Status.INVALID_ARGUMENT, Status.TOO_LARGE)  # type: ignore[misc]

    native(body)
