"""Each line with a comment `# refused: TEXT` must be an error whose message holds TEXT; no other line may be one."""

import os  # refused: the module os
from typing import Any

from scarlet.lang import u8, u32, u64


def floats() -> int:
    x = 1.5  # refused: floating-point
    return int(x)


def anything(x: Any) -> int:  # refused: Any
    return 0


def star(*args: int) -> int:  # refused: *args
    return 0


def keywords(**kwargs: int) -> int:  # refused: **kwargs
    return 0


def dynamic(x: int) -> object:
    return getattr(x, "real")  # refused: getattr()


def evaluated() -> None:
    eval("1")  # refused: eval()



def literal() -> u8:
    return 300  # refused: 300


async def later() -> None:  # refused: async
    pass


def percent(x: int) -> str:
    return "%d" % x  # refused: % formatting


def formatted(x: int) -> str:
    return "{}".format(x)  # refused: str.format


def union(x: "int | str") -> int:  # refused: a union of
    return 0


class Left:
    pass


class Right:
    pass


class Both(Left, Right):  # refused: two base classes
    pass


class Meta(type):  # refused: metaclasses
    pass


floats()
anything(1)
star(1)
keywords(a=1)
dynamic(1)
evaluated()
literal()
percent(1)
formatted(1)
union(1)
Both()
