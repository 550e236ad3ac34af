"""weakref.ref: back references that do not own."""

import weakref


class Child:
    def __init__(self, parent: "Parent", name: str) -> None:
        self.parent: weakref.ref[Parent] = weakref.ref(parent)
        self.name = name

    def owner(self) -> str:
        parent = self.parent()
        return "orphan" if parent is None else parent.name

    def __del__(self) -> None:
        print("del child", self.name)


class Parent:
    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[Child] = []

    def add(self, name: str) -> Child:
        child = Child(self, name)
        self.children.append(child)
        return child

    def __del__(self) -> None:
        print("del parent", self.name)


def main() -> None:
    p = Parent("p")
    c = p.add("c")
    p.add("d")
    print(c.owner(), len(p.children))
    r = weakref.ref(p)
    again = weakref.ref(p)
    print(r() is p, again() is p, r() is not None)
    del p
    print(c.owner(), r() is None, again() is None)
    q = Parent("q")
    s = weakref.ref(q)
    q = Parent("q2")
    print(s() is None)
    c.parent = weakref.ref(q)
    print(c.owner())
    maybe: weakref.ref[Parent] | None = None
    print(maybe is None)
    maybe = weakref.ref(q)
    found = maybe()
    if found is not None:
        print(found.name)
    found = None
    del q
    print(maybe() is None)


main()
