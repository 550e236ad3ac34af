"""@struct layouts of random fields: SIZE, pack, parse, arrays, nesting, both byte orders, packed or aligned."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.parity.generate.arithmetic import SIZED, edges
from tests.parity.generate.batch import Case

IMPORTS = "from typing import Annotated\n\nfrom scarlet.lang import i8, i16, i32, i64, struct, u8, u16, u32, u64"


@st.composite
def structs(draw: DrawFn) -> Case:
    options = draw(st.sampled_from(["", "(packed=True)", "(big_endian=True)", "(packed=True, big_endian=True)"]))
    nested = draw(st.booleans())
    fields: list[tuple[str, str, str]] = []  # name, annotation, value
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from([*SIZED, *SIZED, "bytes", "list", "struct" if nested else "u8"]))
        name = f"f{number}"
        if kind == "bytes":
            size = draw(st.integers(1, 9))
            fields.append((name, f"Annotated[bytes, {size}]", repr(draw(st.binary(min_size=size, max_size=size)))))
        elif kind == "list":
            item, size = draw(st.sampled_from(SIZED)), draw(st.integers(1, 4))
            fields.append(
                (name, f"Annotated[list[{item}], {size}]", repr(draw(st.lists(st.sampled_from(edges(item)), min_size=size, max_size=size))))
            )
        elif kind == "struct":
            fields.append((name, "Inner§", f"Inner§(p={draw(st.sampled_from(edges('u8')))}, q={draw(st.sampled_from(edges('i32')))})"))
        else:
            fields.append((name, kind, str(draw(st.sampled_from(edges(kind))))))
    body = "\n".join(f"    {name}: {annotation}" for name, annotation, _value in fields)
    given = [f"{name}={value}" for name, _annotation, value in fields if draw(st.integers(0, 4))]
    shown = ", ".join(f"v.{name}.q" if annotation == "Inner§" else f"v.{name}" for name, annotation, _value in fields)
    name, annotation, value = draw(st.sampled_from(fields))
    cut = draw(st.integers(0, 3))
    return Case.plain(
        f"""
@struct{options}
class Inner§:
    p: u8
    q: i32


@struct{options}
class Outer§:
{body}


def show§(v: Outer§) -> None:
    print({shown})


def case§() -> None:
    v = Outer§({", ".join(given)})
    print(Outer§.SIZE, Inner§.SIZE, v.pack())
    show§(v)
    v.{name} = {value}
    raw = b"xx" + v.pack()
    w = Outer§.parse(raw, 2)
    show§(w)
    print(w == v, w.pack() == raw[2:], Outer§() == v, Outer§.parse(memoryview(raw)[2:]).pack().hex())
    try:
        Outer§.parse(raw, {cut})
        print("parsed")
        Outer§.parse(bytearray(raw), 3)
    except ValueError as e:
        print(str(e))
"""
    )
