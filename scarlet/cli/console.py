"""Words for the person at the terminal; standard output belongs to the program that runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def say(message: str) -> None:
    """One line. A machine may have the terminal, which is raw then: it goes back to the left only when it is told to."""
    print(message, file=sys.stderr, end="\r\n" if sys.stderr.isatty() else "\n", flush=True)


def warn(message: str) -> None:
    say(f"scarlet: warning: {message}")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something takes time: a spinner on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        say(f"scarlet: {what}")
        yield
        return
    from rich.console import Console  # costs 50 ms: only where somebody looks

    with Console(stderr=True).status(what):
        yield
