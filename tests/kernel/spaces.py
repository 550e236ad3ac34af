"""Helpers for address-space tests: a file of pages, and a program's view of memory."""

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access, FaultResult, Pager, Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.machine import physmem
from scarlet.machine.sv39 import PAGE_SIZE

PAGE = PAGE_SIZE
NONE = Protection.NONE
R = Protection.READ
W = Protection.WRITE
X = Protection.EXEC
RW = Protection.READ | Protection.WRITE


class FakeFile(Pager):
    """A file of `count` pages in frames of its own; page n is filled with byte n + 1. `ready` of them are resident."""

    def __init__(self, count: int, ready: int = 0) -> None:
        self.frames = [frames.allocate() for _ in range(count)]
        self.ready = ready
        self.asked: list[tuple[int, bool]] = []
        for index, frame in enumerate(self.frames):
            physmem.write(frame, bytes([index + 1]) * PAGE)

    def page(self, index: int, *, write: bool) -> int:
        self.asked.append((index, write))
        if index >= len(self.frames):
            return 0
        frames.ref(self.frames[index])
        return self.frames[index]

    def resident(self, index: int) -> int:
        if index >= self.ready:
            return 0
        frames.ref(self.frames[index])
        return self.frames[index]


class Fault(Exception):
    """The program would have got a signal."""

    def __init__(self, result: FaultResult) -> None:
        super().__init__(result.name)
        self.result = result


def touch(space: AddressSpace, address: int, access: Access) -> int:
    """What the hardware does: walk, fault, try again. Gives the physical address."""
    for _ in range(3):
        entry = space.table.lookup(address)
        bit = {Access.READ: 2, Access.WRITE: 4, Access.EXECUTE: 8}[access]
        if entry & 1 and entry & bit and entry & 16:
            return ((entry >> 10) << 12) + address % PAGE
        result = space.fault(address, access)
        if result is not FaultResult.OK:
            raise Fault(result)
    raise AssertionError("the fault was served three times and is still there")


def load(space: AddressSpace, address: int) -> int:
    return physmem.load8(touch(space, address, Access.READ))


def store(space: AddressSpace, address: int, value: int) -> None:
    physmem.store8(touch(space, address, Access.WRITE), value)


def outcome(space: AddressSpace, address: int, access: Access) -> FaultResult:
    """What a touch ends in."""
    try:
        touch(space, address, access)
    except Fault as fault:
        return fault.result
    return FaultResult.OK


def shape(space: AddressSpace) -> list[tuple[int, int, int]]:
    """The areas as (start page, end page, protection)."""
    return [(area.start // PAGE, area.end // PAGE, int(area.protection)) for area in space.areas.items]
