"""The text of an ABI module's trace_calls.py: each declared call as strace(1) shows it."""

import re
from dataclasses import dataclass, field, replace

from scarlet.cli.declarations import Call, DeclarationError, Parameter, Type
from scarlet.cli.dispatch_source import decoded
from scarlet.cli.source_text import HEAD, import_block

SEPARATOR = ' + ", " + '
OPTIONAL = "\0optional "
"""Marks the text of an argument that brings its own separator."""


@dataclass
class Shown:
    """What the text of the arguments needs, gathered while it is written."""

    shows: dict[str, str]
    """Every `show_<kind>` there is, and its module."""
    used: set[str] = field(default_factory=set)
    enumerations: dict[str, Type] = field(default_factory=dict)
    """Classes of flags or numbers without a function of their own, by the name of the one to write."""


def trace_calls(package: str, calls: list[Call], shows: dict[str, str], *, has_names: bool) -> str:
    """All of trace_calls.py. `has_names`: the package's call_names.py knows more names than those of the declared calls."""
    shown = Shown(shows)
    before, after = [], []
    for call in calls:
        early, late = _arguments(call, shown)
        opening = f'"{call.name}("' if not early else f'"{call.name}(" + ' + SEPARATOR.join(early)
        if late and early:
            opening += ' + ", "'
        before.append(_case(call.number, opening.replace(SEPARATOR + OPTIONAL, " + ")))
        if late:
            after.append(_case(call.number, SEPARATOR.join(late)))
    functions = "".join("\n\n" + _enumeration(kind) for _name, kind in sorted(shown.enumerations.items()))
    body = "".join(before + after)
    integers = [name for name in ("i32", "i64", "u32") if re.search(rf"\b{name}\(", body)]
    used = shown.used | {name for name in ("show_address", "show_flags") if f"{name}(" in body + functions}
    imports = [f"from {shows[name]} import {name}" for name in sorted(used)]
    imports += ["from executor.call_text import CallText, RawCall", "from objects.task import Task"]
    imports.append(f"from scarlet.lang import {', '.join(sorted({*integers, 'i64', 'u64'}))}")
    if has_names:
        imports.append(f"from {package}.call_names import call_name")
    return f'''"""The declared system calls as strace(1) shows them.

{HEAD}
"""

{import_block(imports)}


class DeclaredCalls(CallText):
    """Names, arguments and results."""

{_names(calls, has_names)}
    def before(self, task: Task, call: RawCall) -> str:
        match call.number:
{"".join(before)}            case _:
                return call.unknown()

{_after(after)}{_result(calls)}{functions}'''


def _arguments(call: Call, shown: Shown) -> tuple[list[str], list[str]]:
    """The text of those that are known before the call, and of the others."""
    texts = [_argument(item, index, call, shown) for index, item in enumerate(call.parameters)]
    split = next((index for index, item in enumerate(call.parameters) if item.type.direction == "out"), len(texts))
    return texts[:split], texts[split:]


def _argument(item: Parameter, index: int, call: Call, shown: Shown) -> str:
    kind, register = item.type, f"call.a{index}"
    value = register if kind.integer == "UserPtr" else decoded(replace(kind, flags=False), register)
    if kind.kind:
        function = f"show_{kind.kind}"
        if function not in shown.shows:
            raise DeclarationError(f"{call.module}.py: {call.name}: there is no {function} for {item.name}")
        shown.used.add(function)
        following = f"call.a{index + 1}" if index < 5 else "0"
        match kind.direction:
            case "in":
                return f"{function}(task, {register}, {following}, 0)"
            case "out":
                shown.used.add("show_address")
                return f"({function}(task, {register}, {following}, result) if result >= 0 else show_address({register}))"
            case "optional":
                return f"{OPTIONAL}{function}({value}, call.a{index - 1})"
            case _:
                return f"{function}({value})"
    if kind.class_name:
        function = f"show_{_snake(kind.class_name)}"
        if function in shown.shows:
            shown.used.add(function)
        else:
            shown.enumerations[function] = kind
        return f"{function}({value})"
    return f"show_address({register})" if kind.integer == "UserPtr" else f"str({value})"


def _names(calls: list[Call], has_names: bool) -> str:
    head = "    def name_of(self, number: u64) -> str:\n"
    if has_names:
        return head + "        return call_name(int(number)) if number < 1 << 32 else super().name_of(number)\n"
    cases = "".join(f'            case {call.number}:\n                return "{call.name}"\n' for call in calls)
    return f"{head}        match number:\n{cases}            case _:\n                return super().name_of(number)\n"


def _after(cases: list[str]) -> str:
    if not cases:
        return ""
    text = "".join(cases)
    return f"""    def after(self, task: Task, call: RawCall, result: int) -> str:
        match call.number:
{text}            case _:
                return ""

"""


def _result(calls: list[Call]) -> str:
    """Only what is not a plain number is listed."""
    head = "    def result(self, call: RawCall, value: u64) -> str:\n"
    rows = []
    for result, text in (("Address", 'f"0x{value:x}"'), ("NewProgram", '"0"')):
        numbers = " | ".join(str(call.number) for call in calls if call.result == result)
        if numbers:
            rows.append(f"            case {numbers}:\n                return {text}\n")
    if not rows:
        return f"{head}        return str(i64(value))\n"
    return f"{head}        match call.number:\n{''.join(rows)}            case _:\n                return str(i64(value))\n"


def _case(number: int, expression: str) -> str:
    """A case of a match, long concatenations on several lines."""
    if len(expression) < 116:
        return f"            case {number}:\n                return {expression}\n"
    parts, line = [], ""
    for item in re.split(r" \+ (?=\(?\"|\(?show_|str\()", expression):
        if line and len(line) + len(item) > 106:
            parts.append(line)
            line = "+ " + item
        else:
            line = f"{line} + {item}" if line else item
    inner = "\n                    ".join([*parts, line])
    return f"            case {number}:\n                return (\n                    {inner}\n                )\n"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _enumeration(kind: Type) -> str:
    """The function that shows a class of flags or of numbers."""
    function = f"show_{_snake(kind.class_name)}"
    if not kind.flags:
        cases = "".join(f'        case {value}:\n            return "{name}"\n' for name, value in kind.members)
        return f"def {function}(value: int) -> str:\n    match value:\n{cases}        case _:\n            return str(value)\n"
    zero = next((name for name, value in kind.members if value == 0), "0")
    rows = sorted(((value, name) for name, value in kind.members if value), key=lambda row: (-row[0].bit_count(), row[0]))
    listed = "".join(f'            ({value}, "{name}"),\n' for value, name in rows)
    head = f'def {function}(value: int) -> str:\n    return show_flags(\n        value,\n        "{zero}",\n'
    return f"{head}        [\n{listed}        ],\n    )\n"
