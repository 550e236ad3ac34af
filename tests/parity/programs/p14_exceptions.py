"""Exceptions: every path through try, except, else and finally; classes, messages, re-raise."""

from scarlet.lang import Errno
from scarlet.lang.errno import EINVAL, ENOENT


class ParseError(ValueError):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line


class Empty(Exception):
    pass


def risky(n: int) -> int:
    if n == 1:
        raise ValueError("one")
    if n == 2:
        raise KeyError("two")
    if n == 3:
        raise ParseError(7, "bad")
    if n == 4:
        raise Empty
    if n == 5:
        raise Errno(ENOENT)
    if n == 6:
        raise Errno(EINVAL, "flags must be 0")
    if n == 7:
        return 1 // (n - 7)
    if n == 8:
        return [1, 2][n]
    if n == 9:
        raise NotImplementedError("nine")
    if n == 10:
        assert n < 10, f"n is {n}"
    if n == 11:
        raise RuntimeError
    return n


def attempt(n: int) -> str:
    try:
        value = risky(n)
    except ParseError as e:
        return f"ParseError {e.line} {e}"
    except ValueError as e:
        return f"ValueError {e}"
    except (KeyError, IndexError) as e:
        return f"lookup {e}"
    except Errno as e:
        return f"Errno {e.code} {e.reason} {e}"
    except ZeroDivisionError as e:
        return f"zero {e}"
    except Empty as e:
        return f"empty [{e}]"
    except AssertionError as e:
        return f"assert {e}"
    except Exception as e:
        return f"other [{e}]"
    else:
        print("else runs")
        return f"value {value}"
    finally:
        print("finally", n)


def reraise(n: int) -> int:
    try:
        return risky(n)
    except ValueError:
        print("cleaning up")
        raise


def convert(n: int) -> int:
    try:
        return risky(n)
    except KeyError as e:
        raise Errno(ENOENT, "converted") from e


def overrides() -> int:
    try:
        raise ValueError("lost")
    finally:
        return 5


def replaced() -> None:
    try:
        raise ValueError("first")
    finally:
        raise KeyError("second")


def loop() -> None:
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            print("body", i)
        finally:
            print("end", i)
    else:
        print("never")


def nested() -> None:
    try:
        try:
            raise ValueError("inner")
        except KeyError:
            print("wrong")
        finally:
            print("inner finally")
    except ValueError as e:
        print("outer", e)


def in_handler() -> None:
    try:
        raise ValueError("a")
    except ValueError:
        try:
            raise KeyError("b")
        except KeyError as k:
            print("k", k)
        print("still handling")


def finally_return(n: int) -> str:
    result = "start"
    try:
        if n:
            return result
        result = "fell through"
    finally:
        result = "changed"
        print("finally sees", n)
    return result


def main() -> None:
    for n in range(12):
        print(attempt(n))
    try:
        reraise(1)
    except ValueError as e:
        print("again", e)
    try:
        convert(2)
    except Errno as e:
        print(e.code, e)
    print(overrides())
    try:
        replaced()
    except KeyError as e:
        print(e)
    loop()
    nested()
    in_handler()
    print(finally_return(0), finally_return(1))
    try:
        raise KeyError(5)
    except LookupError as e:
        print("lookup", e, repr(e), repr(ValueError("x")), repr(Empty()), str(ValueError("plain")))
    try:
        int("x")
    except ArithmeticError:
        print("no")
    except (OverflowError, ValueError) as e:
        print("tuple", e)
    stored: Exception | None = None
    try:
        raise Empty("kept")
    except Empty as e:
        stored = e
    print(stored is not None and str(stored) == "kept", isinstance(stored, Empty))
    error = ParseError(1, "made, not raised")
    print(error, error.line)
    for bad in range(3):
        try:
            try:
                risky(bad)
            except ValueError:
                raise Errno(EINVAL)
        except Errno as e:
            print("mapped", e.code)
        except KeyError as e:
            print("passed through", e)


main()
