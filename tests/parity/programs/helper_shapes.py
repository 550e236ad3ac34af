"""Imported by p33_modules: a module with classes, which itself imports another."""

from tests.parity.programs.helper_counter import STEP

print("helper_shapes initialised", STEP)
UNIT = "cm"


class Shape:
    def area(self) -> int:
        raise NotImplementedError


class Rectangle(Shape):
    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height

    def area(self) -> int:
        return self.width * self.height


def describe(shape: Shape) -> str:
    return f"{shape.area()} {UNIT}2"
