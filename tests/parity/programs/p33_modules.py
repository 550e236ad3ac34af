"""Imports of other modules: initialisation order, module variables, constants, functions, classes."""

import tests.parity.programs.helper_shapes as shapes
from tests.parity.programs import helper_counter
from tests.parity.programs.helper_counter import STEP, bump
from tests.parity.programs.helper_shapes import Rectangle, Shape

print("main module starts")
TOTAL = STEP * 2
registry: dict[str, Shape] = {}


def register(name: str, shape: Shape) -> None:
    registry[name] = shape


def main() -> None:
    register("unit", Rectangle(1, 1))
    register("big", shapes.Rectangle(5, 6))
    print([(name, shape.area()) for name, shape in registry.items()], shapes.UNIT, TOTAL)
    bump()
    bump()
    print(helper_counter.value, helper_counter.history)
    helper_counter.value = 100
    bump()
    print(helper_counter.value, shapes.describe(registry["big"]))


main()
