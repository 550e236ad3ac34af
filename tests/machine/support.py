"""A user program in a machine of its own: page tables made by hand, code from the project's assembler."""

from collections.abc import Callable
from io import BytesIO

from scarlet.cli.assembler import Code
from scarlet.machine import cpu, paging, physmem, sv39
from scarlet.machine.context import Context
from scarlet.machine.frame import Cause
from scarlet.machine.hosted import layout, world
from scarlet.machine.hosted.run import Machine
from scarlet.machine.sv39 import Pte

TEXT = 0x10000
DATA = 0x20000
CODE = Pte.V | Pte.R | Pte.X | Pte.U | Pte.A | Pte.D
READ_ONLY = Pte.V | Pte.R | Pte.U | Pte.A | Pte.D
READ_WRITE = Pte.V | Pte.R | Pte.W | Pte.U | Pte.A | Pte.D


class Space:
    """An address space in frames taken one after another from `first_pa`."""

    def __init__(self, first_pa: int = layout.RAM_BASE + 0x10_0000) -> None:
        self._next = first_pa
        self.root = self.frame()
        paging.new_root(self.root)

    def frame(self) -> int:
        self._next += sv39.PAGE_SIZE
        physmem.zero(self._next, sv39.PAGE_SIZE)
        return self._next

    def map(self, va: int, pa: int, bits: Pte) -> None:
        table = self.root
        for level in (2, 1):
            slot = table + 8 * sv39.index_of(va, level)
            if not sv39.is_valid(physmem.load64(slot)):
                physmem.store64(slot, sv39.make_entry(self.frame(), Pte.V))
            table = sv39.entry_pa(physmem.load64(slot))
        physmem.store64(table + 8 * sv39.index_of(va, 0), sv39.make_entry(pa, bits))

    def place(self, va: int, data: bytes, bits: Pte) -> int:
        frame = self.frame()
        physmem.write(frame, data)
        self.map(va, frame, bits)
        return frame


class Program(Context):
    """Code at TEXT, one writable page at DATA."""

    def __init__(self, code: Code | bytes) -> None:
        super().__init__()
        self.space = Space()
        self.text_pa = self.space.place(TEXT, code.bytes(TEXT) if isinstance(code, Code) else code, CODE)
        self.data_pa = self.space.place(DATA, b"", READ_WRITE)
        self.frame.pc = TEXT

    def enter(self) -> Cause:
        paging.activate(self.space.root)
        return Cause(cpu.enter_user(self))


def words(*instructions: int) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in instructions)


def on_machine(body: Callable[[], None], **options: object) -> int:
    """Run body() as the kernel of a fresh machine; it is switched off when body returns."""

    def boot() -> None:
        body()
        world.current.power_off(0)

    arguments: dict[str, object] = {"memory": 8 << 20, "stdout": BytesIO(), "log": BytesIO()}
    return Machine(**(arguments | options)).run(boot)  # type: ignore[arg-type]
