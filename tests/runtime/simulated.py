"""The runtime under CPython, over a simulated memory: scarlet.lang.raw as Python objects, and a heap that checks every free.

The runtime exists to be compiled; its algorithms - hashing, probing, slicing, splitting, formatting - can be tried
here in milliseconds and under a debugger. Memory is a dict of cells; every element, whatever its type, occupies one
address, so a Ptr needs no element size. Reference counts are CPython's.
"""

import ast
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import scarlet.lang as lang

cells: dict[int, Any] = {}
blocks: dict[int, int] = {}
_next_address = 0x10000


class AllOnes(int):
    """What memset(0xFF) leaves: -1, or the largest value of an unsigned type, whichever the code that reads it means."""

    def __new__(cls) -> "AllOnes":
        return super().__new__(cls, -1)

    def __eq__(self, other: object) -> bool:
        return other in (-1, 255, (1 << 64) - 1) if isinstance(other, int) else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return 0

    def __ge__(self, other: int) -> bool:
        return other > 1 << 32

    def __lt__(self, other: int) -> bool:
        return not self >= other


class Ptr:
    item_size = 1
    counted = True

    def __class_getitem__(cls, item: Any) -> Any:
        return cls

    def __init__(self, address: int) -> None:
        self.address = address

    def __getitem__(self, index: int) -> Any:
        return cells[self.address + index]

    def __setitem__(self, index: int, value: Any) -> None:
        cells[self.address + index] = value

    init = __setitem__

    def take(self, index: int) -> Any:
        return cells.pop(self.address + index)

    def drop(self, index: int) -> None:
        del cells[self.address + index]

    def __add__(self, count: int) -> "Ptr":
        return Ptr(self.address + count)

    def __sub__(self, count: int) -> "Ptr":
        return Ptr(self.address - count)

    def __bool__(self) -> bool:
        return self.address != 0


def allocate(size: int) -> int:
    global _next_address
    address = _next_address
    _next_address += size + 64
    blocks[address] = size
    return address


def free(address: int, size: int) -> None:
    assert blocks.pop(address) == size, "freed with another size than it was allocated with"
    for at in range(address, address + size):
        cells.pop(at, None)


def memcpy(target: Ptr, source: Ptr, count: int) -> None:
    moved = {at: cells[source.address + at] for at in range(count) if source.address + at in cells}
    for at in range(count):
        cells.pop(target.address + at, None)
    for at, value in moved.items():
        cells[target.address + at] = value


def memset(target: Ptr, value: int, count: int) -> None:
    for at in range(count):
        cells[target.address + at] = AllOnes() if value == 0xFF else value


def memcmp(left: Ptr, right: Ptr, count: int) -> int:
    for at in range(count):
        if left[at] != right[at]:
            return int(left[at] - right[at])
    return 0


def load(size: int) -> Callable[[int], int]:
    return lambda address: int.from_bytes(bytes(cells[address + at] for at in range(size)), "little")


def store(size: int) -> Callable[[int, int], None]:
    def write(address: int, value: int) -> None:
        for at in range(size):
            cells[address + at] = value >> 8 * at & 255

    return write


def allocate_trailing(kind: Any, size: int) -> Any:
    thing = kind()
    thing._payload_address = allocate(size)
    return thing


def payload(thing: Any) -> Ptr:
    return Ptr(thing._payload_address)


def text_value(text: str) -> Any:
    """A runtime Str."""
    data = text.encode("utf-8", "surrogatepass")
    return _filled(sys.modules["scarlet.runtime.str"].new(len(data)), data, length=len(text))


def bytes_value(data: bytes) -> Any:
    """A runtime Bytes."""
    return _filled(sys.modules["scarlet.runtime.bytes"].new(len(data)), data)


def _filled(thing: Any, data: bytes, length: int | None = None) -> Any:
    for at, byte in enumerate(data):
        cells[thing._payload_address + at] = byte
    if length is not None:
        thing.length = length
    return thing


def span_bytes(thing: Any) -> bytes:
    """The bytes of a Str or a Buffer."""
    start, size = (payload(thing), thing.size) if hasattr(thing, "length") else (thing.start(), thing.count_bytes())
    return bytes(start[at] for at in range(size))


