"""Exec from one ABI into another: environment, handles, working directory, limits, signals and scripts go along, or come back."""

from collections.abc import Callable, Iterator

import pytest

from abi_modules.linux_riscv64.module import LinuxModule
from abi_modules.linux_riscv64.state import LinuxState
from executor import protocol
from executor.exec import execute
from objects.ceilings import INFINITY
from objects.fork import ForkOptions, fork
from objects.handle import Role
from objects.limits import Resource
from objects.object import Rights
from objects.task import Task
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.user import load_bytes
from scarlet.kernel.signals import Signal, SignalAction, signal_bit
from scarlet.lang import u64
from scarlet.lang.errno import Errno
from tests.abi.support import Program, linux
from tests.executor import abis
from tests.executor.abis import PLAIN_OSABI, RICH_OSABI, STACK, SmallAbi, SmallModule
from tests.executor.support import Elf
from tests.objects.support import pause, spawn, wait
from tests.vfs.support import Tree, outcome
from vfs.paths import path_of

ENVIRONMENT = [b"PATH=/bin", b"HOME=/home", b"ODD"]
OPEN = Rights.READ | Rights.WRITE


class World:
    """A Linux process, a plain and a rich ABI with roots of their own, and a program of each in /home."""

    def __init__(self, program: Program) -> None:
        self.tree: Tree = program.tree
        self.task: Task = program.task
        self.plain = abis.plain_module()
        self.rich = abis.rich_module()
        protocol.modules.extend([self.plain, self.rich])
        for path in abis.SHARED:
            self.tree.mkdir(path)
        self.tree.mkdir(b"/own")
        self.roots = [abis.give_own_root(module, self.tree) for module in (self.plain, self.rich)]
        self.tree.write(b"/home/linux", Elf().note().build(), mode=0o755)
        self.tree.write(b"/home/plain", abis.program_of(PLAIN_OSABI), mode=0o755)
        self.tree.write(b"/home/rich", abis.program_of(RICH_OSABI), mode=0o755)
        self.back = LinuxRoot(self.tree)
        protocol.modules[0] = self.back

    def run(self, path: bytes, environment: list[bytes] | None = None, arguments: list[bytes] | None = None) -> None:
        execute(self.task, path, [b"me"] if arguments is None else arguments, environment)

    def strings(self) -> list[bytes]:
        """What a small ABI's program finds: arguments and environment."""
        return load_bytes(self.task.space, u64(STACK), 4096).rstrip(b"\0").split(b"\0")

    def linux_environment(self) -> list[bytes]:
        region = self.task.process.environment
        return load_bytes(self.task.space, u64(region.start), region.end - region.start).split(b"\0")[:-1]

    def notes(self) -> list[str]:
        abi = self.task.abi
        assert isinstance(abi, SmallAbi)
        return abi.notes

    def close(self) -> None:
        protocol.modules.clear()
        self.task.process.view = self.tree.view
        self.task.refresh()
        self.task.process.executable = None
        self.task.space.unmap(u64(0), u64(1 << 38))
        del self.plain, self.rich, self.back
        for root in self.roots:
            root.close()


class LinuxRoot(SmallModule):
    """Linux programs live in the tree itself."""

    def __init__(self, tree: Tree) -> None:
        super().__init__("linux-riscv64", 0, has_environment=True)
        self.linux = LinuxModule()
        self.recognise = self.linux.recognise  # type: ignore[method-assign]
        self.load = self.linux.load  # type: ignore[method-assign]
        self.own_view = tree.view.fork()


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    protocol.modules.append(LinuxModule())
    yield
    protocol.modules.clear()


def in_world(body: Callable[[World], None]) -> None:
    def run(program: Program) -> None:
        world = World(program)
        try:
            body(world)
        finally:
            world.close()

    linux(run)


# --- environment ---------------------------------------------------------------------------------------------------------------------


def test_environment_survives_programs_that_have_none() -> None:
    def body(world: World) -> None:
        world.run(b"/home/plain", ENVIRONMENT)
        assert world.strings() == [b"me"] and world.task.process.kept_environment == ENVIRONMENT
        world.run(b"/home/plain")
        world.run(b"/home/rich")
        assert world.strings() == [b"me", *ENVIRONMENT] and world.task.process.kept_environment is None

    in_world(body)


def test_child_of_a_program_without_environment_inherits_what_is_kept() -> None:
    def run(program: Program) -> None:
        world = World(program)
        world.run(b"/home/plain", ENVIRONMENT)
        program.fork(lambda child: None)  # runs and ends
        assert [child.kept_environment for child in world.task.process.children] == [ENVIRONMENT]
        wait(world.task)
        world.close()

    linux(run)


