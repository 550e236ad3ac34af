"""Which of our handles a command finds in its slots. Redirections change a copy of the table, never our own slots, so that nothing has to
be put back; a handle is closed when no table has it any more."""

from typing import Final

from abi_modules.native.interface import HandleFlags, OpenFlags, Rights
from scarlet.user import calls, files
from scarlet.user.errors import Failure, StatusError
from scarlet.user.handles import Handle
from scarlet.user.messages import new_pipe
from scarlet.user.options import shown
from scarlet.user.shell.expand import Surroundings, document, value
from scarlet.user.shell.tree import Redirection

SMALL_DOCUMENT: Final = 4096
"""A here-document of this size fits into a pipe without a reader."""


class Streams:
    """Slot of the command -> handle."""

    def __init__(self, table: dict[int, Handle]) -> None:
        self.table = table

    def copy(self) -> "Streams":
        return Streams(dict(self.table))

    def slot(self, slot: int) -> int:
        """The slot of ours that the command's slot stands for; -1 when it is closed."""
        return self.table[slot].slot if slot in self.table else -1

    def redirect(self, redirection: Redirection, shell: Surroundings) -> None:
        """Change the table as a redirection says. Failure when it cannot be."""
        slot = redirection.slot
        if redirection.operator == b"<<":
            text = redirection.body if redirection.literal else document(redirection.body, shell)
            self.table[slot] = _holding(text)
            return
        word = value(redirection.word, shell)
        if redirection.operator == b"<&" or redirection.operator == b">&":
            self._duplicate(slot, word)
            return
        try:
            self.table[slot] = _opened(redirection.operator, word)
        except StatusError as error:
            raise Failure(f"{shown(word)}: {error}") from None

    def _duplicate(self, slot: int, word: bytes) -> None:
        """`2>&1`, and `2>&-`, which closes."""
        if word == b"-":
            if slot in self.table:
                del self.table[slot]
            return
        source = int(word) if word.isdigit() and len(word) < 4 else -1
        if source not in self.table:
            raise Failure(f"{shown(word)}: not an open stream")
        self.table[slot] = self.table[source]


def _opened(operator: bytes, path: bytes) -> Handle:
    match operator:
        case b"<":
            return files.open_file(path, Rights.READ)
        case b">" | b">|":
            return files.open_file(path, Rights.WRITE, OpenFlags.CREATE | OpenFlags.TRUNCATE)
        case b">>":
            return files.open_file(path, Rights.WRITE, OpenFlags.CREATE | OpenFlags.APPEND)
        case _:
            return files.open_file(path, Rights.READ | Rights.WRITE, OpenFlags.CREATE)


def _holding(text: bytes) -> Handle:
    """A stream that gives a text: a pipe if it fits into one, else a file without a name."""
    if len(text) <= SMALL_DOCUMENT:
        ends = new_pipe()
        calls.stream_write(ends[1].slot, text)
        return ends[0]
    file = Handle(calls.memory_make(b"here-document", 0, HandleFlags.CLOSE_ON_REPLACE))
    done = 0
    while done < len(text):
        done += calls.stream_write_at(file.slot, text[done:], done)
    return file
