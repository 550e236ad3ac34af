"""The kernel's report on a file (system_inspect), as a person reads it: what the file is, what each ABI has found for and against it,
and who takes it.

    /home/demo
      kind ELF
      ...
    > native        certain + OSABI is 83, Scarlet
      linux-riscv64 none    - OSABI 83 is another system's
    native takes it

A line of the report is a word and a text; abi_modules/native/explain.py says which words there are.
"""

from typing import Final

from scarlet.user.tables import table

LEFT: Final = [False, False, False, False]


class Section:
    """What the report says of one file: a script, its interpreter."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.facts: list[list[str]] = []
        self.judgements: list[list[str]] = []
        """Rows of: mark of the winner, module, strength, a mark for or against."""

    def add_judgement(self, text: str) -> None:
        """A module and its strength; the marks come after it."""
        module, strength = _halves(text)
        self.judgements.append([" ", module, strength, ""])

    def add_mark(self, mark: str) -> None:
        """What speaks for or against, beside the module or below its other marks."""
        if self.judgements[-1][3] == "":
            self.judgements[-1][3] = mark
        else:
            self.judgements.append(["", "", "", mark])

    def point_at(self, winner: str) -> None:
        for row in self.judgements:
            if row[1] == winner:
                row[0] = ">"

    def lines(self) -> list[str]:
        """The section as text."""
        facts = table(self.facts, LEFT[:3])
        return [self.name, *facts, *[line.rstrip() for line in table(self.judgements, LEFT)]]


class Inspection:
    """A report, made readable."""

    def __init__(self, report: bytes) -> None:
        self.sections: list[Section] = []
        self.winner = ""
        self.problem = ""
        for line in report.split(b"\n"):
            if line != b"":
                self._take(line.decode(errors="replace"))

    def _take(self, line: str) -> None:
        word, text = _halves(line)
        if word == "file":
            self.sections.append(Section(text))
            return
        section = self.sections[-1]
        match word:
            case "fact":
                name, value = _halves(text)
                section.facts.append([" ", name, value])
            case "abi":
                section.add_judgement(text)
            case "for":
                section.add_mark("+ " + text)
            case "against":
                section.add_mark("- " + text)
            case "winner":
                self.winner = text
                section.point_at(text)
            case "problem":
                self.problem = text
            case _:
                pass

    @property
    def recognised(self) -> bool:
        """Does some ABI take the file, or the program that it leads to?"""
        return self.problem == ""

    def text(self) -> str:
        """All of it, with the verdict as the last line."""
        lines: list[str] = []
        for section in self.sections:
            lines += section.lines()
        lines.append(f"{self.winner} takes it" if self.recognised else f"nobody takes it: {self.problem}")
        return "\n".join(lines) + "\n"


def _halves(text: str) -> tuple[str, str]:
    """The first word and the rest."""
    space = text.find(" ")
    return (text, "") if space < 0 else (text[:space], text[space + 1 :])
