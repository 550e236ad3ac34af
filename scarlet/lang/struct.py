"""@struct: a class with a declared byte layout, one declaration for both worlds (docs/dialect.md, Layouts).

In CPython the layout is a construct.Struct derived from the annotations; the compiler derives field offsets from the same annotations.
"""

from typing import Annotated, Any, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

import construct

from scarlet.lang import ints

T = TypeVar("T")

_SCALARS: dict[Any, tuple[str, int]] = {
    ints.u8: ("Int8u", 1), ints.i8: ("Int8s", 1),
    ints.u16: ("Int16u", 2), ints.i16: ("Int16s", 2),
    ints.u32: ("Int32u", 4), ints.i32: ("Int32s", 4),
    ints.u64: ("Int64u", 8), ints.i64: ("Int64s", 8),
}  # fmt: skip


def _field(hint: Any, big_endian: bool) -> tuple[Any, int, int, Any]:
    """(construct, size, alignment, default) of one annotation."""
    if hint in _SCALARS:
        name, size = _SCALARS[hint]
        return getattr(construct, name + ("b" if big_endian else "l")), size, size, 0
    if hasattr(hint, "LAYOUT"):
        return hint.LAYOUT, hint.SIZE, hint.ALIGN, None
    if get_origin(hint) is Annotated:
        base, count = get_args(hint)[:2]
        if base is bytes:
            return construct.Bytes(count), count, 1, bytes(count)
        if get_origin(base) is list:
            item, size, align, _default = _field(get_args(base)[0], big_endian)
            return construct.Array(count, item), size * count, align, [0] * count
    raise TypeError(f"not a field of a @struct: {hint!r}")


def _build(cls: Any, packed: bool, big_endian: bool) -> Any:
    fields: dict[str, tuple[Any, Any]] = {}
    offsets: dict[str, int] = {}
    parts: list[Any] = []
    offset = 0
    alignment = 1
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if name in ("SIZE", "ALIGN", "OFFSETS", "LAYOUT"):
            continue
        item, size, align, default = _field(hint, big_endian)
        if packed:
            align = 1
        pad = -offset % align
        if pad:
            parts.append(construct.Padding(pad))
        offset += pad
        offsets[name] = offset
        parts.append(name / item)
        fields[name] = (hint, default)
        offset += size
        alignment = max(alignment, align)
    tail = -offset % alignment
    if tail:
        parts.append(construct.Padding(tail))
    cls.SIZE = offset + tail
    cls.ALIGN = alignment
    cls.OFFSETS = offsets
    cls.LAYOUT = construct.Struct(*parts)

    def init(self: Any, **values: Any) -> None:
        for name, (hint, default) in fields.items():
            if name in values:
                value = values.pop(name)
            elif hasattr(hint, "LAYOUT"):
                value = hint()
            else:
                value = list(default) if isinstance(default, list) else default
            setattr(self, name, value)
        if values:
            raise TypeError(f"{cls.__name__} has no field {', '.join(values)}")

    def plain(self: Any) -> dict[str, Any]:
        out = {}
        for name, (hint, default) in fields.items():
            value = getattr(self, name)
            if hasattr(hint, "LAYOUT"):
                value = value._plain()
            elif isinstance(default, bytes):
                if len(value) > len(default):
                    raise OverflowError(f"{cls.__name__}.{name}: {len(value)} bytes in a field of {len(default)}")
                value = bytes(value).ljust(len(default), b"\0")
            out[name] = value
        return out

    def pack(self: Any) -> bytes:
        try:
            return bytes(cls.LAYOUT.build(self._plain()))
        except construct.FormatFieldError as error:
            raise OverflowError(f"{cls.__name__}: {error}") from None

    def parse(data: Any, offset: int = 0) -> Any:
        if offset < 0 or len(data) - offset < cls.SIZE:
            raise ValueError(f"{cls.__name__} needs {cls.SIZE} bytes")
        return revive(cls.LAYOUT.parse(bytes(data[offset : offset + cls.SIZE])))

    def revive(container: Any) -> Any:
        out = cls()
        for name, (hint, default) in fields.items():
            value = container[name]
            if hasattr(hint, "LAYOUT"):
                value = hint._revive(value)
            elif isinstance(default, list):
                value = list(value)
            setattr(out, name, value)
        return out

    def equal(self: Any, other: object) -> bool:
        return isinstance(other, cls) and bool(self._plain() == other._plain())

    cls.__init__ = init
    cls.__eq__ = equal
    cls._plain = plain
    cls._revive = staticmethod(revive)
    cls.pack = pack
    cls.parse = staticmethod(parse)
    return cls


@dataclass_transform(kw_only_default=True)
def struct(cls: Any = None, *, packed: bool = False, big_endian: bool = False) -> Any:
    """Declare a class as a byte layout: C rules for alignment unless packed, little-endian unless big_endian."""
    if cls is None:
        return lambda real: _build(real, packed, big_endian)
    return _build(cls, packed, big_endian)
