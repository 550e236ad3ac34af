"""Judging a file: what speaks for and against it being a program of one ABI.

Every mark that a module looks at becomes a short text, so that a choice can be explained to whoever asks. A mark that rules
the file out counts for more than all that speak for it; else the strongest mark for it is the module's strength.
"""

from enum import IntEnum


class Strength(IntEnum):
    """How sure a module is."""

    NONE = 0
    """Not a program of this ABI."""
    POSSIBLE = 1
    """Nothing speaks against it."""
    LIKELY = 2
    """Several marks speak for it, none of them alone is proof."""
    CERTAIN = 3
    """The file says so itself (OSABI, ABI note, interpreter)."""


class Evidence:
    """One module's judgement of one file."""

    def __init__(self) -> None:
        self.support_texts: list[str] = []
        self.oppose_texts: list[str] = []
        self.ruled_out = False
        self._strongest = Strength.NONE

    @property
    def strength(self) -> Strength:
        """How sure the module is, all marks together."""
        return Strength.NONE if self.ruled_out else self._strongest

    def support(self, strength: Strength, mark: str) -> None:
        """This mark speaks for the module, so strongly."""
        self.support_texts.append(mark)
        if strength > self._strongest:
            self._strongest = strength

    def oppose(self, mark: str) -> None:
        """This mark speaks against it, but does not decide."""
        self.oppose_texts.append(mark)

    def rule_out(self, mark: str) -> None:
        """With this mark the file is not a program of this ABI, whatever else it looks like."""
        self.oppose_texts.append(mark)
        self.ruled_out = True

    def summary(self) -> str:
        """The judgement in a line: what made the module sure, or what stood in the way."""
        texts = self.oppose_texts if self.strength == Strength.NONE and self.oppose_texts else self.support_texts
        return f"{self.strength.name.lower()} ({', '.join(texts) if texts else 'nothing speaks for it'})"
