"""collections.deque."""

from collections import deque


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


def main() -> None:
    d: deque[int] = deque()
    for i in range(6):
        d.append(i)
        d.appendleft(-i)
    print(len(d), list(d), d[0], d[-1], 3 in d, 99 in d, d)
    print(d.pop(), d.popleft(), list(d), bool(d))
    total = 0
    for x in d:
        total += x
    print(total, sum(d), max(d))
    while len(d) > 2:
        d.popleft()
    print(d, list(reversed(d)))
    for i in range(1000):
        d.append(i)
        if i % 3:
            d.popleft()
    print(len(d), d[0], d[-1], sum(d))
    d.remove(999)
    d.extend([1, 2])
    print(len(d), d[-1])
    d.clear()
    print(d, bool(d), deque([1, 2, 3]), list(deque("ab")))
    q: deque[Noisy] = deque()
    q.append(Noisy("a"))
    q.append(Noisy("b"))
    q.append(Noisy("c"))
    got = q.popleft()
    print("got", got.name)
    del got
    print("clearing")
    q.clear()
    try:
        d.pop()
    except IndexError as e:
        print(e)
    try:
        d.popleft()
    except IndexError as e:
        print(e)
    try:
        e2: deque[int] = deque([1, 2])
        for x in e2:
            e2.append(x)
    except RuntimeError as e:
        print(e)


main()
