"""memoryview: a window on a bytes or a bytearray. Slicing it shares; a bytearray cannot change its size while views of it exist."""

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, inline, memmove, unchecked_cast
from scarlet.runtime import spans
from scarlet.runtime.buffer import LARGEST, Buffer, BufferIterator, checked_byte
from scarlet.runtime.bytearray import ByteArray
from scarlet.runtime.bytes import Bytes, copy_of_buffer
from scarlet.runtime.bytetext import hex_text
from scarlet.runtime.spans import Slice, clamp


class MemoryView(Buffer):
    """memoryview of bytes or of a bytearray: `_offset` and `_size` are within the owner, which is exported while the view is alive."""

    def __init__(self, owner: Buffer, offset: int, size: int, readonly: bool) -> None:
        self._owner: Buffer | None = owner
        self._offset = offset
        self._size = size
        self.readonly = readonly
        if not readonly:
            unchecked_cast(ByteArray, owner).export(1)

    def __del__(self) -> None:
        self.release()

    def release(self) -> None:
        """Let the owner go; the view cannot be used any more."""
        owner = self._owner
        self._owner = None
        if owner is not None and not self.readonly:
            unchecked_cast(ByteArray, owner).export(-1)

    def __enter__(self) -> "MemoryView":
        self._live()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.release()

    @inline
    def _live(self) -> Buffer:
        owner = self._owner
        if owner is None:
            raise ValueError("operation forbidden on released memoryview object")
        return owner

    def start(self) -> Ptr[u8]:
        return self._live().start() + self._offset

    def count_bytes(self) -> int:
        self._live()
        return self._size

    @property
    def nbytes(self) -> int:
        return self.count_bytes()

    @property
    def itemsize(self) -> int:
        return 1

    @property
    def obj(self) -> Buffer:
        return self._live()

    def __len__(self) -> int:
        return self.count_bytes()

    def __bool__(self) -> bool:
        return self.count_bytes() != 0

    def item_at(self, index: int) -> int:
        """Byte `index`, which the caller knows to exist."""
        return int(self.start()[index])

    def _position(self, index: int) -> int:
        at = i64(index + self._size) if index < 0 else index
        if u64(at) >= u64(self._size):
            raise IndexError("index out of bounds on dimension 1")
        return at

    def __getitem__(self, index: int) -> int:
        start = self.start()
        return int(start[self._position(index)])

    def __setitem__(self, index: int, value: int) -> None:
        start = self.start()
        if self.readonly:
            raise TypeError("cannot modify read-only memory")
        at = self._position(index)
        start[at] = checked_byte(value, "memoryview: invalid value for format 'B'")

    def getslice(self, start: int, stop: int) -> "MemoryView":
        owner = self._live()
        low = clamp(start, self._size)
        size = max(0, clamp(stop, self._size) - low)
        return MemoryView(owner, self._offset + low, size, self.readonly)

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> "MemoryView":
        """Only of step 1: a view of every n-th byte is refused."""
        bounds = Slice(start, stop, step, self._size)
        if step != 1:
            raise NotImplementedError("memoryview slices have step 1")
        return self.getslice(bounds.start, max(bounds.start, bounds.stop))

    def setslice(self, start: int, stop: int, data: Buffer) -> None:
        """self[start:stop] = data, of the same size."""
        target = self.start()
        if self.readonly:
            raise TypeError("cannot modify read-only memory")
        low = clamp(start, self._size)
        size = max(0, clamp(stop, self._size) - low)
        if data.count_bytes() != size:
            raise ValueError("memoryview assignment: lvalue and rvalue have different structures")
        memmove(target + low, data.start(), u64(size))

    def __iter__(self) -> BufferIterator:
        return BufferIterator(self)

    def __contains__(self, wanted: int) -> bool:
        return spans.find_byte(self.start(), u8(wanted), 0, self._size) >= 0 if 0 <= wanted < 256 else False

    def contains_byte(self, wanted: int) -> bool:
        return wanted in self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Buffer) and self.equals_buffer(other)

    def equals_buffer(self, other: Buffer) -> bool:
        return self._size == other.count_bytes() and spans.equal(self.start(), other.start(), self._size)

    def __hash__(self) -> int:
        if not self.readonly:
            raise ValueError("cannot hash writable memoryview object")
        return hash(self.tobytes())

    def tobytes(self) -> bytes:
        return copy_of_buffer(self)

    def tolist(self) -> list[int]:
        out: list[int] = []
        for at in range(self.count_bytes()):
            out.append(self.item_at(at))
        return out

    def toreadonly(self) -> "MemoryView":
        if self.readonly:
            return MemoryView(self._live(), self._offset, self._size, True)
        raise NotImplementedError("memoryview.toreadonly of a bytearray")

    def hex(self) -> str:
        return hex_text(self)


def view_of_bytes(owner: bytes) -> MemoryView:
    source = unchecked_cast(Bytes, owner)
    return MemoryView(source, 0, source.size, True)


def view_of_bytearray(owner: bytearray) -> MemoryView:
    source = unchecked_cast(ByteArray, owner)
    return MemoryView(source, 0, len(source), False)


def view_of_view(owner: MemoryView) -> MemoryView:
    return owner.getslice(0, LARGEST)
