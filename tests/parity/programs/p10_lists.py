"""list: every method, slices with every sign, slice assignment and deletion, and the errors."""


class Box:
    def __init__(self, n: int) -> None:
        self.n = n

    def __repr__(self) -> str:
        return f"Box({self.n})"


def main() -> None:
    a = [3, 1, 2]
    a.append(5)
    a.extend([7, 8])
    a.extend(range(2))
    a.insert(0, 100)
    a.insert(-1, 101)
    a.insert(99, 102)
    a.insert(-99, 103)
    print(a, len(a), a[0], a[-1])
    print(a.pop(), a.pop(0), a.pop(-2), a)
    a.remove(5)
    print(a, a.index(7), a.count(7), 7 in a, 99 in a, 99 not in a, a.index(7, 2))
    a.reverse()
    print(a, a[::-1], a[1:3], a[:-1], a[-2:], a[::2], a[5:1:-2], a[10:], a[:100])
    a.sort()
    print(a)
    a.sort(reverse=True)
    print(a, sorted(a), sorted(a, reverse=True), list(reversed(a)))
    b = a.copy()
    b[0] = -1
    b[-1] = -2
    b[1] += 50
    print(a == b, a != b, a, b, [1, 2] < [1, 3], [1] < [1, 0])
    b[1:3] = [9, 9, 9]
    print(b)
    b[2:2] = [4]
    b[:0] = [0]
    print(b)
    del b[0]
    del b[1:3]
    del b[-1]
    print(b)
    c = list(range(10))
    del c[::2]
    print(c)
    c[::2] = [0, 0, 0]
    print(c)
    c += [1, 2]
    c *= 2
    print(c, [0] * 3, [1, 2] * 2, [1] + [2], 2 * [7], [1] * -1)
    c.clear()
    print(c, bool(c), not c)
    words = ["pear", "fig", "banana", "kiwi", "apple"]
    print(sorted(words), sorted(words, key=len), sorted(words, key=lambda w: w[-1]), sorted(words, key=len, reverse=True))
    words.sort(key=lambda w: (len(w), w))
    print(words, max(words), min(words), max(words, key=len), min(words, key=lambda w: w[1]))
    grid = [[i * j for j in range(3)] for i in range(3)]
    grid[1][2] = 77
    print(grid, [row[1] for row in grid], sum(grid[2]))
    boxes = [Box(1), Box(2)]
    alias = boxes
    alias.append(boxes[0])
    print(boxes, boxes[0] is boxes[2], Box(1) in boxes, boxes[1] in boxes)
    nested: list[list[int]] = [[]] * 2
    nested[0].append(1)
    print(nested)
    for i, w in enumerate(words):
        print(i, w, end=";")
    for i, w in enumerate(words, 5):
        print(i, w, end=";")
    print()
    for x, y in zip([1, 2, 3], ["a", "b"]):
        print(x, y, end=";")
    print()
    for r in reversed([1, 2, 3]):
        print(r, end=" ")
    print(any([0, 0, 1]), all([1, 0]), any([]), all([]), sum([1, 2, 3], 10))
    grow = [1]
    for g in grow:
        if len(grow) < 5:
            grow.append(g + 1)
    print(grow, list("ab"), list((1, 2)), [None, None], [True], ["a", "b'"])
    empty: list[str] = []
    print(empty, empty == [], max([4, 9, 2]), min([4, 9, 2]))
    for step in range(7):
        try:
            if step == 0:
                print(a[100])
            elif step == 1:
                empty.pop()
            elif step == 2:
                a.remove(12345)
            elif step == 3:
                a.index(12345)
            elif step == 4:
                a[-100] = 1
            elif step == 5:
                a.pop(100)
            else:
                print(max(empty))
        except IndexError as e:
            print("IndexError", e)
        except ValueError as e:
            print("ValueError", e)


main()
