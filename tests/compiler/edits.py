"""`python -m tests.compiler.edits COUNT [SEED]`: random edits of a program, each compiled with what earlier builds left and without.

The C must be the same: a fingerprint (scarlet/compiler/emit/fingerprint.py) that leaves something out gives stale code. An edit changes
some of the lines of a module that another one uses; the same lines come and go, so that texts of long ago are taken up again.
"""

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scarlet.compiler import BuildFailed, Options, build

ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "LIMIT": ("5", "6", "1 << 40"),
    "WIDTH": ("int", "u64", "u8"),
    "HELD": ("Held", "Held | None"),
    "FIRST": ("self.size = size", "self.name = str(size)\n        self.size = size", "self.size = size\n        self.other = b'other'"),
    "END": ("", "    def __del__(self) -> None:\n        print('end', self.size)\n"),
    "GROW": ("self.size += 1", "self.size += LIMIT", "print('grows')\n        self.size += 1", "raise ValueError"),
    "BASE": ("", "(Shape)"),
    "AREA": ("return self.held", "return self.held * 2", "print('area')\n        return self.held"),
    "SCALED": ("number * LIMIT", "number + LIMIT", "int(number) * len(str(number))", "number // LIMIT"),
    "DECORATED": ("", "@dataclass\n", "@dataclass(frozen=True)\n", "@dataclass(order=True)\n"),
    "DEFAULT": ("1", "2", "LIMIT"),
    "MEMBERS": ("A = 1\n    B = 2", "A = 1\n    B = 2\n    C = 3", "B = 1\n    A = 2"),
    "PACKED": ("@struct", "@struct(packed=True)", "@struct(big_endian=True)"),
    "COUNT": ("u32", "u16", "u64"),
    "BLANK": ("", "\n", "\n\n\n"),
    "YIELDED": ("number", "number * number", "scaled(number)"),
}
"""What may stand at each place of the module."""

PART = '''"""Edited again and again."""
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol
from scarlet.lang import u8, u16, u32, u64
from scarlet.lang.struct import struct
LIMIT: Final = {LIMIT}
{BLANK}
class Held:
    def __init__(self, size: int) -> None:
        {FIRST}
    def grow(self) -> None:
        {GROW}
{END}
class Areal(Protocol):
    def area(self) -> int: ...
class Shape:
    def __init__(self, held: int) -> None:
        self.held = held
    def area(self) -> int:
        {AREA}
class Square{BASE}:
    def __init__(self, held: int) -> None:
        self.held = held
    def area(self) -> int:
        return self.held ** 2
{DECORATED}class Pair:
    {PAIR}
class Kind(Enum):
    {MEMBERS}
{PACKED}
class Header:
    tag: u8
    count: {COUNT}
def scaled(number: {WIDTH}) -> int:
    return {SCALED}
def find(held: Held) -> {HELD}:
    held.grow()
    return held
def numbers(most: int) -> Iterator[int]:
    for number in range(most):
        yield {YIELDED}
def counted(most: int = {DEFAULT}) -> int:
    return sum(numbers(most))
'''
USER = '''"""Never edited."""
from edited_part import Areal, Header, Held, Kind, Pair, Shape, Square, counted, find, numbers, scaled
def total(shapes: list[Areal]) -> int:
    return sum([shape.area() for shape in shapes])
def sizes(held: Held) -> int:
    found = find(held)
    return found.size if found is not None else 0
def main() -> None:
    print(total([Shape(1), Square(2)]), scaled(4), counted(), [kind.name for kind in Kind], Header(tag=1, count=2).pack())
    pair = Pair(1, "one")
    print(pair.left, pair.right, sizes(Held(3)), Header.SIZE)
    for number in numbers(5):
        if number > 3:
            print("enough")
            break
main()
'''
PLAIN_PAIR = "def __init__(self, left: int, right: str) -> None:\n        self.left = left\n        self.right = right"


def module(chosen: dict[str, str]) -> str:
    """The text of the edited module."""
    pair = "left: int\n    right: str" if chosen["DECORATED"] else PLAIN_PAIR
    return PART.format(**chosen, PAIR=pair)


def edits(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Choices for each place, of which some change from one to the next."""
    randomly = random.Random(seed)
    chosen = {place: texts[0] for place, texts in ALTERNATIVES.items()}
    for _ in range(count):
        for place in randomly.sample(sorted(ALTERNATIVES), randomly.choice((1, 1, 2, 4))):
            chosen[place] = randomly.choice(ALTERNATIVES[place])
        yield dict(chosen)


def c_text(folder: Path, cache: Path, text: str) -> dict[str, str]:
    """The C of the program of which one module has this text, or what is wrong with it."""
    part, program = folder / "edited_part.py", folder / "program.py"
    part.write_text(text, encoding="utf-8")
    program.write_text(USER, encoding="utf-8")
    try:
        return build([program], Options(folder=cache, modules={"edited_part": part}, stop="c", dump_c=True)).c
    except BuildFailed as failure:
        return {"refusal": failure.report.text()}


def differences(folder: Path, count: int, seed: int) -> list[str]:
    """Which files of which edit are not what a build without caches gives."""
    found = []
    for number, chosen in enumerate(edits(count, seed)):
        text = module(chosen)
        warm = c_text(folder, folder / "warm", text)
        shutil.copytree(folder / "warm" / "library", folder / f"cold{number}" / "library")  # mypy's, of Python's own modules
        cold = c_text(folder, folder / f"cold{number}", text)
        found += [f"edit {number}: {name} is stale\n{text}" for name in sorted(warm | cold) if warm.get(name) != cold.get(name)]
    return found


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="scarlet-edits-") as folder:
        found = differences(Path(folder), count, seed)
    print("\n".join(found) or f"{count} edits, no difference")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
