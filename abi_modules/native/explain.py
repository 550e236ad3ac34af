"""The executor's report on a file as lines of words that a program can take apart: what system_inspect gives.

    file /home/demo
    fact type ET_EXEC
    abi native certain
    for OSABI is 83
    against ...
    winner native
    problem EXPLANATION

A script is followed by the lines of its interpreter, which begin with a `file` line of their own.
"""

from executor.files import open_interpreter
from executor.inspect import Finding, report
from objects.task import Task
from objects.view import Location


def explanation(task: Task, place: Location, path: bytes) -> bytes:
    """The lines for the file at a place. Raises what reading the file raises."""
    found = report(place, path, lambda name: open_interpreter(task.view, task.credentials, name))
    lines: list[str] = []
    for finding in found.findings:
        _add(lines, finding)
    if found.code != 0:
        lines.append(f"problem {found.problem}")
    return "".join([line + "\n" for line in lines]).encode()


def _add(lines: list[str], finding: Finding) -> None:
    lines.append(f"file {finding.path.decode(errors='replace')}")
    for fact in finding.facts:
        lines.append(f"fact {fact.name} {fact.value}")
    for judgement in finding.judgements:
        lines.append(f"abi {judgement.module} {judgement.evidence.strength.name.lower()}")
        lines += [f"for {mark}" for mark in judgement.evidence.support_texts]
        lines += [f"against {mark}" for mark in judgement.evidence.oppose_texts]
    if finding.winner:
        lines.append(f"winner {finding.winner}")
