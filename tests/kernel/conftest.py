"""Kernel unit tests run on the hosted machine's memory, without a Machine: every test starts with a fresh frame allocator."""

import pytest

from scarlet.kernel.memory import frames, pagetable
from scarlet.machine import physmem
from scarlet.machine.bootinfo import MemoryRange

RAM_BASE = 0x8000_0000
RAM_SIZE = 48 << 20
IMAGE_SIZE = 2 << 20
"""As if the kernel lay at the start of memory."""


@pytest.fixture(autouse=True)
def memory() -> None:
    physmem.zero(RAM_BASE, RAM_SIZE)
    frames.init([MemoryRange(RAM_BASE, RAM_SIZE)], [MemoryRange(RAM_BASE, IMAGE_SIZE)])
    pagetable.init()
