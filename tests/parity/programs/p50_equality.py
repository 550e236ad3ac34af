"""Equality and membership of objects whose classes only run time knows, and of weak references; operators of the right operand."""

import weakref
from collections import deque


class Thing:
    pass


class Own:
    def __eq__(self, o: object) -> bool:
        return isinstance(o, Own)

    def __hash__(self) -> int:
        return 1


def show(o: object) -> None:
    print("str", "a" == o, o == "a")
    print("bytes", b"a" == o, o == b"a")
    print("list", [1] == o)
    print("dict", {1: 2} == o)
    print("set", {1} == o)
    print("deque", deque([1]) == o)


show("a")
show(b"a")
show(bytearray(b"a"))
show([1])
show({1: 2})
show({1})
show(deque([1]))
show(Thing())
show(Own())
v: list[object] = [Thing(), [1], "a", Own()]
print([1] in v, "a" in v, Own() in v, [2] in v, v.index("a"))


class Node:
    def __init__(self, n: int) -> None:
        self.n = n
        self.me: weakref.ref[Node] | None = None

    def __rmul__(self, other: int) -> str:
        return f"{other} * Node({self.n})"

    def __rsub__(self, other: int) -> str:
        return f"{other} - Node({self.n})"

    def __divmod__(self, other: int) -> tuple[int, int]:
        return divmod(self.n, other)

    def __del__(self) -> None:
        me = self.me
        print("end", self.n, me is not None and me() is self)


def weak() -> None:
    a, b = Node(1), Node(2)
    a.me = weakref.ref(a)
    r, s, t = weakref.ref(a), weakref.ref(a), weakref.ref(b)
    print(r == s, r == t, r != s, [r, t].index(t), t in [r, s], [r, s, t].count(s))
    v = [r, t]
    del b
    v.remove(t)
    print(len(v), t() is None, t == r, t == t)
    print(2 * a, 5 - a, divmod(a, 1))


weak()