def unchecked_cast(kind: Any, thing: Any) -> Any:
    """Between a runtime class and the builtin that it is."""
    name = getattr(kind, "__name__", "") or getattr(getattr(kind, "__origin__", None), "__name__", "")
    own = type(thing).__name__
    match name, own:
        case "str", "Str":
            return span_bytes(thing).decode("utf-8", "surrogatepass")
        case "Str", "str":
            return text_value(thing)
        case "bytes", "Bytes":
            return span_bytes(thing)
        case (("Bytes" | "Buffer"), "bytes"):
            return bytes_value(thing)
        case "bytearray", "ByteArray":
            return bytearray(span_bytes(thing))
        case (("ByteArray" | "Buffer"), "bytearray"):
            out = sys.modules["scarlet.runtime.bytearray"].ByteArray()
            out.extend(bytes_value(bytes(thing)))
            return out
        case "list", "List":
            return [thing.item_at(at) for at in range(len(thing))]
        case "List", "list":
            out = sys.modules["scarlet.runtime.list"].List()
            for item in thing:
                out.append(item)
            return out
        case "dict", "Dict":
            return dict(iterate(thing.items()))
        case "set", "Set":
            return set(iterate(thing))
    return thing


def native(thing: Any) -> Any:
    """What a runtime object is in CPython."""
    match type(thing).__name__:
        case "Str":
            return unchecked_cast(str, thing)
        case "Bytes":
            return unchecked_cast(bytes, thing)
        case "ByteArray":
            return unchecked_cast(bytearray, thing)
        case "List" | "Deque":
            return [native(thing.item_at(at)) for at in range(len(thing))]
        case "tuple":
            return tuple(map(native, thing))
        case "list":
            return [native(item) for item in thing]
    return thing


def outcome(function: Callable[[], Any]) -> tuple[str, Any]:
    """The value of a call, or the class and text of what it raised."""
    try:
        return "value", native(function())
    except (ValueError, IndexError, KeyError, OverflowError, TypeError, LookupError, RuntimeError) as error:
        return type(error).__name__, str(error)


def iterate(thing: Any) -> Iterator[Any]:
    iterator = thing.__iter__()
    while True:
        try:
            yield iterator.__next__()
        except StopIteration:
            return


def _static_bytes(size: int, align: int = 16) -> Ptr:
    address = allocate(size)
    for at in range(size):
        cells[address + at] = 0
    return Ptr(address)


def _same(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def install() -> None:
    """Make `import scarlet.runtime.X` work."""
    raw = types.ModuleType("scarlet.lang.raw")
    for name, value in {
        "Ptr": Ptr, "inline": _same, "noinline": _same, "unlikely": _same, "likely": _same, "memcpy": memcpy,
        "memmove": memcpy, "memset": memset,
        "memcmp": memcmp, "allocate_trailing": allocate_trailing, "payload": payload, "unchecked_cast": unchecked_cast,
        "static_bytes": _static_bytes, "less": lambda a, b: a < b, "make_immortal": lambda thing: None, "u8": lang.u8,
    }.items():  # fmt: skip
        setattr(raw, name, value)
    for size in (1, 2, 4, 8):
        setattr(raw, f"load{8 * size}", load(size))
        setattr(raw, f"store{8 * size}", store(size))
    heap = types.ModuleType("scarlet.runtime.heap")
    heap.allocate = allocate  # type: ignore[attr-defined]
    heap.free = free  # type: ignore[attr-defined]
    exceptions = types.ModuleType("scarlet.runtime.exceptions")
    for name in ("UnicodeDecodeError", "UnicodeEncodeError"):
        setattr(exceptions, name, type(name, (ValueError,), {"set_shown": lambda self, text, shown: setattr(self, "args", (text,))}))
    kind = types.ModuleType("scarlet.runtime.kind")
    kind.same_class = lambda a, b: type(a) is type(b)  # type: ignore[attr-defined]
    lang.raw = raw  # type: ignore[attr-defined]
    sys.modules.update({f"scarlet.runtime.{module.__name__.rpartition('.')[2]}": module for module in (heap, exceptions, kind)})
    sys.modules["scarlet.lang.raw"] = raw
    import scarlet.runtime as runtime

    runtime.heap = heap  # type: ignore[attr-defined]
    runtime.exceptions = exceptions  # type: ignore[attr-defined]
    for name in ("format", "memoryview", "codecs", "bytetext"):
        importlib.import_module(f"scarlet.runtime.{name}")
    for name, module in list(sys.modules.items()):
        if name.startswith("scarlet.runtime.") and module.__spec__ is not None:
            _follow_type_checking(module)


def _follow_type_checking(module: types.ModuleType) -> None:
    """Make the imports below `if TYPE_CHECKING:`. With them modules name each other in a circle, and the compiler follows them."""
    tree = ast.parse(Path(str(module.__file__)).read_text())
    for block in tree.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(block.body, []), str(module.__file__), "exec"), vars(module))
