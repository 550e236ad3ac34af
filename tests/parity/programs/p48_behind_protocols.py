"""Fields, properties and class constants behind the data attributes and properties of protocols."""

from typing import Protocol


class Shape(Protocol):
    @property
    def name(self) -> str: ...


class Fixed:
    name: str = "fixed"


class Square:
    @property
    def name(self) -> str:
        return "square"


def show(v: list[Shape]) -> None:
    for s in v:
        print(s.name)


show([Square(), Fixed()])


class Inst:
    def __init__(self) -> None:
        self.name = "inst"


class Both(Shape):
    @property
    def name(self) -> str:
        return "both"


class Named(Protocol):
    name: str


class Later:
    name = "later"


def show2(v: list[Named]) -> None:
    for s in v:
        print(s.name)


later = Later()
show([Inst(), Both(), later, Fixed()])
show2([Inst(), later])
later.name = "changed"
show([later, Later()])
show2([later, Later()])
