"""A longer program: a tokeniser, a recursive-descent parser and an evaluator for a small language."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Iterator


class Kind(Enum):
    NUMBER = auto()
    NAME = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    position: int


class SyntaxProblem(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at {position}")
        self.position = position


def tokens(source: str) -> Iterator[Token]:
    i = 0
    while i < len(source):
        ch = source[i]
        if ch.isspace():
            i += 1
            continue
        start = i
        if ch.isdigit():
            while i < len(source) and source[i].isdigit():
                i += 1
            yield Token(Kind.NUMBER, source[start:i], start)
        elif ch.isalpha():
            while i < len(source) and source[i].isalnum():
                i += 1
            yield Token(Kind.NAME, source[start:i], start)
        elif ch in "+-*/%()=;<>{}":
            i += 1
            yield Token(Kind.SYMBOL, ch, start)
        else:
            raise SyntaxProblem(f"unexpected {ch!r}", i)
    yield Token(Kind.END, "", i)


class Expression:
    def evaluate(self, scope: dict[str, int]) -> int:
        raise NotImplementedError


class Number(Expression):
    def __init__(self, value: int) -> None:
        self.value = value

    def evaluate(self, scope: dict[str, int]) -> int:
        return self.value


class Name(Expression):
    def __init__(self, name: str) -> None:
        self.name = name

    def evaluate(self, scope: dict[str, int]) -> int:
        if self.name not in scope:
            raise KeyError(self.name)
        return scope[self.name]


class Binary(Expression):
    def __init__(self, operator: str, left: Expression, right: Expression) -> None:
        self.operator = operator
        self.left = left
        self.right = right

    def evaluate(self, scope: dict[str, int]) -> int:
        a = self.left.evaluate(scope)
        b = self.right.evaluate(scope)
        match self.operator:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a // b
            case "%":
                return a % b
            case "<":
                return int(a < b)
            case ">":
                return int(a > b)
            case _:
                raise NotImplementedError(self.operator)


class Statement:
    def run(self, scope: dict[str, int]) -> None:
        raise NotImplementedError


class Assign(Statement):
    def __init__(self, name: str, value: Expression) -> None:
        self.name = name
        self.value = value

    def run(self, scope: dict[str, int]) -> None:
        scope[self.name] = self.value.evaluate(scope)


class While(Statement):
    def __init__(self, condition: Expression, body: list[Statement]) -> None:
        self.condition = condition
        self.body = body

    def run(self, scope: dict[str, int]) -> None:
        while self.condition.evaluate(scope):
            for statement in self.body:
                statement.run(scope)


class Parser:
    LEVELS = ("<>", "+-", "*/%")

    def __init__(self, source: str) -> None:
        self._tokens = list(tokens(source))
        self._at = 0

    def peek(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def expect(self, text: str) -> None:
        token = self.take()
        if token.text != text:
            raise SyntaxProblem(f"expected {text!r}, found {token.text!r}", token.position)

    def program(self, end: str) -> list[Statement]:
        out: list[Statement] = []
        while self.peek().text != end:
            out.append(self.statement())
        return out

    def statement(self) -> Statement:
        name = self.take()
        if name.text == "while":
            condition = self.expression(0)
            self.expect("{")
            body = self.program("}")
            self.expect("}")
            return While(condition, body)
        if name.kind is not Kind.NAME:
            raise SyntaxProblem("expected a name", name.position)
        self.expect("=")
        value = self.expression(0)
        self.expect(";")
        return Assign(name.text, value)

    def expression(self, level: int) -> Expression:
        if level == len(self.LEVELS):
            return self.atom()
        left = self.expression(level + 1)
        while self.peek().kind is Kind.SYMBOL and self.peek().text in self.LEVELS[level]:
            operator = self.take().text
            left = Binary(operator, left, self.expression(level + 1))
        return left

    def atom(self) -> Expression:
        token = self.take()
        match token.kind:
            case Kind.NUMBER:
                return Number(int(token.text))
            case Kind.NAME:
                return Name(token.text)
            case _:
                if token.text == "-":
                    return Binary("-", Number(0), self.atom())
                if token.text == "(":
                    inside = self.expression(0)
                    self.expect(")")
                    return inside
                raise SyntaxProblem(f"unexpected {token.text!r}", token.position)


def run(source: str) -> None:
    try:
        scope: dict[str, int] = {}
        for statement in Parser(source).program(""):
            statement.run(scope)
        print(scope)
    except SyntaxProblem as e:
        print("syntax:", e, e.position)
    except KeyError as e:
        print("undefined:", e)
    except ZeroDivisionError as e:
        print("arithmetic:", e)


def main() -> None:
    run("x = 1 + 2 * 3 - -4; y = (x + 1) * (x - 1) % 7;")
    run("n = 27; steps = 0; while n > 1 { odd = n % 2; n = odd * (3 * n + 1) + (1 - odd) * (n / 2); steps = steps + 1; }")
    run("a = b;")
    run("a = 1 / 0;")
    run("a = (1;")
    run("a = $;")
    run("")
    print(Token(Kind.NAME, "x", 3))


main()
