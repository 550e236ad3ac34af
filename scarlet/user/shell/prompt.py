"""Asking for a line at the terminal, with editing, history and completion."""

from scarlet.user import calls, files
from scarlet.user.editor import Editor, History, Outcome
from scarlet.user.errors import StatusError
from scarlet.user.paths import join
from scarlet.user.search import is_program
from scarlet.user.shell.machine import Shell
from scarlet.user.streams import write_all
from scarlet.user.terminal import Keys, width


def ask(prompt: bytes, history: History, shell: Shell) -> bytes | None:
    """A line without its newline; an empty one after Ctrl-C; None at the end of input."""
    buffer = bytearray(1)
    editor = Editor(prompt, history, width(0), lambda text: completions(text, shell))
    with Keys(0):
        write_all(2, editor.start())
        while editor.outcome == Outcome.EDITING:
            if calls.stream_read(0, buffer) == 0:
                return None
            editor.resize(width(0))
            shown = editor.feed(buffer[0])
            if len(shown) > 0:
                write_all(2, shown)
    match editor.outcome:
        case Outcome.TAKEN:
            return editor.line
        case Outcome.DROPPED:
            return b""
        case _:
            return None


def completions(text: bytes, shell: Shell) -> list[bytes]:
    """What the last word of a text could be: a command in first place, a file elsewhere. Sorted."""
    word = text[text.rfind(b" ") + 1 :]
    if word == text and b"/" not in word:
        return _commands(word, shell)
    slash = word.rfind(b"/")
    directory, start = word[: slash + 1], word[slash + 1 :]
    return [directory + name + (b"/" if files.is_directory(join(directory, name)) else b"") for name in _names(directory, start)]


def _names(directory: bytes, start: bytes) -> list[bytes]:
    try:
        names = files.names(directory if len(directory) > 0 else b".")
    except StatusError:
        return []
    return [name for name in names if name.startswith(start) and (not name.startswith(b".") or start.startswith(b"."))]


def _commands(start: bytes, shell: Shell) -> list[bytes]:
    found = {name for name in shell.builtins if name.startswith(start)}
    for name in shell.functions:
        if name.startswith(start):
            found.add(name)
    for folder in shell.search_path().split(b":"):
        for name in _names(folder, start):
            if is_program(join(folder, name)):
                found.add(name)
    return sorted(found)
