"""Explaining a choice: for a file, and every interpreter it leads to, what each ABI module found for and against, and who wins.

The report is data; `scarlet inspect` prints it on the host, the program `inspect` in the guest. It asks the same modules the same
questions as exec does, in the same order, so that what it says is what exec does.
"""

from collections.abc import Callable

from executor.evidence import Evidence, Strength
from executor.facts import Fact, facts_of
from executor.image import Image
from executor.protocol import judge, modules
from executor.script import MAX_SCRIPTS, parse_script
from objects.inode import InodeType
from objects.view import Location
from scarlet.lang import Errno
from scarlet.lang.errno import EACCES, ELOOP, ENOEXEC

Resolve = Callable[[bytes], Location]
"""From the path that a script names to its interpreter. Raises what opening it raises."""


class Judgement:
    """What one module says."""

    def __init__(self, module: str, evidence: Evidence) -> None:
        self.module = module
        self.evidence = evidence


class Finding:
    """What is said of one file of the chain."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self.facts: list[Fact] = []
        self.judgements: list[Judgement] = []
        """In the order in which ties are broken; empty for a script, whose interpreter is judged."""
        self.winner: str = ""
        """The module that takes the file; empty when none does."""


class Report:
    """A file and the interpreters behind it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.code = 0
        """The errno that exec would give; 0 when the file is recognised."""
        self.problem = ""

    def fail(self, code: int, problem: str) -> None:
        """Exec would fail like this."""
        self.code = code
        self.problem = problem


def report(location: Location, path: bytes, resolve: Resolve) -> Report:
    """The whole story of a file. What is wrong with it is in the report; an error in reading it is raised (EIO)."""
    result = Report()
    for _depth in range(MAX_SCRIPTS + 1):
        finding = Finding(path)
        result.findings.append(finding)
        if not _is_readable(location, finding, result):
            return result
        image = Image(location)
        finding.facts = facts_of(image)
        if not image.head.startswith(b"#!"):
            _judge_all(image, finding, result)
            _look_for_linker(image, finding, resolve)
            return result
        try:
            script = parse_script(image)
            assert script is not None
            path = script.interpreter
            location = resolve(path)
        except Errno as error:
            result.fail(error.code, error.reason if error.reason else str(error))
            return result
    result.fail(ELOOP, "too many interpreters that are scripts")
    return result


def _is_readable(location: Location, finding: Finding, result: Report) -> bool:
    if location.inode.type == InodeType.REGULAR:
        return True
    finding.facts.append(Fact("kind", "a directory" if location.inode.type == InodeType.DIRECTORY else "not a regular file"))
    result.fail(EACCES, "only regular files are programs")
    return False


def _judge_all(image: Image, finding: Finding, result: Report) -> None:
    best = Strength.NONE
    for module in modules:
        evidence = judge(module, image)
        finding.judgements.append(Judgement(module.name, evidence))
        if evidence.strength > best:
            best = evidence.strength
            finding.winner = module.name
    if not finding.winner:
        result.fail(ENOEXEC, "no ABI module understands this file")


def _look_for_linker(image: Image, finding: Finding, resolve: Resolve) -> None:
    """Say so when the dynamic linker that the program asks for cannot be used; the program is recognised all the same."""
    if not finding.winner or image.elf is None or image.elf.interpreter is None:
        return
    try:
        resolve(image.elf.interpreter)
    except Errno as error:
        finding.facts.append(Fact("missing", f"the interpreter: {error.reason if error.reason else str(error)}"))
