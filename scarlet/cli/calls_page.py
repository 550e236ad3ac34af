"""The text of docs/<abi>-syscalls.md: an ABI's calls, for readers."""

from scarlet.cli.declarations import Call
from scarlet.cli.source_text import HEAD


def page(title: str, failure: str, folder: str, calls: list[Call], known: dict[int, str]) -> str:
    """All of the page; `failure` says how calls fail, `known` has the names of the calls that there are besides the declared ones."""
    rows = []
    for call in calls:
        parameters = ", ".join(item.name for item in call.parameters)
        text = " ".join(call.documentation.split()).replace("|", "\\|")
        rows.append(f"| {call.number} | `{call.name}({parameters})` | `{call.module}.py` | {text} |")
    return f"""# {title}

{HEAD}

{len(calls)} calls are declared in `{folder}`. {failure}

| number | call | file | what it does here |
|--------|------|------|-------------------|
{chr(10).join(rows)}
{_missing(calls, known)}"""


def _missing(calls: list[Call], known: dict[int, str]) -> str:
    declared = {call.number for call in calls}
    missing = ", ".join(f"{name} ({number})" for number, name in sorted(known.items()) if number not in declared)
    if not missing:
        return ""
    return f"""
## Not there

These answer ENOSYS; each use is counted in `/proc/scarlet/calls`, and the first one is named in the kernel log:
{missing}.
"""
