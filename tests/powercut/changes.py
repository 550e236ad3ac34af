"""The changes of tests/programs/powerload.c, and the states of its folder between them.

Each change is on stable storage before the next begins. So after a cut the folder is as after some number of changes, at least as many as
were told of, but for the target of one more that was on its way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

FILES, MOST_BLOCKS, BLOCK, PLACES = 12, 96, 512, 64
MOST_UNTOLD = 2000
"""Changes that can have been made without the word of them getting out: the UART's buffer is larger than that many lines."""


@dataclass(frozen=True)
class Change:
    """One turn of the program's loop. `kind`: replace, append, overwrite or erase."""

    number: int
    kind: str
    file: int
    blocks: int
    place: int

    @property
    def target(self) -> str:
        """The name of the file that it changes."""
        return {"append": "log", "overwrite": "places"}.get(self.kind) or f"f{self.file:02d}"


def changes(seed: int) -> Iterator[Change]:
    """All of them, without end."""
    state = seed

    def draw(limit: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (state >> 33) % limit

    number = 0
    while True:
        number += 1
        kind, file, blocks, place = draw(8), draw(FILES), 1 + draw(MOST_BLOCKS), draw(PLACES)
        name = "replace" if kind < 4 else "append" if kind == 4 else "overwrite" if kind < 7 else "erase"
        yield Change(number, name, file, blocks, place)


def block(change: int, index: int) -> bytes:
    """What the program writes as one block."""
    return (b"%08d %08d " % (change, index)).ljust(BLOCK - 1, b".") + b"\n"


@dataclass
class State:
    """The folder after some changes: file to its blocks, each the change that wrote it and its index; None for a hole."""

    files: dict[str, list[tuple[int, int] | None]] = field(default_factory=dict)

    def apply(self, change: Change) -> None:
        """One more change."""
        match change.kind:
            case "replace":
                self.files[change.target] = [(change.number, index) for index in range(change.blocks)]
            case "append":
                self.files.setdefault("log", []).append((change.number, 0))
            case "overwrite":
                places = self.files.setdefault("places", [])
                places += [None] * (change.place + 1 - len(places))
                places[change.place] = (change.number, change.place)
            case _:
                self.files.pop(change.target, None)

    def content(self, name: str) -> bytes | None:
        """The bytes of a file, None when it is not there."""
        if name not in self.files:
            return None
        return b"".join(bytes(BLOCK) if which is None else block(*which) for which in self.files[name])


def names() -> list[str]:
    """Every file that a change can make."""
    return ["log", "places", *(f"f{number:02d}" for number in range(FILES))]


def changes_on_disk(seed: int, told: int, found: dict[str, bytes]) -> int | None:
    """The least number of changes after which the folder may be as it was found; None when there is no such number, so something was lost.

    `told`: as many were said to be safe. `found`: name to content.
    """
    state = State()
    upcoming = changes(seed)
    for change in islice(upcoming, told):
        state.apply(change)
    wrong = {name for name in names() if found.get(name) != state.content(name)}
    for change in islice(upcoming, MOST_UNTOLD):
        if wrong <= {change.target} and (not wrong or _is_on_the_way(state, change, found)):
            return change.number - 1
        state.apply(change)
        if found.get(change.target) == state.content(change.target):
            wrong.discard(change.target)
        else:
            wrong.add(change.target)
    return None


def _is_on_the_way(state: State, change: Change, found: dict[str, bytes]) -> bool:
    """Is the target of a change as it may be while the change is made? A file that grew may have its size before its content."""
    after = State({change.target: list(state.files[change.target])} if change.target in state.files else {})
    after.apply(change)
    content, whole = found.get(change.target), after.content(change.target)
    if content == whole:
        return True
    if content is None or whole is None or change.kind == "replace" or len(content) > len(whole):
        return False
    before = state.content(change.target) or b""
    start = change.place * BLOCK if change.kind == "overwrite" else len(before)
    padded, old = content.ljust(len(whole), b"\0"), before.ljust(len(whole), b"\0")
    return padded[:start] + padded[start + BLOCK :] == old[:start] + old[start + BLOCK :] and padded[start : start + BLOCK] in (
        old[start : start + BLOCK],
        whole[start : start + BLOCK],
        bytes(BLOCK),
    )
