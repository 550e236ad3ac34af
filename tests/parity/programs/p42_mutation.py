def attempt_dict(kind: int) -> None:
    d = {i: i * i for i in range(8)}
    seen: list[int] = []
    try:
        for key in d:
            seen.append(key)
            if kind == 0 and key == 3:
                d[100] = 1
            elif kind == 1 and key == 3:
                del d[5]
            elif kind == 2:
                d[key] = -1
            elif kind == 3 and key == 7:
                d[200] = 2
            elif kind == 4 and key == 7:
                del d[0]
            elif kind == 5 and key == 2:
                d.clear()
            elif kind == 6 and key == 2:
                d.pop(0)
                d[0] = 9
    except RuntimeError as error:
        print("error", error)
    print(kind, seen, d)


def attempt_views(kind: int) -> None:
    d = {str(i): i for i in range(5)}
    try:
        if kind == 0:
            for k, v in d.items():
                if v == 2:
                    d["new"] = 1
        elif kind == 1:
            for v in d.values():
                if v == 2:
                    d.pop("4")
        elif kind == 2:
            for k in d.keys():
                d.setdefault(k + "x", 1)
        elif kind == 3:
            for k in list(d):
                del d[k]
    except RuntimeError as error:
        print("error", error)
    print(kind, d)


def attempt_set(kind: int) -> None:
    s = set(range(6))
    count = 0
    try:
        for item in s:
            count += 1
            if kind == 0 and count == 3:
                s.add(100)
            elif kind == 1 and count == 3:
                s.discard(item)
            elif kind == 2 and count == 6:
                s.add(99)
            elif kind == 3:
                s.add(item)
    except RuntimeError as error:
        print("error", error)
    print(kind, count, sorted(s))


def attempt_list(kind: int) -> None:
    items = list(range(6))
    seen: list[int] = []
    for item in items:
        seen.append(item)
        if kind == 0 and item == 2:
            items.remove(2)
        elif kind == 1 and len(items) < 10:
            items.append(item + 100)
        elif kind == 2:
            items.pop()
        elif kind == 3 and item == 1:
            items.insert(0, 77)
            if len(items) > 9:
                break
        elif kind == 4 and item == 3:
            items.clear()
        elif kind == 5 and item == 3:
            items.reverse()
    print(kind, seen, items)


def slices() -> None:
    items = list(range(10))
    text = "0123456789é"
    data = b"0123456789"
    for start in (None, 0, 2, -3, 100, -100):
        for stop in (None, 0, 5, -1, 100, -100):
            for step in (None, 1, 2, -1, -3, 100):
                print(start, stop, step, items[start:stop:step], text[start:stop:step], data[start:stop:step])
    other = list(range(10))
    other[::2] = [0] * 5
    other[::-3] = [1, 2, 3, 4]
    print(other)
    del other[::3]
    print(other)
    del other[5:1:-2]
    print(other)
    other[1:1] = [7, 8, 9]
    other[5:2] = [1]
    print(other)
    try:
        other[::2] = [1]
    except ValueError as error:
        print(error)
    raw = bytearray(b"abcdefghij")
    raw[::2] = b"12345"
    raw[2:4] = b"LONGER"
    del raw[::4]
    print(raw, raw[::-1], raw[-3:], raw[8:2:-2])
    view = memoryview(raw)[2:6]
    print(bytes(view), bytes(view[1:3]), len(view))
    try:
        print(items[::0])
    except ValueError as error:
        print(error)


def main() -> None:
    for kind in range(7):
        attempt_dict(kind)
    for kind in range(4):
        attempt_views(kind)
        attempt_set(kind)
    for kind in range(6):
        attempt_list(kind)
    slices()


main()
