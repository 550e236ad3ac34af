"""The text of an ABI module's dispatch.py: from a system-call number to the function, with decoded arguments."""

import re

from scarlet.cli.declarations import Call, Type
from scarlet.cli.source_text import HEAD, import_block

LONGEST_CALL = 115


def dispatch(package: str, calls: list[Call]) -> str:
    """All of dispatch.py."""
    imported: dict[str, set[str]] = {}
    cases = []
    for call in calls:
        arguments = ["task"]
        for index, parameter in enumerate(call.parameters):
            arguments.append(decoded(parameter.type, f"frame.a{index}"))
            if parameter.type.flags:
                imported.setdefault(parameter.type.class_module, set()).add(parameter.type.class_name)
        text = f"{call.module}.{call.function}({', '.join(arguments)})"
        if len(text) > LONGEST_CALL:
            text = f"{call.module}.{call.function}(\n                {', '.join(arguments)}\n            )"
        if call.result in ("None", "NoReturn"):
            cases.append(f"        case {call.number}:\n            {text}\n            return 0")
        else:
            cases.append(f"        case {call.number}:\n            return u64({text})")
    body = "\n".join(cases)
    used = [name for name in ("i32", "i64", "u32") if re.search(rf"\b{name}\(", body)] + ["u64"]
    imports = [f"from {package} import {module}" for module in sorted({call.module for call in calls})]
    imports += [f"from {module} import {', '.join(sorted(classes))}" for module, classes in sorted(imported.items())]
    imports += ["from executor.unknown import unknown_call", "from objects.task import Task"]
    if "UserPtr(" in body:
        imports.append("from scarlet.kernel.memory.user import UserPtr")
    imports.append(f"from scarlet.lang import {', '.join(used)}")
    return f'''"""From a system-call number to the function, with decoded arguments.

{HEAD}
"""

{import_block(imports)}


def dispatch(task: Task) -> u64:
    """Make the call that the registers name; gives the value of its result. Raises what the call raises."""
    frame = task.frame
    match frame.a7:
{body}
        case _:
            return unknown_call(task, frame.a7)
'''


def decoded(kind: Type, register: str) -> str:
    """The register as the parameter's type."""
    if kind.flags:
        return f"{kind.class_name}(u32({register}))"
    if kind.integer in ("u64", "usize"):
        return register
    return f"{'i64' if kind.integer in ('isize', 'int') else kind.integer}({register})"