def test_program_whose_ancestors_never_had_an_environment_gets_the_modules_default() -> None:
    def body(world: World) -> None:
        world.rich.default_environment = [b"PATH=/rich"]
        world.run(b"/home/plain")
        assert world.task.process.kept_environment is None
        world.run(b"/home/rich")
        assert world.strings() == [b"me", b"PATH=/rich"]

    in_world(body)


def test_empty_environment_is_an_environment() -> None:
    def body(world: World) -> None:
        world.run(b"/home/plain", [])
        world.run(b"/home/rich")
        assert world.strings() == [b"me"]

    in_world(body)


# --- the chain -----------------------------------------------------------------------------------------------------------------------


def test_chain_of_all_abis_ends_as_it_began() -> None:
    def body(world: World) -> None:
        task, process = world.task, world.task.process
        world.run(b"/home/linux", ENVIRONMENT)
        process.view.cwd = world.tree.walk(b"/home")
        process.view.umask = 0o027
        process.handles.allocate(world.tree.open(b"/home/linux"), Rights.READ, role=Role.STDIN)
        far = process.handles.allocate(world.tree.open(b"/home/linux"), OPEN, lowest=40)
        process.actions.set(Signal.SIGHUP, SignalAction(u64(1)))
        mounts, abi = process.view.mounts, process.abi.name
        world.run(b"/home/plain", ENVIRONMENT)
        world.run(b"/home/rich")
        world.run(b"/home/plain", world.strings()[1:])
        world.run(b"/home/linux")
        assert process.view.mounts is mounts and process.abi.name == abi and task.view is process.view
        assert path_of(process.view.cwd, process.view.root) == b"/home" and process.view.umask == 0o027
        assert world.linux_environment() == ENVIRONMENT
        assert process.handles.slots() == [0, far] and process.handles.handle(far).rights == OPEN
        assert process.handles.handle(0).role is Role.STDIN
        assert process.actions.get(Signal.SIGHUP).is_ignored
        assert process.limits.soft(Resource.OPEN_FILES) == 1024

    in_world(body)


# --- the working directory ------------------------------------------------------------------------------------------------------------


def test_working_directory_stays_where_the_new_view_shows_it() -> None:
    def body(world: World) -> None:
        world.tree.mkdir(b"/home/deep")
        world.task.process.view.cwd = world.tree.walk(b"/home/deep")
        world.run(b"/home/plain", [])
        view = world.task.process.view
        assert path_of(view.cwd, view.root) == b"/home/deep" and world.notes() == []

    in_world(body)


def test_reader_of_the_trace_is_told_when_the_working_directory_moves() -> None:
    def body(world: World) -> None:
        world.task.process.view.cwd = world.tree.walk(b"/own")
        world.run(b"/home/plain", [])
        view = world.task.process.view
        assert path_of(view.cwd, view.root) == b"/"
        assert world.notes() == ["the working directory /own is not the same here, it is / now"]

    in_world(body)


# --- places -------------------------------------------------------------------------------------------------------------------------


def test_executable_is_named_as_the_new_view_shows_it() -> None:
    def body(world: World) -> None:
        world.run(b"/home/plain", [])
        process = world.task.process
        assert process.executable is not None
        assert path_of(process.executable, process.view.root) == b"/home/plain"
        assert process.executable.mount in process.view.mounts.mounts

    in_world(body)


def test_scripts_interpreter_is_looked_for_in_the_roots_of_all_abis() -> None:
    def body(world: World) -> None:
        world.tree.mkdir(b"/bin")
        world.tree.write(b"/bin/sh", Elf().note().build(), mode=0o755)
        world.tree.write(b"/home/script", b"#!/bin/sh -e\n", mode=0o755)
        world.run(b"/home/plain", ENVIRONMENT)
        assert outcome(execute, world.task, b"/bin/sh", [b"sh"], None) == "ENOENT"
        world.run(b"/home/script", arguments=[b"script", b"word"])
        process = world.task.process
        assert process.abi.name == "linux-riscv64" and process.name == b"script"
        region = process.arguments
        assert load_bytes(world.task.space, u64(region.start), region.end - region.start) == b"/bin/sh\0-e\0/home/script\0word\0"
        assert world.linux_environment() == ENVIRONMENT

    in_world(body)


def test_callers_own_interpreter_comes_first() -> None:
    def body(world: World) -> None:
        for root, content in ((world.tree, Elf().note().build()), (world.roots[0], abis.program_of(PLAIN_OSABI))):
            root.mkdir(b"/bin")
            root.write(b"/bin/sh", content, mode=0o755)
        world.tree.write(b"/home/script", b"#!/bin/sh\n", mode=0o755)
        world.run(b"/home/script", [])
        assert world.task.process.abi.name == "linux-riscv64"
        world.run(b"/home/plain")
        world.run(b"/home/script")
        assert world.task.process.abi.name == "plain"

    in_world(body)


