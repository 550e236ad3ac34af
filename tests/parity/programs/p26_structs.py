"""@struct layouts: offsets, pack, parse, nested, arrays, packed, big-endian."""

from typing import Annotated

from scarlet.lang import i8, i16, i32, i64, struct, u8, u16, u32, u64


@struct
class Timespec:
    sec: i64
    nsec: i64


@struct
class Mixed:
    a: u8
    b: u32
    c: u16
    d: u64
    e: i8


@struct(packed=True)
class Packed:
    a: u8
    b: u32
    c: u16


@struct(big_endian=True)
class Wire:
    kind: u16
    length: u32
    offset: i64


@struct
class Stat:
    dev: u64
    mtime: Timespec
    name: Annotated[bytes, 6]
    blocks: Annotated[list[u16], 3]
    size: i32


@struct
class Small:
    value: i16


def main() -> None:
    print(Timespec.SIZE, Mixed.SIZE, Packed.SIZE, Wire.SIZE, Stat.SIZE, Small.SIZE)
    t = Timespec(sec=-1, nsec=999)
    print(t.pack(), t.sec, t.nsec)
    m = Mixed(a=1, b=0xDEADBEEF, c=0x1234, d=0x1122334455667788, e=-2)
    data = m.pack()
    print(data, len(data))
    back = Mixed.parse(data)
    print(back.a, back.b, back.c, back.d, back.e, back == m, back.pack() == data)
    print(Packed(a=1, b=2, c=3).pack(), Wire(kind=1, length=2, offset=-3).pack())
    w = Wire.parse(b"\x00\x07\x00\x00\x00\x00\x00\x09\xff\xff\xff\xff\xff\xff\xff\xfe")
    print(w.kind, w.length, w.offset)
    s = Stat(dev=5, mtime=Timespec(sec=7), name=b"abc", blocks=[1, 2, 3], size=-4)
    print(s.pack())
    s.mtime.nsec = 8
    s.blocks[1] = 500
    s.name = b"longer"
    r = Stat.parse(b"\xee" * 3 + s.pack(), 3)
    print(r.dev, r.mtime.sec, r.mtime.nsec, r.name, r.blocks, r.size)
    empty = Stat()
    print(empty.pack() == bytes(Stat.SIZE), empty.name, empty.blocks, empty.mtime.sec)
    print(Small.parse(b"\xff\xff").value, Small.parse(bytearray(b"\x01\x02\x03"), 1).value, Small.parse(memoryview(b"\x05\x00")).value)
    for data in (b"", b"\x01"):
        try:
            Small.parse(data)
        except ValueError as e:
            print(e)
    try:
        Small.parse(b"abc", 2)
    except ValueError as e:
        print(e)
    records = b"".join([Small(value=n).pack() for n in (1, -1, 300)])
    print([Small.parse(records, i).value for i in range(0, len(records), Small.SIZE)])


main()
