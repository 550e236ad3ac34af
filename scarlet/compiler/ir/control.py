"""Operations that end a block."""

from __future__ import annotations

from typing import ClassVar

from scarlet.compiler.ir.base import Block, Operand, Terminator, on_failure, operation


@operation
class Goto(Terminator):
    to: Block

    def successors(self) -> list[Block]:
        return [self.to]

    def __str__(self) -> str:
        return f"goto {self.to}"


@operation
class Branch(Terminator):
    """`expect`: 1 or 0 when one side is known to be likely, else -1."""

    condition: Operand
    then: Block
    orelse: Block
    expect: int = -1

    def operands(self) -> list[Operand]:
        return [self.condition]

    def successors(self) -> list[Block]:
        return [self.then, self.orelse]

    def __str__(self) -> str:
        return f"if {self.condition} goto {self.then} else {self.orelse}"


@operation
class Return(Terminator):
    value: Operand | None

    def operands(self) -> list[Operand]:
        return [self.value] if self.value is not None else []

    def stolen(self) -> list[Operand]:
        return self.operands()

    def __str__(self) -> str:
        return f"return {self.value}" if self.value is not None else "return"


@operation
class Raise(Terminator):
    """Leave with an exception, or enter a handler of this function."""

    value: Operand
    handler: Block | None
    raises: ClassVar[Block | None] = None  # its handler is a successor

    def operands(self) -> list[Operand]:
        return [self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def successors(self) -> list[Block]:
        return [self.handler] if self.handler else []

    def __str__(self) -> str:
        return f"raise {self.value}" + on_failure(self.handler)


@operation
class Unreachable(Terminator):
    def __str__(self) -> str:
        return "unreachable"


@operation
class Yield(Terminator):
    """Give a value to the consumer of a generator; resume at `to`. Lowering itself replaces it (lower/generators.py); no pass meets one."""

    value: Operand
    to: Block

    def operands(self) -> list[Operand]:
        return [self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def successors(self) -> list[Block]:
        return [self.to]

    def __str__(self) -> str:
        return f"yield {self.value} then {self.to}"
