"""The built-in exceptions: the hierarchy of the Python reference, reduced to what the dialect can raise.

An exception keeps at most one argument. Text is kept as it is; a number is kept as a number, because most are raised
and caught without ever being shown; anything else (a KeyError's key, several arguments) is kept as the text of its
str() and repr(). Source: Python library reference, "Built-in Exceptions"; the texts of str() and repr() are
CPython's.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import class_name

NO_ARGUMENT: Final = 0
TEXT: Final = 1
NUMBER: Final = 2
SHOWN: Final = 3


class BaseException:
    """`raise_site` belongs to the compiler: where the exception was raised (raw.raise_file, raw.raise_line)."""

    def __init__(self, message: str = "") -> None:
        self.raise_site: u64 = 0
        self._kind = TEXT if message else NO_ARGUMENT
        self._number = 0
        self._text = message
        self._shown = ""

    def set_text(self, message: str) -> None:
        """The single argument is a str (also when it is empty)."""
        self._kind = TEXT
        self._text = message

    def set_number(self, number: int) -> None:
        """The single argument is an integer."""
        self._kind = NUMBER
        self._number = number

    def set_shown(self, text: str, shown: str) -> None:
        """Any other argument or several: str() of the exception, and what stands between the parentheses of its repr()."""
        self._kind = SHOWN
        self._text = text
        self._shown = shown

    def _argument(self) -> str:
        """What stands between the parentheses of the repr."""
        if self._kind == NO_ARGUMENT:
            return ""
        if self._kind == TEXT:
            return repr(self._text)
        if self._kind == NUMBER:
            return str(self._number)
        return self._shown

    def __str__(self) -> str:
        if self._kind == NUMBER:
            return str(self._number)
        return self._text

    def __repr__(self) -> str:
        return class_name(self) + "(" + self._argument() + ")"


class Exception(BaseException):
    """What programs raise and catch."""


class SystemExit(BaseException):
    pass


class KeyboardInterrupt(BaseException):
    pass


class GeneratorExit(BaseException):
    """Raised at the yield of a generator that is closed or dropped."""


class StopIteration(Exception):
    pass


class ArithmeticError(Exception):
    pass


class OverflowError(ArithmeticError):
    pass


class ZeroDivisionError(ArithmeticError):
    pass


class AssertionError(Exception):
    pass


class AttributeError(Exception):
    pass


class BufferError(Exception):
    pass


class EOFError(Exception):
    pass


class LookupError(Exception):
    pass


class IndexError(LookupError):
    pass


class KeyError(LookupError):
    def __str__(self) -> str:
        """The repr of the key, so that an empty or blank one can be seen."""
        return self._argument()


class MemoryError(Exception):
    pass


class NameError(Exception):
    pass


class UnboundLocalError(NameError):
    pass


class OSError(Exception):
    pass


class ReferenceError(Exception):
    pass


class RuntimeError(Exception):
    pass


class NotImplementedError(RuntimeError):
    pass


class RecursionError(RuntimeError):
    pass


class TypeError(Exception):
    pass


class ValueError(Exception):
    pass


class UnicodeError(ValueError):
    pass


class UnicodeDecodeError(UnicodeError):
    pass


class UnicodeEncodeError(UnicodeError):
    pass
