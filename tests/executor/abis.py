"""Two small ABIs beside Linux, to cross borders with: one that has no environment and a root of its own, one that has both.

Their programs are told by OSABI. Nothing of them runs: a test looks at the task that exec leaves.
"""

from executor.elf import parse
from executor.evidence import Evidence, Strength
from executor.image import Image
from executor.mapping import map_program
from executor.protocol import AbiModule, Program, Request
from objects.abi import Abi
from objects.ceilings import Ceilings
from objects.credentials import Credentials
from objects.task import Task
from objects.view import Location, MountFlags, View
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, u64
from tests.executor.support import Elf
from tests.vfs.support import Tree
from vfs import mounts
from vfs.paths import working_directory
from vfs.tmpfs.options import new_tmpfs
from vfs.walk import walk

PLAIN_OSABI, RICH_OSABI = 201, 202
STACK = 0x400000
ROOT = Credentials(0, 0)
SHARED = (b"/home", b"/tmp")


class SmallAbi(Abi):
    """Remembers what it is told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.notes: list[str] = []
        self.left: list[int] = []

    def leave(self, task: Task) -> None:
        self.left.append(task.tid)

    def trace_note(self, task: Task, text: str) -> None:
        self.notes.append(text)


class SmallModule(AbiModule):
    """Takes files of one OSABI; arguments and environment go onto one stack page as they are."""

    def __init__(self, name: str, os_abi: int, *, has_environment: bool) -> None:
        super().__init__(name)
        self.os_abi = os_abi
        self.has_environment = has_environment
        self.own_view: View | None = None

    def recognise(self, image: Image) -> Evidence:
        evidence = Evidence()
        if parse(image).os_abi == self.os_abi:
            evidence.support(Strength.CERTAIN, "its OSABI")
        else:
            evidence.rule_out("another OSABI")
        return evidence

    def view(self, current: View) -> View:
        """A root of its own, with the working directory carried over when the view shows it."""
        own = self.own_view
        if own is None or own.mounts is current.mounts:
            return current
        cwd = own.root
        path = working_directory(current.cwd, current.root)
        try:
            there = walk(own, ROOT, None, path)
            cwd = there if there.inode is current.cwd.inode else own.root
        except Errno:
            pass
        return View(own.root, cwd, own.mounts, current.umask)

    def load(self, request: Request, previous: Abi) -> Program:
        space = AddressSpace()
        map_program(space, request.image, parse(request.image), 0, request.path)
        space.map_area(u64(STACK), u64(0x1000), Protection.READ | Protection.WRITE, fixed=True)
        store_bytes(space, u64(STACK), b"\0".join(request.arguments + (request.environment if self.has_environment else [])))
        program = Program(space, parse(request.image).entry, u64(STACK + 0x1000), SmallAbi(self.name))
        program.a0 = u64(len(request.arguments))
        program.a1 = u64(STACK)
        return program


def plain_module() -> SmallModule:
    """No environment, and ceilings."""
    module = SmallModule("plain", PLAIN_OSABI, has_environment=False)
    module.ceilings = Ceilings(open_files=16, processes=4, file_bytes=1000, memory_bytes=1 << 20)
    return module


def rich_module() -> SmallModule:
    return SmallModule("rich", RICH_OSABI, has_environment=True)


def program_of(os_abi: int) -> bytes:
    """A program of a small ABI."""
    file = Elf()
    file.header.ident = file.header.ident[:7] + bytes([os_abi]) + file.header.ident[8:]
    return file.build()


def give_own_root(module: SmallModule, tree: Tree) -> Tree:
    """A root for the module's programs: empty but for the shared folders, and the caller's root under /scarlet."""
    other = Tree(new_tmpfs(mode=0o755))
    for path in SHARED:
        other.mkdir(path)
        mounts.attach(other.view.mounts, tree.inode(path), other.walk(path), MountFlags.NONE, b"bind")
    module.own_view = other.view
    return other


def inside(view: View, path: bytes) -> Location:
    """The place a path leads to in a view."""
    return walk(view, ROOT, None, path)