def test_script_that_its_interpreter_could_not_see_is_refused() -> None:
    def body(world: World) -> None:
        world.tree.write(b"/own/script", b"#!/home/plain\n", mode=0o755)
        with pytest.raises(Errno, match="does not show the script"):
            world.run(b"/own/script", [])
        world.tree.write(b"/home/script", b"#!/home/plain\n", mode=0o755)
        world.run(b"/home/script", [])
        assert world.strings() == [b"/home/plain", b"/home/script"]

    in_world(body)


# --- ceilings ------------------------------------------------------------------------------------------------------------------------


def test_ceilings_bind_while_the_abi_lasts() -> None:
    def body(world: World) -> None:
        process = world.task.process
        process.limits.set(Resource.OPEN_FILES, 8, 4096, privileged=True)
        world.run(b"/home/plain", [])
        assert process.handles.limit == 8 and process.space.limit_address_space == 1 << 20
        process.limits.set(Resource.OPEN_FILES, 100, 4096, privileged=True)
        process.apply_limits()
        assert process.handles.limit == 16 and process.limits.get(Resource.OPEN_FILES).soft == 100
        world.run(b"/home/rich")
        assert process.handles.limit == 100 and process.space.limit_address_space == INFINITY

    in_world(body)


def test_file_ceiling_gives_an_error_and_no_signal() -> None:
    def body(world: World) -> None:
        world.run(b"/home/plain", [])
        world.task.process.actions.set(Signal.SIGXFSZ, SignalAction(u64(0x1234)))  # process 1 gets only what it handles
        file = world.tree.open(b"/home/linux", Rights.WRITE)
        assert file.write_at(KernelBytes(bytearray(600)), 500) == 500
        assert outcome(file.write_at, KernelBytes(bytearray(1)), 1000) == "EFBIG"
        assert outcome(file.truncate, 1 << 20) == "EFBIG"
        assert world.task.process.pending.mask == 0 and world.task.pending.mask == 0
        world.task.process.limits.set(Resource.FILE_SIZE, 700, INFINITY, privileged=True)
        assert outcome(file.write_at, KernelBytes(bytearray(1)), 900) == "EFBIG"
        assert world.task.pending.mask == signal_bit(Signal.SIGXFSZ)

    in_world(body)


def test_processes_of_one_abi_are_counted_against_its_ceiling() -> None:
    def run(program: Program) -> None:
        world = World(program)
        world.run(b"/home/plain", [])
        for _ in range(3):
            spawn(world.task, lambda child: pause(2))
        assert outcome(fork, world.task, ForkOptions()) == "EAGAIN"
        for _ in range(3):
            wait(world.task)
        spawn(world.task, lambda child: None)
        wait(world.task)
        world.close()

    linux(run)


def test_handles_above_the_ceiling_stay_open() -> None:
    def body(world: World) -> None:
        handles = world.task.process.handles
        far = handles.allocate(world.tree.open(b"/home/linux"), Rights.READ, lowest=30)
        world.run(b"/home/plain", [])
        assert world.task.handles.is_open(far)
        for _ in range(16):
            world.task.handles.allocate(world.tree.open(b"/home/linux"), Rights.READ)
        assert outcome(world.task.handles.allocate, world.tree.open(b"/home/linux"), Rights.READ) == "EMFILE"

    in_world(body)


def test_old_abi_takes_leave_of_its_task_in_its_own_memory() -> None:
    def body(world: World) -> None:
        world.run(b"/home/plain", [])
        abi, space = world.task.abi, world.task.space
        assert isinstance(abi, SmallAbi)
        seen: list[object] = []
        abi.leave = lambda task: seen.append(task.space)  # type: ignore[method-assign]
        world.run(b"/home/rich")
        assert seen == [space] and world.task.space is not space
        seen.clear()

    in_world(body)


def test_linux_state_does_not_survive_a_detour() -> None:
    def body(world: World) -> None:
        world.run(b"/home/linux", [])
        state = world.task.abi
        assert isinstance(state, LinuxState)
        state.robust_list = u64(0x1000)
        state.clear_child_tid = u64(0x2000)
        world.run(b"/home/plain", [])
        world.run(b"/home/linux")
        state = world.task.abi
        assert isinstance(state, LinuxState) and state.robust_list == 0 and state.clear_child_tid == 0

    in_world(body)
