"""Control flow: random nests of loops, try/except/else/finally, with, return, raise, generators, and objects whose destructors print.

Every function prints a trace; what is compared is the order of events. Loops are short and nothing recurses, so every program ends.
"""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.parity.generate.batch import Case

IMPORTS = """
from types import TracebackType
from typing import Iterator


class A(Exception):
    pass


class B(A):
    pass


class C(Exception):
    def __init__(self, n: int) -> None:
        super().__init__(f"C{n}")
        self.n = n


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name
        print("+" + name)

    def __del__(self) -> None:
        print("-" + self.name)


class Manager:
    def __init__(self, name: str, swallow: bool) -> None:
        self.name = name
        self.swallow = swallow

    def __enter__(self) -> str:
        print("enter", self.name)
        return self.name

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        print("exit", self.name, "clean" if error is None else str(error))
        return self.swallow


class Quiet:
    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> "Quiet":
        print("open", self.name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        print("close", self.name, error is None)


def choose(flags: int, bit: int) -> bool:
    return flags >> bit & 1 == 1


def fail(which: int) -> int:
    if which == 0:
        raise A("a")
    if which == 1:
        raise B("b")
    if which == 2:
        raise C(7)
    if which == 3:
        return [1][which]
    return which


def make(name: str) -> Noisy:
    return Noisy(name)
"""


class Builder:
    """Draws statements; counts names so that every event has its own."""

    def __init__(self, draw: DrawFn, generator: bool) -> None:
        self.draw = draw
        self.generator = generator
        self.events = 0

    def name(self) -> str:
        self.events += 1
        return f"e{self.events}"

    def flag(self) -> str:
        return f"choose(flags, {self.draw(st.integers(0, 5))})"

    def block(self, depth: int, loop: bool, indent: str) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.statement(depth, loop, indent)
        return lines

    def statement(self, depth: int, loop: bool, indent: str) -> list[str]:
        pick = self.draw(st.integers(0, 19)) if depth > 0 else self.draw(st.integers(0, 8))
        inner = indent + "    "
        if pick <= 1:
            return [f'{indent}print("{self.name()}")']
        if pick == 2:
            return [f'{indent}x = Noisy("{self.name()}")']
        if pick == 3:
            return [
                f"{indent}if {self.flag()}:",
                f"{inner}raise {self.draw(st.sampled_from(['A', 'B()', 'C(3)', 'ValueError', 'KeyError(4)']))}",
            ]
        if pick == 4:
            return [f"{indent}print(fail(flags % {self.draw(st.integers(4, 9))}))"]
        if pick == 5:
            return [f'{indent}print(make("{self.name()}").name)']
        if pick == 6 and loop:
            return [f"{indent}if {self.flag()}:", f"{inner}{self.draw(st.sampled_from(['break', 'continue']))}"]
        if pick == 7 and self.generator:
            return [f'{indent}yield "{self.name()}"']
        if pick <= 8:
            leave = "return" if self.generator else f'return "{self.name()}"'
            return [f"{indent}if {self.flag()}:", f"{inner}{leave}"]
        if pick <= 10:
            lines = [f"{indent}if {self.flag()}:", *self.block(depth - 1, loop, inner)]
            if self.draw(st.booleans()):
                lines += [f"{indent}else:", *self.block(depth - 1, loop, inner)]
            return lines
        if pick <= 12:
            head = self.draw(st.sampled_from(["for i in range(2):", 'for s in ["p", "q"]:', "for k in {1: 2, 3: 4}:", "for n in us:"]))
            lines = [f'{indent}us = [Noisy("u"), Noisy("v")]'] if head.endswith("us:") else []
            lines += [f"{indent}{head}", *self.block(depth - 1, True, inner)]
            if self.draw(st.integers(0, 2)) == 0:
                lines += [f"{indent}else:", *self.block(depth - 1, loop, inner)]
            return lines
        if pick <= 16:
            return self.attempt(depth, loop, indent)
        if pick == 17:
            manager = self.draw(st.sampled_from(["True", "False"]))
            return [f'{indent}with Manager("{self.name()}", {manager}) as m:', f"{inner}print(m)", *self.block(depth - 1, loop, inner)]
        if pick == 18:
            return [
                f'{indent}with Quiet("{self.name()}"), Quiet("{self.name()}") as w:',
                f"{inner}print(w.name)",
                *self.block(depth - 1, loop, inner),
            ]
        return [f'{indent}l = [Noisy("{self.name()}"), Noisy("{self.name()}")]', f"{indent}print(len(l))"]

    def attempt(self, depth: int, loop: bool, indent: str) -> list[str]:
        inner = indent + "    "
        lines = [f"{indent}try:", *self.block(depth - 1, loop, inner)]
        shapes = self.draw(
            st.sampled_from(["except", "except else", "finally", "except finally", "except except", "except else finally"])
        ).split()
        handlers = self.draw(st.permutations(["B", "A", "(C, IndexError)", "Exception"]))
        for shape in shapes:
            match shape:
                case "except":
                    kind = handlers.pop()
                    lines += [f"{indent}except {kind} as e:", f'{inner}print("{self.name()}", str(e))', *self.block(depth - 1, loop, inner)]
                    if self.draw(st.integers(0, 3)) == 0:
                        lines += [f"{inner}raise"]
                case "else":
                    lines += [f"{indent}else:", *self.block(depth - 1, loop, inner)]
                case "finally":
                    lines += [f"{indent}finally:", f'{inner}print("{self.name()}")', *self.quiet_block(depth - 1, inner)]
        return lines

    def quiet_block(self, depth: int, indent: str) -> list[str]:
        """What may stand in a finally: no jump out of it, which the next version of Python will warn about."""
        lines = []
        for _ in range(self.draw(st.integers(0, 2))):
            lines += self.draw(st.sampled_from([[f'{indent}print("{self.name()}")'], [f'{indent}y = Noisy("{self.name()}")']]))
        return lines


@st.composite
def functions(draw: DrawFn) -> Case:
    """A function run with every interesting set of flags."""
    builder = Builder(draw, False)
    body = "\n".join(builder.block(4, False, "    "))
    flags = sorted({0, 63} | set(draw(st.lists(st.integers(0, 63), min_size=6, max_size=6))))
    return Case.plain(
        f"""
def flow§(flags: int) -> str:
{body}
    return "end"


def case§() -> None:
    for flags in {flags}:
        print("flags", flags)
        try:
            print(flow§(flags))
        except Exception as e:
            print("left by", repr(e))
"""
    )


@st.composite
def generators(draw: DrawFn) -> Case:
    """A generator consumed in full, in part, and dropped."""
    builder = Builder(draw, True)
    body = "\n".join(builder.block(4, False, "    "))
    flags = sorted({0, 63} | set(draw(st.lists(st.integers(0, 63), min_size=4, max_size=4))))
    stop = draw(st.integers(1, 4))
    return Case.plain(
        f"""
def flow§(flags: int) -> Iterator[str]:
    yield "first"
{body}


def take§(flags: int) -> None:
    seen = 0
    for item in flow§(flags):
        print("got", item)
        seen += 1
        if seen == {stop}:
            print("enough")
            break
    print("out of the loop")


def case§() -> None:
    for flags in {flags}:
        print("flags", flags)
        try:
            for item in flow§(flags):
                print(item)
            take§(flags)
        except Exception as e:
            print("left by", repr(e))
"""
    )
