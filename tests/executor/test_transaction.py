"""Exec as a transaction: whatever fails on the way, and wherever, the task is as it was; and what commits is complete."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from executor import environment, mapping, protocol, transaction
from executor.exec import execute
from executor.image import Image
from objects.actions import SignalActions
from objects.credentials import Credentials
from objects.fork import ForkOptions
from objects.handle import Role
from objects.inode import Inode
from objects.object import Rights
from objects.process import Process
from objects.task import AlternateStack, Task, current_task
from scarlet.kernel.signals import Signal, SignalAction
from scarlet.lang import u64
from scarlet.lang.errno import EIO, Errno
from tests.abi.support import Program, linux
from tests.executor import abis
from tests.executor.faults import Faults, watched_destructors
from tests.executor.snapshot import differences, snapshot
from tests.executor.support import BASE, ET_DYN, PT_INTERP, Elf
from tests.objects import support
from tests.vfs.support import Tree

ARGUMENTS = [b"program", b"-x", b"word"]
ENVIRONMENT = [b"PATH=/bin", b"HOME=/home"]


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    from abi_modules.linux_riscv64.module import LinuxModule

    protocol.modules.extend([LinuxModule(), abis.plain_module(), abis.rich_module()])
    yield
    protocol.modules.clear()


def write_static(tree: Tree) -> list[bytes]:
    tree.write(b"/program", Elf().note().build(), mode=0o755)
    return [b"/program"]


def write_dynamic(tree: Tree) -> list[bytes]:
    linker = Elf()
    linker.header.update({"type": ET_DYN, "entry": 0x400})
    for segment in linker.segments:
        segment.vaddr -= BASE
    tree.write(b"/ld.so", linker.build(), mode=0o755)
    main = Elf().add(PT_INTERP, b"/ld.so\0", 0x200)
    main.header.update({"type": ET_DYN})
    tree.write(b"/program", main.build(), mode=0o755)
    return [b"/program", b"/ld.so"]


def write_script(tree: Tree) -> list[bytes]:
    tree.write(b"/inner", Elf().build(), mode=0o755)
    tree.write(b"/middle", b"#!/inner -a\n", mode=0o755)
    tree.write(b"/program", b"#!/middle -b\n", mode=0o755)
    return [b"/program", b"/middle", b"/inner"]


def write_set_user_id(tree: Tree) -> list[bytes]:
    files = write_static(tree)
    tree.chown(b"/program", 1000, 2000)
    tree.chmod(b"/program", 0o6755)
    return files


def write_plain(tree: Tree) -> list[bytes]:
    tree.write(b"/program", abis.program_of(abis.PLAIN_OSABI), mode=0o755)
    return [b"/program"]


def write_plain_script(tree: Tree) -> list[bytes]:
    tree.write(b"/home/inner", abis.program_of(abis.PLAIN_OSABI), mode=0o755)
    tree.write(b"/home/program", b"#!/home/inner\n", mode=0o755)
    return [b"/home/program", b"/home/inner"]


@dataclass(frozen=True)
class Case:
    """A program, and how the process that executes it stands."""

    write: Callable[[Tree], list[bytes]]
    path: bytes = b"/program"
    shares: bool = False


CASES = {
    "static": Case(write_static),
    "dynamic": Case(write_dynamic),
    "scripts": Case(write_script),
    "set-user-ID": Case(write_set_user_id),
    "shared handles and actions": Case(write_static, shares=True),
    "another ABI": Case(write_plain),
    "script of another ABI": Case(write_plain_script, b"/home/program"),
}


def prepare_process(program: Program) -> None:
    """Give the process something of everything that an exec touches."""
    tree, task = program.tree, program.task
    process = task.process
    for path in abis.SHARED:
        tree.mkdir(path)
    tree.mkdir(b"/home/inside")
    tree.write(b"/file", b"content")
    for role, close_on_exec in ((Role.STDIN, False), (Role.NONE, True), (Role.NONE, False)):
        process.handles.allocate(tree.open(b"/file"), Rights.READ, role=role, close_on_exec=close_on_exec)
    process.actions.set(Signal.SIGUSR1, SignalAction(u64(0x1234)))
    process.actions.set(Signal.SIGUSR2, SignalAction(u64(1)))
    task.mask = u64(1 << 11)
    stack = AlternateStack()
    stack.address, stack.size = u64(0x1000), u64(0x2000)
    task.alternate_stack = stack
    for number in range(1, 32):
        if number != 2:
            task.frame.set(number, u64(number * 0x1111))
    process.parent_death_signal = 9
    process.view.cwd = tree.walk(b"/home/inside")
    process.set_name(b"before")


class Survey:
    """What became of the faults."""

    def __init__(self) -> None:
        self.failed = 0
        self.survived = 0
        """Faults after which the exec succeeded all the same, completely."""


def fail_everywhere(program: Program, files: list[Inode], action: Callable[[], None], finished: Callable[[], None]) -> Survey:
    """Fail the action at its first step, at its second, and so on, until none is left to fail. Each time nothing may have changed."""
    survey = Survey()
    faults = Faults(0)
    with watched_destructors(lambda: faults) as problems:
        while True:
            faults.files = files
            _fail_once(program.task, faults, action, finished, survey)
            assert not problems, f"{faults}: {problems}"
            if not faults.what:
                return survey
            faults = Faults(faults.fail_at + 1)


def _fail_once(task: Task, faults: Faults, action: Callable[[], None], finished: Callable[[], None], survey: Survey) -> None:
    before = snapshot(task, faults.files)
    try:
        with faults:
            action()
    except MemoryError:
        survey.failed += 1
    except Errno as error:
        assert error.code == EIO and faults.what in ("read", "page"), f"{error} at {faults}"
        survey.failed += 1
    else:
        finished()
        survey.survived += 1
        return
    changed = differences(before, snapshot(task, faults.files))
    assert not changed, f"{faults} left {changed}"


def run_case(case: Case, mutate: Callable[[], None] = lambda: None) -> Survey:
    """Fail the case at every step; `mutate` is done to the kernel once everything is set up."""
    surveys: list[Survey] = []

    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        prepare_process(program)
        for module in protocol.modules:
            if isinstance(module, abis.SmallModule) and module.name == "plain":
                other = abis.give_own_root(module, tree)
        write_static(tree)
        files = [tree.inode(path) for path in case.write(tree)]
        warm_up(program, case.path)
        mutate()
        if case.shares:
            child = support.spawn(task, lambda child: support.pause(), share_all())
            surveys.append(fail_everywhere(program, files, act(task, case.path), lambda: check_finished(task)))
            support.wait(task, child.pid)
        else:
            surveys.append(fail_everywhere(program, files, act(task, case.path), lambda: check_finished(task)))
        protocol.modules.clear()
        task.process.view = tree.view
        task.refresh()
        other.close()

    linux(body)
    return surveys[0]


def share_all() -> ForkOptions:
    options = ForkOptions()
    options.share_handles = True
    options.share_actions = True
    return options


def warm_up(program: Program, path: bytes) -> None:
    """What the ABI module makes once and keeps, such as the vDSO, is made by a process that has nothing else."""

    def body(child: Task) -> None:
        execute(child, path, ARGUMENTS, ENVIRONMENT)

    child = support.spawn(program.task, body)
    support.wait(program.task, child.pid)


def act(task: Task, path: bytes) -> Callable[[], None]:
    return lambda: execute(task, path, ARGUMENTS, ENVIRONMENT)


def check_finished(task: Task) -> None:
    """The exec is complete, whatever could not be done afterwards."""
    process = task.process
    assert process.name in (b"program", b"script") and process.did_exec
    assert task.space is process.space and task.abi is process.abi and task.view is process.view
    assert process.handles.slots() == [0, 2] and process.handles.handle(0).role is Role.STDIN
    assert process.actions.get(Signal.SIGUSR1).is_default and process.actions.get(Signal.SIGUSR2).is_ignored
    assert task.mask == 1 << 11 and task.alternate_stack.size == 0 and int(task.frame.get(9)) == 0


@pytest.mark.parametrize("name", CASES)
def test_exec_that_fails_at_any_step_changes_nothing(name: str) -> None:
    survey = run_case(CASES[name])
    assert survey.failed > 60


# --- mutants: exec made wrong in one place each; the property has to see every one --------------------------------------------------


Mutation = Callable[[pytest.MonkeyPatch], None]


def view_too_early(patch: pytest.MonkeyPatch) -> None:
    """The process gets its new view before the program is loaded."""
    original = protocol.Request.__init__

    def early(self: protocol.Request, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        current_task().process.view = self.view

    patch.setattr(protocol.Request, "__init__", early)


def credentials_in_place(patch: pytest.MonkeyPatch) -> None:
    """Set-user-ID bits are applied to the caller's own credentials."""
    patch.setattr(Credentials, "fork", lambda self: self)


