"""Exec as a transaction: what the new program finds, and that a failure changes nothing."""

import struct
from collections.abc import Iterator

import pytest

from executor import protocol
from executor.exec import execute, execute_at
from objects.object import Rights
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, read_cstring
from scarlet.kernel.signals import Signal, SignalAction
from scarlet.lang import u64
from tests.abi.support import Program, linux
from tests.executor.support import BASE, ET_DYN, PT_GNU_STACK, PT_INTERP, Elf
from tests.vfs.support import outcome
from vfs.opening import How

AT = {
    3: "PHDR", 4: "PHENT", 5: "PHNUM", 6: "PAGESZ", 7: "BASE", 8: "FLAGS", 9: "ENTRY", 11: "UID", 12: "EUID", 13: "GID", 14: "EGID",
    16: "HWCAP", 17: "CLKTCK", 23: "SECURE", 25: "RANDOM", 26: "HWCAP2", 31: "EXECFN", 33: "SYSINFO_EHDR", 51: "MINSIGSTKSZ",
}  # fmt: skip


@pytest.fixture(autouse=True)
def linux_module() -> Iterator[None]:
    from abi_modules.linux_riscv64.module import LinuxModule

    protocol.modules.append(LinuxModule())
    yield
    protocol.modules.clear()


class Found:
    """What the new program finds on its stack."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.sp = int(task.frame.sp)
        self.argc = self.long(self.sp)
        self.argv, place = self.strings(self.sp + 8)
        self.envp, place = self.strings(place)
        self.auxv: dict[str, int] = {}
        while kind := self.long(place):
            self.auxv[AT[kind]] = self.long(place + 8)
            place += 16

    def long(self, address: int) -> int:
        return int(struct.unpack("<Q", load_bytes(self.task.space, u64(address), 8))[0])

    def string(self, address: int) -> bytes:
        return read_cstring(self.task.space, u64(address), 1 << 20)

    def strings(self, place: int) -> tuple[list[bytes], int]:
        found = []
        while pointer := self.long(place):
            found.append(self.string(pointer))
            place += 8
        return found, place + 8


def test_stack_registers_and_description_of_a_static_program() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/program", Elf().note().build(), mode=0o755)
        task = program.task
        task.frame.s5 = u64(99)
        execute(task, b"/program", [b"prog", b"-x", b""], [b"A=1", b"B="])
        found = Found(task)
        assert found.sp % 16 == 0 and found.argc == 3
        assert found.argv == [b"prog", b"-x", b""] and found.envp == [b"A=1", b"B="]
        aux = found.auxv
        assert set(aux) == set(AT.values())
        assert (aux["PHDR"], aux["PHENT"], aux["PHNUM"], aux["ENTRY"], aux["BASE"]) == (BASE + 64, 56, 3, BASE + 0x400, 0)
        assert (aux["PAGESZ"], aux["CLKTCK"], aux["SECURE"], aux["HWCAP"]) == (4096, 100, 0, 0x112D)
        assert found.string(aux["EXECFN"]) == b"/program"
        assert load_bytes(task.space, u64(aux["SYSINFO_EHDR"]), 4) == b"\x7fELF"
        assert load_bytes(task.space, u64(aux["RANDOM"]), 16) != bytes(16)
        assert task.frame.pc == BASE + 0x400
        assert [int(task.frame.get(number)) for number in range(1, 32) if number != 2] == [0] * 30
        assert task.process.name == b"program" and task.name == b"program"
        arguments = task.process.arguments
        assert load_bytes(task.space, u64(arguments.start), arguments.end - arguments.start) == b"prog\0-x\0\0"
        environment = task.process.environment
        assert load_bytes(task.space, u64(environment.start), environment.end - environment.start) == b"A=1\0B=\0"
        location = task.process.executable
        assert location is not None and location.inode is program.tree.inode(b"/program")

    linux(body)


def test_memory_is_file_data_bss_and_heap() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/program", Elf(data=b"hello", bss=0x3000).build(), mode=0o755)
        task = program.task
        execute(task, b"/program", [b"p"], [])
        assert load_bytes(task.space, u64(BASE + 0x1000), 0x3005) == b"hello" + bytes(0x3000)
        assert outcome(load_bytes, task.space, u64(BASE + 0x5000), 1) == "EFAULT"
        assert program.call(214, 0) == BASE + 0x5000
        assert program.call(214, BASE + 0x5100) == BASE + 0x5100
        assert load_bytes(task.space, u64(BASE + 0x5000), 4) == bytes(4)

    linux(body)


def test_failed_exec_changes_nothing() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/garbage", b"\x7fELF" + bytes(200), mode=0o755)
        tree.write(b"/plain", Elf().build(), mode=0o644)
        tree.write(b"/dynamic", Elf().add(PT_INTERP, b"/lib/ld.so\0", 0x200).build(), mode=0o755)
        tree.write(b"/text", b"just text\n", mode=0o755)
        tree.mkdir(b"/directory")
        tree.symlink(b"/loop", b"/loop")
        before = (task.space, task.abi, int(task.frame.pc), int(task.frame.sp), task.process.name)
        for path, expected in (
            (b"/garbage", "ENOEXEC"), (b"/plain", "EACCES"), (b"/dynamic", "ENOENT"), (b"/text", "ENOEXEC"), (b"/directory", "EACCES"),
            (b"/loop", "ELOOP"), (b"/missing", "ENOENT"), (b"/plain/x", "ENOTDIR"), (b"", "ENOENT"),
        ):  # fmt: skip
            assert outcome(execute, task, path, [b"p"], []) == expected, path
        assert outcome(execute, task, b"/dynamic", [b"x" * (1 << 17)], []) == "ENOENT"
        assert before == (task.space, task.abi, int(task.frame.pc), int(task.frame.sp), task.process.name)

    linux(body)


def test_arguments_are_limited_by_a_quarter_of_the_stack() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/program", Elf().build(), mode=0o755)
        task = program.task
        assert outcome(execute, task, b"/program", [b"x" * (1 << 17)], []) == "E2BIG"
        many = [b"x" * 1000] * 2100
        assert outcome(execute, task, b"/program", many, []) == "E2BIG"
        assert outcome(execute, task, b"/program", many[:2000], [b"e"] * 10) == "ok"
        assert Found(task).argc == 2000

    linux(body)


def test_no_arguments_become_one_empty_argument() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/program", Elf().build(), mode=0o755)
        execute(program.task, b"/program", [], [])
        assert Found(program.task).argv == [b""]

    linux(body)


def test_scripts_nest_five_deep() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/s0", Elf().build(), mode=0o755)
        for depth in range(1, 7):
            tree.write(b"/s%d" % depth, b"#!/s%d arg%d\n" % (depth - 1, depth), mode=0o755)
        assert outcome(execute, task, b"/s6", [b"zero", b"one"], []) == "ELOOP"
        execute(task, b"/s5", [b"zero", b"one"], [])
        found = Found(task)
        assert found.argv == [b"/s0", b"arg1", b"/s1", b"arg2", b"/s2", b"arg3", b"/s3", b"arg4", b"/s4", b"arg5", b"/s5", b"one"]
        assert found.string(found.auxv["EXECFN"]) == b"/s5" and task.process.name == b"s5"

    linux(body)


def test_script_needs_permission_and_an_interpreter_that_is_there() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/no-interpreter", b"#!/missing\n", mode=0o755)
        tree.write(b"/no-permission", b"#!/plain\n", mode=0o755)
        tree.write(b"/plain", Elf().build(), mode=0o644)
        assert outcome(execute, task, b"/no-interpreter", [b"p"], []) == "ENOENT"
        assert outcome(execute, task, b"/no-permission", [b"p"], []) == "EACCES"

    linux(body)


def test_position_independent_program_and_its_interpreter() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        linker = Elf()
        linker.header.update({"type": ET_DYN, "entry": 0x400})
        for segment in linker.segments:
            segment.vaddr -= BASE
        tree.mkdir(b"/lib")
        tree.write(b"/lib/ld.so", linker.build(), mode=0o755)
        main = Elf().add(PT_INTERP, b"/lib/ld.so\0", 0x200)
        main.header.update({"type": ET_DYN})
        tree.write(b"/program", main.build(), mode=0o755)
        execute(task, b"/program", [b"p"], [])
        aux = Found(task).auxv
        assert task.frame.pc == aux["BASE"] + 0x400
        bias = aux["ENTRY"] - BASE - 0x400
        assert bias > 0x1000000 and bias % 4096 == 0 and aux["PHDR"] == bias + BASE + 64
        assert load_bytes(task.space, u64(aux["BASE"] + 0x1000), 4) == b"data"
        assert load_bytes(task.space, u64(bias + BASE + 0x1000), 4) == b"data"

    linux(body)


def test_stack_is_executable_only_on_demand() -> None:
    def body(program: Program) -> None:
        from scarlet.kernel.memory.area import Protection

        tree, task = program.tree, program.task
        tree.write(b"/plain", Elf().build(), mode=0o755)
        tree.write(b"/trampolines", Elf().add(PT_GNU_STACK, b"", 0, flags=7).build(), mode=0o755)
        execute(task, b"/plain", [b"p"], [])
        area = task.space.find(int(task.frame.sp))
        assert area is not None and not area.protection & Protection.EXEC and area.grows_down
        execute(task, b"/trampolines", [b"p"], [])
        area = task.space.find(int(task.frame.sp))
        assert area is not None and area.protection & Protection.EXEC

    linux(body)


def test_handlers_become_default_and_marked_descriptors_close() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/program", Elf().build(), mode=0o755)
        task.process.actions.set(Signal.SIGUSR1, SignalAction(u64(0x1234)))
        task.process.actions.set(Signal.SIGUSR2, SignalAction(u64(1)))
        kept = task.handles.allocate(tree.open(b"/program"), Rights.READ)
        marked = task.handles.allocate(tree.open(b"/program"), Rights.READ, close_on_exec=True)
        execute(task, b"/program", [b"p"], [])
        assert task.process.actions.get(Signal.SIGUSR1).is_default and task.process.actions.get(Signal.SIGUSR2).is_ignored
        assert task.handles.is_open(kept) and not task.handles.is_open(marked)

    linux(body)


def test_set_user_id_bits_give_the_owners_identity() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/program", Elf().build(), mode=0o755)
        tree.chown(b"/program", 1000, 2000)
        tree.chmod(b"/program", 0o6755)
        execute(task, b"/program", [b"p"], [])
        who = task.credentials
        assert (who.uid, who.euid, who.suid, who.gid, who.egid) == (0, 1000, 1000, 0, 2000)
        aux = Found(task).auxv
        assert (aux["SECURE"], aux["UID"], aux["EUID"], aux["EGID"]) == (1, 0, 1000, 2000)
        assert not task.process.dumpable

    linux(body)


def test_no_new_privileges_ignores_set_user_id_bits() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/program", Elf().build(), mode=0o755)
        tree.chown(b"/program", 1000, 1000)
        tree.chmod(b"/program", 0o4755)
        task.process.no_new_privileges = True
        execute(task, b"/program", [b"p"], [])
        assert task.credentials.euid == 0 and Found(task).auxv["SECURE"] == 0

    linux(body)


def test_running_file_cannot_be_written_and_written_file_cannot_be_run() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/program", Elf().build(), mode=0o755)
        writer = tree.open(b"/program", Rights.WRITE)
        assert outcome(execute, task, b"/program", [b"p"], []) == "ETXTBSY"
        del writer
        execute(task, b"/program", [b"p"], [])
        assert outcome(tree.open, b"/program", Rights.WRITE, How.NONE) == "ETXTBSY"
        task.process.executable = None
        task.space.unmap(u64(0x1000), u64((1 << 38) - 0x1000))
        assert outcome(tree.open, b"/program", Rights.WRITE, How.NONE) == "ok"

    linux(body)


def test_execveat_runs_what_a_descriptor_holds() -> None:
    def body(program: Program) -> None:
        tree, task = program.tree, program.task
        tree.write(b"/program", Elf().build(), mode=0o755)
        tree.write(b"/script", b"#!/program\n", mode=0o755)
        tree.symlink(b"program", b"/link")
        slot = task.handles.allocate(tree.open(b"/program"), Rights.READ)
        script = task.handles.allocate(tree.open(b"/script"), Rights.READ, close_on_exec=True)
        root = task.handles.allocate(tree.open(b"/"), Rights.READ)

        def at(directory: int, path: bytes, *, follow: bool = True, empty_path: bool = False) -> str:
            return outcome(lambda: execute_at(task, directory, path, [b"p"], [], follow=follow, empty_path=empty_path))

        assert at(slot, b"") == "ENOENT"
        assert at(slot, b"x") == "ENOTDIR"
        assert at(77, b"x") == "EBADF"
        assert at(-100, b"") == "ENOENT" and at(-100, b"", empty_path=True) == "EACCES" and at(77, b"") == "ENOENT"
        assert at(-100, b"link", follow=False) == "ELOOP" and at(77, b"/link", follow=False) == "ELOOP"
        assert at(root, b"", empty_path=True) == "EACCES"
        assert at(root, b"link", follow=False) == "ELOOP"
        assert at(script, b"", empty_path=True) == "ENOENT"
        assert at(root, b"link") == "ok"
        assert at(slot, b"", empty_path=True) == "ok"
        found = Found(task)
        assert found.string(found.auxv["EXECFN"]) == b"/dev/fd/%d" % slot
        assert task.process.name == b"%d" % slot

    linux(body)
