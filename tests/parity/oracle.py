"""The reference world: a dialect program under CPython, made to behave where the dialect's rules are stricter than CPython's.

One thing is made exact: the locals of a function die when an exception leaves it (docs/dialect.md, Classes). CPython keeps them alive in
the traceback until the handler ends, so every function is wrapped to clear the frames that an exception has left.

Run as `python -m tests.parity.oracle FILE`: standard output is the program's; an uncaught exception is shown as
`TypeName: message`, status 1. With `--checked`, integers overflow as the dialect's do (checked.py), which costs a run of mypy.
"""

import ast
import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def exact(function: Callable[..., Any]) -> Callable[..., Any]:
    """Clear the locals of the frames below this call before an exception goes on."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            leaving = error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
            del args, kwargs
            traceback.clear_frames(leaving.__traceback__)
            leaving.__traceback__ = None
            raise

    return wrapper


class Generator:
    """A generator whose locals die when an exception leaves it. Dropping this object drops the generator."""

    def __init__(self, inner: Iterator[Any]) -> None:
        self._inner = inner

    def __iter__(self) -> "Generator":
        return self

    @exact
    def __next__(self) -> Any:
        return next(self._inner)


def exact_generator(function: Callable[..., Iterator[Any]]) -> Callable[..., Generator]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator:
        return Generator(function(*args, **kwargs))

    return wrapper


class _Decorate(ast.NodeTransformer):
    """Put @_exact, or @_exact_generator, innermost on every function."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        yields = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in _own_nodes(node))
        node.decorator_list.append(ast.Name("_exact_generator" if yields else "_exact", ast.Load()))
        return node


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function without those of the functions inside it."""
    out: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            out.append(child)
            out += _own_nodes(child)
    return out


def run(path: Path, *, checked: bool) -> None:
    """Execute the program as the main module."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    names: dict[str, object] = {"__name__": "__main__", "__file__": str(path), "_exact": exact, "_exact_generator": exact_generator}
    if checked:
        from tests.parity.checked import NAMES, program_checks, rewritten

        tree = rewritten(tree, program_checks(path))
        names |= NAMES
    tree = _Decorate().visit(tree)
    exec(compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True), names)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        run(Path(sys.argv[-1]), checked="--checked" in sys.argv)
    except SystemExit:
        raise
    except BaseException as error:
        sys.stdout.flush()
        text = str(error)
        sys.stderr.write(type(error).__name__ + (": " + text if text else "") + "\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
