"""$(( ... )): integers, variables, + - * / % , comparisons, ! && ||, parentheses, and NAME = value.

Division is C's, towards zero. (POSIX, Shell Command Language, Arithmetic Expansion; the operators on bits are not in it.)
"""

from typing import Final, Protocol

from scarlet.user.errors import Failure

OPERATORS: Final = [b"&&", b"||", b"==", b"!=", b"<=", b">=", b"<", b">", b"+", b"-", b"*", b"/", b"%", b"!", b"(", b")", b"="]
"""Longest first."""


class Numbers(Protocol):
    """Where variables are."""

    def get(self, name: bytes) -> bytes | None: ...
    def set(self, name: bytes, value: bytes) -> None: ...


def evaluate(text: bytes, variables: Numbers) -> int:
    """The value of an expression; Failure says what is wrong with it."""
    evaluation = _Evaluation(text, variables)
    value = evaluation.assignment()
    if evaluation.token != b"":
        raise Failure(f"arithmetic: unexpected {evaluation.token.decode(errors='replace')}")
    return value


class _Evaluation:
    def __init__(self, text: bytes, variables: Numbers) -> None:
        self._text = text
        self._at = 0
        self._variables = variables
        self.token = b""
        self._advance()

    def assignment(self) -> int:
        name = self.token
        if _is_name(name) and self._rest().startswith(b"=") and not self._rest().startswith(b"=="):
            self._advance()
            self._advance()
            value = self.assignment()
            self._variables.set(name, str(value).encode())
            return value
        return self._either()

    def _either(self) -> int:
        value = self._both()
        while self.token == b"||":
            self._advance()
            right = self._both()
            value = int(value != 0 or right != 0)
        return value

    def _both(self) -> int:
        value = self._comparison()
        while self.token == b"&&":
            self._advance()
            right = self._comparison()
            value = int(value != 0 and right != 0)
        return value

    def _comparison(self) -> int:
        value = self._sum()
        while self.token in [b"==", b"!=", b"<", b">", b"<=", b">="]:
            operator = self._advance()
            right = self._sum()
            value = int(_compare(operator, value, right))
        return value

    def _sum(self) -> int:
        value = self._product()
        while self.token == b"+" or self.token == b"-":
            value = value + self._product_after() if self.token == b"+" else value - self._product_after()
        return value

    def _product_after(self) -> int:
        self._advance()
        return self._product()

    def _product(self) -> int:
        value = self._factor()
        while self.token == b"*" or self.token == b"/" or self.token == b"%":
            operator = self._advance()
            right = self._factor()
            if operator == b"*":
                value = value * right
                continue
            if right == 0:
                raise Failure("arithmetic: division by zero")
            quotient = abs(value) // abs(right)
            if (value < 0) != (right < 0):
                quotient = -quotient
            value = quotient if operator == b"/" else value - quotient * right
        return value

    def _factor(self) -> int:
        token = self._advance()
        if token == b"-":
            return -self._factor()
        if token == b"+":
            return self._factor()
        if token == b"!":
            return int(self._factor() == 0)
        if token == b"(":
            value = self.assignment()
            if self._advance() != b")":
                raise Failure("arithmetic: a parenthesis is not closed")
            return value
        if _is_name(token):
            held = self._variables.get(token)
            return _integer(held.strip()) if held is not None and len(held) > 0 else 0
        return _integer(token)

    def _rest(self) -> bytes:
        """What follows the token."""
        return self._text[self._at :].lstrip()

    def _advance(self) -> bytes:
        token = self.token
        text = self._text
        while self._at < len(text) and text[self._at] in b" \t\n":
            self._at += 1
        start = self._at
        while self._at < len(text) and _in_word(text[self._at]):
            self._at += 1
        if self._at == start:
            for operator in OPERATORS:
                if text.startswith(operator, start):
                    self._at += len(operator)
                    break
            else:
                if start < len(text):
                    raise Failure(f"arithmetic: unexpected {text[start : start + 1].decode(errors='replace')}")
        self.token = text[start : self._at]
        return token


def _compare(operator: bytes, left: int, right: int) -> bool:
    match operator:
        case b"==":
            return left == right
        case b"!=":
            return left != right
        case b"<":
            return left < right
        case b">":
            return left > right
        case b"<=":
            return left <= right
        case _:
            return left >= right


def _in_word(byte: int) -> bool:
    return byte == ord("_") or ord("0") <= byte <= ord("9") or ord("a") <= byte <= ord("z") or ord("A") <= byte <= ord("Z")


def _is_name(token: bytes) -> bool:
    return len(token) > 0 and _in_word(token[0]) and not token[0:1].isdigit()


def _integer(text: bytes) -> int:
    digits = text[1:] if text.startswith(b"-") else text
    if digits.isdigit() and len(digits) <= 18:
        return int(text)
    if digits.startswith(b"0x") and 2 < len(digits) <= 17:
        value = 0
        for byte in digits[2:]:
            place = b"0123456789abcdefABCDEF".find(byte)
            if place < 0:
                raise Failure(f"arithmetic: not a number: {text.decode(errors='replace')}")
            value = value * 16 + (place if place < 16 else place - 6)
        return -value if text.startswith(b"-") else value
    raise Failure(f"arithmetic: not a number: {text.decode(errors='replace')}" if len(text) > 0 else "arithmetic: something is missing")
