"""sh: the native shell. What it understands is in scarlet/user/shell; here it learns where its commands come from."""

from typing import Final

from abi_modules.native.interface import CURRENT, EventChoice, EventSet, HandleFlags
from scarlet.user import calls, files
from scarlet.user.editor import History
from scarlet.user.errors import Failure, StatusError
from scarlet.user.handles import Handle
from scarlet.user.options import number, shown
from scarlet.user.processes import NOT_FOUND
from scarlet.user.program import is_terminal, program
from scarlet.user.search import USUAL_PATH, find_program
from scarlet.user.shell.builtins import install
from scarlet.user.shell.expand import document
from scarlet.user.shell.lexer import Incomplete, SyntaxFailure
from scarlet.user.shell.machine import Break, Exit, Interruption, Return, Shell
from scarlet.user.shell.parser import parse
from scarlet.user.shell.prompt import ask
from scarlet.user.shell.streams import Streams

PROGRAM: Final = b"/scarlet/system/scarlet/bin/sh"
"""Where this program is in every view."""
PROMPT: Final = b"native:$PWD# "
CONTINUED: Final = b"> "
INTERRUPTED: Final = 130
USAGE: Final = "usage: sh [-eix] [-c COMMANDS [NAME]] [FILE] [ARGUMENT...]"


def new_shell() -> Shell:
    """A shell with our environment, streams and working directory."""
    shell = Shell(program.environment, own_path(), int(calls.task_query(CURRENT).process))
    install(shell)
    shell.base = Streams({slot: Handle(slot) for slot in range(3)})
    shell.streams = shell.base
    shell.variables[b"PWD"] = files.working_directory()
    shell.exported.add(b"PWD")
    return shell


def own_path() -> bytes:
    """Where a child shell finds this program."""
    if files.found(PROGRAM) is not None:
        return PROGRAM
    place = find_program(program.arguments[0].lstrip(b"-"), program.environment.value(b"PATH", USUAL_PATH))
    return place if place is not None else PROGRAM


class Invocation:
    """What the command line asks for."""

    def __init__(self, words: list[bytes]) -> None:
        self.commands: bytes | None = None
        self.interactive = False
        self.settings: list[bytes] = []
        self.inherited = b""
        rest = list(words)
        while len(rest) > 0 and rest[0].startswith(b"-") and len(rest[0]) > 1:
            word = rest.pop(0)
            if word == b"--":
                break
            if word == b"--child" and len(rest) > 0:
                self.inherited = rest.pop(0)
                continue
            for letter in word[1:]:
                self._letter(letter, rest)
        self.rest = rest

    def _letter(self, letter: int, rest: list[bytes]) -> None:
        match letter:
            case 0x63:  # c
                if len(rest) == 0:
                    raise Failure("-c: which commands?")
                self.commands = rest.pop(0)
            case 0x69:  # i
                self.interactive = True
            case 0x65 | 0x78:  # e, x
                self.settings.append(b"-" + bytes([letter]))
            case 0x6C:  # l
                pass
            case _:
                raise Failure(USAGE)


def main(words: list[bytes]) -> int:
    """Run what the command line names: the status."""
    shell = new_shell()
    try:
        invocation = Invocation(words)
    except Failure as error:
        shell.complain(str(error), shell.base)
        return 2
    if len(invocation.inherited) > 0:
        status, _colon, process = invocation.inherited.partition(b":")
        shell.status = number(status)
        shell.process = number(process)  # a subshell's $$ is that of the shell that it belongs to
    shell.stop_on_failure = b"-e" in invocation.settings
    shell.show_commands = b"-x" in invocation.settings
    rest = invocation.rest
    if invocation.commands is not None:
        if len(rest) > 0:
            shell.name = rest[0]
            shell.positional = rest[1:]
        return finish(shell, invocation.commands)
    if len(rest) > 0:
        shell.name = rest[0]
        shell.positional = rest[1:]
        return run_file(shell, rest[0])
    if invocation.interactive or is_terminal(0) and is_terminal(2):
        return talk(shell)
    return run_file(shell, b"")


def run_file(shell: Shell, path: bytes) -> int:
    """The commands of a file, or of standard input."""
    try:
        text = files.reader(path).read_all() if len(path) > 0 else program.input.read_all()
    except StatusError as error:
        shell.complain(f"{shown(path)}: {error}", shell.base)
        return NOT_FOUND
    return finish(shell, text)


def finish(shell: Shell, text: bytes) -> int:
    """Carry out a whole text: the status with which the shell ends."""
    try:
        return shell.run_text(text, shell.base)
    except Exit as leaving:
        return leaving.status
    except Return as leaving:
        return leaving.status
    except Break:
        return shell.status


def talk(shell: Shell) -> int:
    """Line by line from the terminal."""
    shell.interactive = True
    if b"\\" in shell.variables.get(b"PS1", b""):
        shell.variables.pop(b"PS1")  # it came from a shell that has \u, \h and the like, which would be shown as they are
    own = calls.task_query(CURRENT)
    calls.event_choose(EventSet.INTERRUPT | EventSet.QUIT | EventSet.STOP, EventChoice.MESSAGE)
    shell.events = Handle(calls.event_queue(HandleFlags.CLOSE_ON_REPLACE))
    if int(calls.terminal_query(0).session) == int(own.session):
        shell.jobs.terminal = calls.handle_duplicate(0, 1 << 31, CURRENT, HandleFlags.CLOSE_ON_REPLACE)
        shell.jobs.own_group = int(own.group)
    history = History()
    while True:
        for line in shell.jobs.news():
            shell.write(2, line, shell.base)
        try:
            text = read_command(shell, history)
            if text is None:
                return shell.status
            shell.run_text(text, shell.base)
        except Exit as leaving:
            return leaving.status
        except Interruption:
            shell.status = INTERRUPTED
        except (Return, Break):
            pass
        except (Failure, StatusError) as error:
            shell.complain(str(error), shell.base)
        shell.interrupted = False


def read_command(shell: Shell, history: History) -> bytes | None:
    """Lines until they make a whole command; None at the end of input."""
    text = b""
    while True:
        prompt = document(shell.variables.get(b"PS1", PROMPT), shell) if len(text) == 0 else CONTINUED
        line = ask(prompt, history, shell)
        if line is None:
            return None if len(text) == 0 else text
        text += line + b"\n"
        history.add(line)
        try:
            parse(text)
            return text
        except Incomplete:
            pass
        except SyntaxFailure:
            return text


if __name__ == "__main__":
    program.exit(main(program.arguments[1:]))
