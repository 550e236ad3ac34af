"""What is wrong with a source file as text, where mypy's parser is silent: null bytes, which Python refuses, and surrogates in literals,
which it would replace."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

from scarlet.compiler.errors import CompileError, Place, Report

_SURROGATE = re.compile(rb"\\(?:u|U0000)[dD][89a-fA-F]")
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u|U0000)[dD][89a-fA-F]")


def demand_text(path: Path, report: Report) -> None:
    """Report what a file must not hold."""
    data = path.read_bytes()
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        report.add(CompileError(Place(str(path), line), "a null byte in the source", "Python 3.11"))
    elif _SURROGATE.search(data):
        with path.open("rb") as stream:
            for token in tokenize.tokenize(stream.readline):
                prefix = token.string[: re.search("['\"]|$", token.string).start()].lower()  # type: ignore[union-attr]
                if token.type == tokenize.STRING and not {"b", "r"} & set(prefix) and _ESCAPED.search(token.string):
                    report.add(CompileError(Place(str(path), token.start[0]), "a surrogate in a literal", "chr(0xD800) and its like"))
