"""T | None of every kind, narrowing, defaults, truthiness."""


class Node:
    def __init__(self, key: int) -> None:
        self.key = key
        self.left: Node | None = None
        self.right: Node | None = None

    def insert(self, key: int) -> None:
        if key < self.key:
            if self.left is None:
                self.left = Node(key)
            else:
                self.left.insert(key)
        elif self.right is None:
            self.right = Node(key)
        else:
            self.right.insert(key)


def depth(node: Node | None) -> int:
    if not node:
        return 0
    return 1 + max(depth(node.left), depth(node.right))


def walk(node: Node | None, out: list[int]) -> None:
    if node is None:
        return
    walk(node.left, out)
    out.append(node.key)
    walk(node.right, out)


def lookup(table: dict[str, int], key: str) -> int:
    found = table.get(key)
    return -1 if found is None else found


def pick(flag: int) -> str | None:
    return "picked" if flag else None


def pick_bytes(flag: int) -> bytes | None:
    if flag == 0:
        return None
    return b"" if flag == 1 else b"x"


def pick_bool(flag: int) -> bool | None:
    if flag == 2:
        return None
    return flag == 1


def main() -> None:
    root = Node(50)
    for k in (30, 70, 20, 40, 60, 80, 10):
        root.insert(k)
    out: list[int] = []
    walk(root, out)
    print(out, depth(root), depth(None))
    print(lookup({"a": 1}, "a"), lookup({"a": 1}, "b"), lookup({"z": 0}, "z"))
    for f in range(3):
        s = pick(f)
        b = pick_bytes(f)
        t = pick_bool(f)
        print(s, b, t, s is None, "falsy" if not b else "truthy", "falsy" if not t else "truthy")
    s = pick(1)
    if s:
        print(s.upper())
    while (n := len(out)) > 5:
        out.pop()
        print("n", n)
    items: list[str | None] = ["a", None, "b"]
    print(items, [i for i in items if i is not None], [i or "-" for i in items], items.count(None), None in items)
    table: dict[str, int | None] = {"x": None, "y": 3}
    print(table, table["x"], table.get("y"), table.get("q"))
    left = root.left
    assert left is not None and left.left is not None
    print(left.left.key, left == root.left, left != root.right)
    value: int | None = 0
    print(value or 5, value if value is not None else 5, value == None, value == 0)  # noqa: E711


main()
