"""A part of a buffer, as a buffer of its own."""

from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, Pinned


class Window(Buffer):
    """`length` bytes of another buffer from `start` on."""

    def __init__(self, whole: Buffer, start: int, length: int) -> None:
        super().__init__(length)
        assert start >= 0 and length <= whole.length - start, "window outside the buffer"
        self.whole = whole
        self.start = start

    def read(self, offset: int, count: int) -> bytes:
        return self.whole.read(self.start + offset, count)

    def write(self, offset: int, data: bytes) -> None:
        self.whole.write(self.start + offset, data)

    def reach(self, offset: int, count: int, access: Access) -> int:
        return self.whole.reach(self.start + offset, count, access)

    def pin(self, offset: int, count: int, access: Access) -> Pinned | None:
        return self.whole.pin(self.start + offset, count, access)

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        self.whole.to_physical(self.start + offset, pa, count)

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        self.whole.from_physical(self.start + offset, pa, count)

    def zero(self, offset: int, count: int) -> None:
        self.whole.zero(self.start + offset, count)
