"""An address space and a user program made by hand, in the dialect."""

from typing import Final

from scarlet.machine import cpu, debug, paging, physmem, platform, sv39
from scarlet.machine.context import Context
from scarlet.machine.sv39 import PAGE_SIZE, Pte

TEXT: Final = 0x10000
DATA: Final = 0x20000
CODE: Final = 0x5B
"""V R X U A."""
READ_WRITE: Final = 0xD7
"""V R W U A D."""

ECALL: Final = 0x00000073


class Frames:
    """Frames from the middle of memory on, where nothing else is."""

    def __init__(self) -> None:
        memory = platform.boot_info().memory[0]
        self.next_pa = memory.base + memory.size // 2

    def take(self) -> int:
        pa = self.next_pa
        self.next_pa += PAGE_SIZE
        physmem.zero(pa, PAGE_SIZE)
        return pa


class Program(Context):
    """User code at TEXT and one writable page at DATA, in an address space of its own."""

    def __init__(self, frames: Frames, code: list[int]) -> None:
        super().__init__()
        self.frames = frames
        self.root = frames.take()
        paging.new_root(self.root)
        self.text_pa = frames.take()
        self.data_pa = frames.take()
        self.map(TEXT, self.text_pa, CODE)
        self.map(DATA, self.data_pa, READ_WRITE)
        for index, word in enumerate(code):
            physmem.store32(self.text_pa + 4 * index, word)
        cpu.fence_i()
        self.frame.pc = TEXT

    def map(self, va: int, pa: int, bits: int) -> None:
        table = self.root
        for level in (2, 1):
            slot = table + 8 * sv39.index_of(va, level)
            if int(physmem.load64(slot)) & Pte.V == 0:
                physmem.store64(slot, sv39.make_entry(self.frames.take(), Pte.V))
            table = sv39.entry_pa(int(physmem.load64(slot)))
        physmem.store64(table + 8 * sv39.index_of(va, 0), sv39.make_entry(pa, bits))

    def enter(self) -> int:
        paging.activate(self.root)
        return cpu.enter_user(self)


def say(text: str) -> None:
    debug.write(text.encode() + b"\n")
