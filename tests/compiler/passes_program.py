"""Small functions whose IR the pass tests look at."""

from scarlet.lang.raw import noinline


class Box:
    def __init__(self, value: int) -> None:
        self.value = value


class Shape:
    def area(self) -> int:
        return 0

    @noinline
    def name(self) -> str:
        return "shape"


class Square(Shape):
    def area(self) -> int:
        return 4


class Holder:
    def __init__(self) -> None:
        self.box: Box | None = None

    def swap(self, box: Box) -> Box | None:
        old = self.box
        self.box = box
        return old


def read(holder: Holder) -> int:
    if holder.box is None:
        return 0
    return holder.box.value


def virtual(shape: Shape) -> int:
    return shape.area()


def single(shape: Shape) -> str:
    return shape.name()


@noinline
def quiet(left: int, right: int) -> bool:
    return left < right


@noinline
def loud(left: int, right: int) -> int:
    return left + right


def asks_quiet(value: int) -> bool:
    return quiet(value, 3)


def asks_loud(value: int) -> int:
    return loud(value, 3)


def rebind(box: Box) -> Box:
    box = Box(box.value)
    return box  # noqa: RET504


def hand_over(value: int) -> Box:
    return Box(value)


def temporary(value: int) -> int:
    return Box(value).value


def guarded(box: Box) -> int:
    try:
        return loud(box.value, 1)
    except OverflowError:
        return -1


class Wheel:
    def __init__(self, box: Box) -> None:
        self.box = box

    def content(self) -> Box:
        return self.box


@noinline
def look(box: Box) -> None:
    pass


def aliased(wheel: Wheel) -> int:
    box = wheel.box
    look(box)
    return box.value


def unfolded(wheel: Wheel) -> int:
    return wheel.content().value


def first(boxes: list[Box]) -> int:
    return boxes[0].value


def kept_over_a_change(holder: Holder) -> Box | None:
    box = holder.box
    holder.box = None
    return box


class Vanishing:
    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self.number = 3

    def __del__(self) -> None:
        self.holder.box = None


def make_boxes() -> list[Box]:
    return [Box(1), Box(2)]


def item_of_a_temporary() -> int:
    return make_boxes()[1].value


def same_box(box: Box | None, number: int) -> Box | None:
    return box if number == 3 else None


def read_while_another_vanishes(holder: Holder) -> bool:
    return same_box(holder.box, Vanishing(holder).number) is None


def demand(found: int, wanted: int) -> None:
    if found != wanted:
        raise ValueError(f"{found} instead of {wanted}")


def demands(found: int) -> None:
    demand(found, 2)
    demand(found, 2)


demands(2)
h = Holder()
h.swap(Box(1))
s: Shape = Square() if h.box is None else Shape()
print(read(h), virtual(s), single(s), asks_quiet(1), asks_loud(1), rebind(Box(2)).value, hand_over(3).value, temporary(4), guarded(Box(5)))
w = Wheel(Box(6))
print(aliased(w), unfolded(w), first([w.box]), kept_over_a_change(h) is None, item_of_a_temporary(), read_while_another_vanishes(h))
