"""Errors of the compiled program, shown as `file:line: error: ...`, the source line, and what to write instead."""

from dataclasses import dataclass, field
from pathlib import Path
from tokenize import open as open_source

from scarlet.compiler.advice import advice_for, shown


@dataclass(frozen=True)
class Place:
    """A source position: the file as given to the compiler, and its line from 1."""

    file: str
    line: int


class CompileError(Exception):
    """One refusal. `advice` says what to write instead."""

    def __init__(self, place: Place | None, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.place = place
        self.message = message = shown(message)
        self.advice = shown(advice or advice_for(message))


class InternalError(CompileError):
    """Something in the program makes the compiler fail: no refusal, but told as one, because its place helps. The failure is its cause."""

    def __init__(self, place: Place | None, failure: Exception) -> None:
        if isinstance(failure, RecursionError):
            super().__init__(place, "this is nested too deeply", "smaller expressions, functions and types")
        else:
            super().__init__(place, f"internal error: {type(failure).__name__}: {str(failure).partition(chr(10))[0][:120]}")
        self.__cause__ = failure


class Consequence(CompileError):
    """A refusal that only follows from another one, which has been reported; reports leave it out."""


@dataclass
class Report:
    """All errors of one build; printing them is the command line's business."""

    errors: list[CompileError] = field(default_factory=list)

    def add(self, error: CompileError) -> None:
        if isinstance(error, Consequence):
            return
        key = (error.place.file if error.place else "", error.place.line if error.place else 0, error.message)
        for other in self.errors:
            if (other.place.file if other.place else "", other.place.line if other.place else 0, other.message) == key:
                return
        self.errors.append(error)

    def text(self) -> str:
        return "\n".join(render(error) for error in self.errors)


class BuildFailed(Exception):
    """The build stopped; the report says why."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.text())
        self.report = report


class Damaged(Exception):
    """Files that an earlier build left are not what it wrote: without them, everything can be built again."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = paths


_lines: dict[str, list[str]] = {}


def source_line(place: Place) -> str:
    """The text of a source line, empty when it cannot be read."""
    if place.file not in _lines:
        try:
            with open_source(place.file) as stream:  # in the encoding that the file itself names
                _lines[place.file] = stream.read().split("\n")
        except (OSError, SyntaxError, UnicodeDecodeError):
            _lines[place.file] = []
    lines = _lines[place.file]
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


def render(error: CompileError) -> str:
    """`file:line: error: message`, the line, and the advice."""
    if error.place is None:
        head = f"error: {error.message}"
        line = ""
    else:
        head = f"{error.place.file}:{error.place.line}: error: {error.message}"
        line = source_line(error.place).strip()
    parts = [head]
    if line:
        parts.append(f"    {line}")
    if error.advice:
        parts.append(f"    write instead: {error.advice}")
    return "\n".join(parts)
