class Box:
    def __init__(self, n: int) -> None:
        self.n = n
        self.text = str(n) * 3

    def __del__(self) -> None:
        print("end", self.n)


class Holder:
    def __init__(self, n: int) -> None:
        self.box = Box(n)
        self.name = str(n) + "name"

    def change(self, n: int) -> None:
        self.box = Box(n)
        self.name = str(n) + "changed"


class Changer:
    def __init__(self, holder: Holder, n: int) -> None:
        self.holder = holder
        self.n = n

    def __eq__(self, other: object) -> bool:
        return self.n == 7

    def __del__(self) -> None:
        self.holder.change(self.n + 100)
        junk = [Box(5000)]
        print("changed", len(junk))


def boxes(n: int) -> list[Box]:
    return [Box(n), Box(n + 1)]


def mix(text: str, n: int) -> str:
    return f"{text}/{n}"


def through(changer: Changer, holder: Holder) -> str:
    return mix(holder.name, changer.n)


def show(box: Box, n: int) -> int:
    print("show", box.n, box.text, n)
    return n


def pick(changer: Changer, holder: Holder) -> int:
    return show(holder.box, changer.n)


def first(box: Box, a: int) -> Box:
    return box


def second(n: int, text: str) -> None:
    print(n, text)


def main() -> None:
    print("list item")
    print(boxes(1)[0].text + "x")
    print(boxes(11)[1].n)
    holder = Holder(3)
    print("inlined")
    print(through(Changer(holder, 4), holder))
    print(pick(Changer(holder, 5), holder))
    print("compare")
    print(Changer(holder, 7) == holder.box == Changer(holder, 8))
    print(Changer(holder, 6).n + holder.box.n)
    print((holder.name, Changer(holder, 9).n)[0])
    second(Changer(holder, 10).n, holder.name)
    d = {1: Box(50)}
    print(d[1].text + str(d.pop(1).n))
    print(holder.box.text, Changer(holder, 12).n, holder.box.text)
    print(holder.box.text + str(Changer(holder, 13).n) + holder.box.text)
    print("end")


main()


class Labelled:
    def __init__(self, holder: Holder, n: int) -> None:
        self.holder = holder
        self.label = str(n) + "label"

    def __del__(self) -> None:
        self.holder.change(77)


def labels() -> None:
    holder = Holder(60)
    print(Labelled(holder, 61).label + holder.name)
    print(Labelled(holder, 61).label, holder.name)
    print([Labelled(holder, 62)][0].label + holder.box.text)


labels()


class Tree:
    def __init__(self, n: int) -> None:
        self.n = n
        self.items = [Box(n), Box(n + 1)]

    def clear(self) -> int:
        self.items.clear()
        return 1


def clears() -> None:
    tree = Tree(200)
    print(mix(tree.items[0].text, tree.clear()))
    tree = Tree(300)
    show(tree.items[0], tree.clear())
    items = [Box(400)]
    show(items[0], items.pop().n)
    table = {1: Box(500)}
    show(table[1], table.pop(1).n)
    table = {1: Box(600)}
    show(table[1], len([table.popitem()]))
    for box in [Box(700), Box(701)]:
        if box.n == 700:
            box = Box(702)
        print(box.n)
    text = "a"
    print(text + (text := text + "b") + text)


clears()
