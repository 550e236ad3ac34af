"""bytearray and memoryview: mutation, slices that share, errors."""


def fill(view: memoryview, value: int) -> None:
    for i in range(len(view)):
        view[i] = value


def checksum(data: memoryview) -> int:
    total = 0
    for b in data:
        total += b
    return total


def main() -> None:
    a = bytearray(b"hello")
    a[0] = 72
    a.append(33)
    a.extend(b" ok")
    a += b"?"
    print(a, len(a), a[-1], a[1:3], bytes(a), a.find(b"l"), a[::-1], 33 in a, b"ok" in a)
    a[1:3] = b"EEE"
    print(a)
    a[0:0] = b">>"
    del a[-1]
    del a[2:4]
    print(a, a.pop(), a.pop(0), a)
    a.insert(1, 45)
    a.reverse()
    a.remove(45)
    print(a, a == b"abc", a == bytearray(a), a.startswith(b"k"), a.upper(), a.split(b" "), a.copy(), a.hex())
    z = bytearray(4)
    z[1:3] = b"xy"
    print(z, bytearray([1, 2]), bytearray(), bytearray(b"a") + b"b", b"c" + bytes(bytearray(b"d")), bytearray(b"ab") * 2, z.decode())
    v = memoryview(z)
    fill(v[1:3], 9)
    print(z, len(v), v[0], v[-1], bytes(v), bytes(v[1:]), v[1:3][0], v.nbytes)
    v[0:2] = b"AB"
    v[2:] = bytearray(b"CD")
    print(z, checksum(v), list(v[::1]), bytes(v) == b"ABCD", v[:2] == v[0:2], v[2:] == v[:2], v.tobytes())
    w = memoryview(b"constant")
    print(bytes(w[2:5]), w[0], w[2:5][1:].tobytes(), w.readonly, v.readonly, w[3:3].tobytes(), w[5:2].tobytes(), len(w[100:]))
    for b in memoryview(b"\x01\x02"):
        print(b)
    sub = v[1:]
    sub[0] = 0
    sub2 = sub[1:2]
    sub2[0] = 255
    print(z, checksum(sub))
    a.clear()
    print(a, bool(a))
    for step in range(12):
        try:
            if step == 0:
                v[4] = 1
            elif step == 1:
                v[0] = 256
            elif step == 2:
                v[0:2] = b"toolong"
            elif step == 3:
                w[0] = 1
            elif step == 4:
                a[0] = 1
            elif step == 5:
                a.append(256)
            elif step == 6:
                a.append(-1)
            elif step == 7:
                a.pop()
            elif step == 8:
                z.append(1)
            elif step == 9:
                a.extend([65, 256])
            elif step == 10:
                a.extend(n - 65 for n in (66, 0))
            else:
                print(v[-5])
        except IndexError as e:
            print(step, "IndexError", e)
        except ValueError as e:
            print(step, "ValueError", e)
        except TypeError as e:
            print(step, "TypeError", e)
        except BufferError as e:
            print(step, "BufferError", e)
    print(a)
    v.release()
    sub.release()
    sub2.release()
    with memoryview(z) as scoped:
        scoped[3] = 1
    z.append(7)
    print(z)


main()
