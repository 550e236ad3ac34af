"""The text of an ABI module's dispatch.py: from a system-call number to the function, with decoded arguments."""

import re

from scarlet.cli.declarations import Call, Type
from scarlet.cli.source_text import HEAD, LONGEST_LINE, import_block


def dispatch(package: str, calls: list[Call]) -> str:
    """All of dispatch.py."""
    imported: dict[str, set[str]] = {}
    functions = []
    entries = []
    for call in calls:
        arguments = ["task"]
        for index, parameter in enumerate(call.parameters):
            arguments.append(decoded(parameter.type, f"frame.a{index}"))
            if parameter.type.flags:
                imported.setdefault(parameter.type.class_module, set()).add(parameter.type.class_name)
        function = f"{call.module}.{call.function}"
        lines = ["    frame = task.frame"] if call.parameters else []
        if call.result in ("None", "NoReturn"):
            lines += [_line(f"{function}(", arguments, ")"), "    return 0"]
        else:
            lines.append(_line(f"return u64({function}(", arguments, "))"))
        name = f"_{call.module}_{call.function}"
        functions.append("\n".join([f"def {name}(task: Task) -> u64:", *lines]))
        entries.append(f"_CALLS[{call.number}] = {name}")
    body = "\n\n\n".join(functions)
    used = [name for name in ("i32", "i64", "u32") if re.search(rf"\b{name}\(", body)] + ["u64"]
    imports = [f"from {package} import {module}" for module in sorted({call.module for call in calls})]
    imports += [f"from {module} import {', '.join(sorted(classes))}" for module, classes in sorted(imported.items())]
    imports += ["from executor.unknown import unknown_call", "from objects.task import Task"]
    if "UserPtr(" in body:
        imports.append("from scarlet.kernel.memory.user import UserPtr")
    imports.append(f"from scarlet.lang import {', '.join(used)}")
    numbers = [call.number for call in calls]
    return f'''"""The system-call table: from a number to the function, with decoded arguments.

{HEAD}
"""

from collections.abc import Callable
from typing import Final

{import_block(imports)}


def dispatch(task: Task) -> u64:
    """Make the call that the registers name; gives the value of its result. Raises what the call raises."""
    number = task.frame.a7
    return _CALLS[number](task) if number < len(_CALLS) else unknown_call(task)


{body}


_CALLS: Final[list[Callable[[Task], u64]]] = [unknown_call] * {max(numbers) + 1}
"""The table, by number."""

{chr(10).join(entries)}
'''


def _line(before: str, arguments: list[str], after: str) -> str:
    """A statement that makes a call, in as many lines as it needs."""
    line = f"    {before}{', '.join(arguments)}{after}"
    return line if len(line) <= LONGEST_LINE else f"    {before}\n        {', '.join(arguments)}\n    {after}"


def decoded(kind: Type, register: str) -> str:
    """The register as the parameter's type."""
    if kind.flags:
        return f"{kind.class_name}(u32({register}))"
    if kind.integer in ("u64", "usize"):
        return register
    return f"{'i64' if kind.integer in ('isize', 'int') else kind.integer}({register})"