def handlers_reset_in_place(patch: pytest.MonkeyPatch) -> None:
    """Signal handlers are reset before it is sure that the exec succeeds."""

    def for_exec(self: SignalActions, *, shared: bool) -> SignalActions:
        self.reset_handlers()
        return self

    patch.setattr(SignalActions, "for_exec", for_exec)


def handles_closed_early(patch: pytest.MonkeyPatch) -> None:
    """Close-on-exec handles are closed while the rest is still being prepared."""
    original = protocol.choose

    def early(image: Image) -> protocol.AbiModule:
        handles = current_task().handles
        handles.close_for_exec(handles.marked_for_exec())
        return original(image)

    patch.setattr(transaction, "choose", early)


def executing_not_undone(patch: pytest.MonkeyPatch) -> None:
    """A program that was not started still counts as running, so its file can never be written again."""
    patch.delattr(mapping.ProgramPager, "__del__")


def environment_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What is kept of the environment is settled before the program is loaded."""
    original = environment.environment_for

    def early(module: protocol.AbiModule, process: Process, given: list[bytes] | None) -> list[bytes]:
        process.kept_environment = given
        return original(module, process, given)

    patch.setattr(transaction, "environment_for", early)


def commit_that_allocates(patch: pytest.MonkeyPatch) -> None:
    """The commit makes an object half-way."""
    patch.setattr(AlternateStack, "clear", lambda self: setattr(self, "size", AlternateStack().size))


MUTANTS: list[tuple[Mutation, str]] = [
    (view_too_early, "another ABI"),
    (credentials_in_place, "set-user-ID"),
    (handlers_reset_in_place, "static"),
    (handles_closed_early, "static"),
    (executing_not_undone, "static"),
    (environment_forgotten, "another ABI"),
    (commit_that_allocates, "static"),
]


@pytest.mark.parametrize(("mutation", "name"), MUTANTS, ids=lambda item: getattr(item, "__name__", ""))
def test_mutant_is_caught(mutation: Mutation, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError):
        run_case(CASES[name], lambda: mutation(monkeypatch))
