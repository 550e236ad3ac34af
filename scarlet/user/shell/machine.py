"""Carries out the tree of commands: what the shell does itself, while launching.py starts what runs beside it."""

from typing import Final

from abi_modules.native.interface import EventMessage, TaskEvent
from scarlet.user import calls, files
from scarlet.user.environment import Environment
from scarlet.user.errors import Failure, StatusError
from scarlet.user.handles import CLOSED, Handle
from scarlet.user.messages import new_pipe
from scarlet.user.options import shown
from scarlet.user.patterns import matches
from scarlet.user.search import USUAL_PATH
from scarlet.user.shell.expand import arguments, pattern, value
from scarlet.user.shell.globbing import matching
from scarlet.user.shell.jobs import Job, Jobs, JobState
from scarlet.user.shell.launching import start_pipeline, start_program, start_shell
from scarlet.user.shell.lexer import SyntaxFailure
from scarlet.user.shell.parser import parse
from scarlet.user.shell.streams import Streams
from scarlet.user.shell.tree import Case, Chain, Command, For, Function, Group, If, Item, Loop, Pipeline, Sequence, Simple
from scarlet.user.streams import Reader, write_all

MISUSED: Final = 2
DEEPEST: Final = 200
"""Functions that call themselves end here."""


class Exit(Exception):
    """The shell ends."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class Break(Exception):
    """`break` and `continue`: how many loops they leave."""

    def __init__(self, levels: int, goes_on: bool) -> None:
        super().__init__()
        self.levels = levels
        self.goes_on = goes_on


class Return(Exception):
    """`return`"""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class Interruption(Exception):
    """Ctrl-C: an interactive shell gives up what it is doing."""


class Builtin:
    """A command that the shell itself carries out."""

    def run(self, shell: "Shell", words: list[bytes], streams: Streams) -> int:
        raise NotImplementedError("Builtin.run")


class Shell:
    """Variables, functions, jobs, and the methods that run commands."""

    def __init__(self, environment: Environment, program_path: bytes, process: int) -> None:
        self.variables: dict[bytes, bytes] = {}
        self.exported: set[bytes] = set()
        for name in environment.names():
            self.variables[name] = environment.value(name, b"")
            self.exported.add(name)
        self.name = b"sh"
        self.positional: list[bytes] = []
        self.functions: dict[bytes, Function] = {}
        self.builtins: dict[bytes, Builtin] = {}
        self.jobs = Jobs()
        self.base = Streams({})
        """The shell's own streams."""
        self.streams = self.base
        """Those of the command whose words are being expanded."""
        self.status = 0
        self.interactive = False
        self.events = Handle(CLOSED)
        """An interactive shell's queue of events."""
        self.interrupted = False
        self.stop_on_failure = False
        self.show_commands = False
        self.program_path = program_path
        self.process = process
        self._last_background = b""
        self._depth = 0
        self._unchecked = 0
        """Above 0 while a status is only looked at, as in `if`: then `set -e` does not end the shell."""

    # --- what expansion asks for -------------------------------------------------------------------------------------------------

    def get(self, name: bytes) -> bytes | None:
        return self.variables.get(name)

    def set(self, name: bytes, value: bytes) -> None:
        self.variables[name] = value

    def parameters(self) -> list[bytes]:
        return self.positional

    def special(self, name: bytes) -> bytes:
        match name:
            case b"?":
                return str(self.status).encode()
            case b"$":
                return str(self.process).encode()
            case b"!":
                return self._last_background
            case b"0":
                return self.name
            case _:
                return (b"e" if self.stop_on_failure else b"") + (b"i" if self.interactive else b"") + (b"x" if self.show_commands else b"")

    def substitute(self, commands: bytes) -> bytes:
        ends = new_pipe()
        streams = self.streams.copy()
        streams.table[1] = ends[1]
        job = self.jobs.new(commands)
        start_shell(self, commands, streams, job, False)
        del streams
        reader = Reader(ends[0])
        del ends
        output = reader.read_all()
        self.status = self.jobs.wait(job)
        return output

    def files(self, pattern: bytes) -> list[bytes]:
        return matching(pattern)

    # --- texts -------------------------------------------------------------------------------------------------------------------

    def run_text(self, text: bytes, streams: Streams) -> int:
        """Parse a text and carry it out: the status of its last command."""
        try:
            tree = parse(text)
        except SyntaxFailure as error:
            self.complain(str(error), streams)
            self.status = MISUSED
            return MISUSED
        return self.run(tree, streams)

    def complain(self, text: str, streams: Streams) -> None:
        """Say on the command's standard error what is wrong."""
        self.write(2, f"{shown(self.name)}: {text}\n".encode(), streams)

    def write(self, slot: int, data: bytes, streams: Streams) -> bool:
        """Write to one of the command's streams; False when that is impossible."""
        target = streams.slot(slot)
        try:
            if target >= 0:
                write_all(target, data)
                return True
        except StatusError:
            pass
        return False

    # --- commands ----------------------------------------------------------------------------------------------------------------

    def run(self, command: Command, streams: Streams) -> int:
        """Carry out one command in the foreground: its status, which is $? from then on."""
        if self.interactive:
            self._look_at_events()
            if self.interrupted:
                raise Interruption()
        if isinstance(command, Sequence):
            for item in command.items:
                self._run_item(item, streams)
        elif isinstance(command, Chain):
            self._run_chain(command, streams)
        elif isinstance(command, Pipeline):
            self._run_pipeline(command.commands, command.source(), streams)
            if command.negated:
                self.status = int(self.status == 0)
            else:
                self._check_failure()
        elif isinstance(command, Simple):
            self._run_simple(command, streams)
            self._check_failure()
        else:
            self._run_compound(command, streams)
        return self.status

    def _look_at_events(self) -> None:
        """Has the user pressed Ctrl-C since the last command?"""
        buffer = bytearray(EventMessage.SIZE)
        while self.events.slot >= 0 and calls.stream_available(self.events.slot) > 0:
            calls.stream_read(self.events.slot, buffer)
            if EventMessage.parse(bytes(buffer)).event == TaskEvent.INTERRUPT:
                self.interrupted = True

    def _check_failure(self) -> None:
        if self.stop_on_failure and self.status != 0 and self._unchecked == 0:
            raise Exit(self.status)

    def _run_item(self, item: Item, streams: Streams) -> None:
        if not item.background:
            self.run(item.command, streams)
            return
        below = streams.copy()
        if self.jobs.terminal < 0:
            below.table[0] = files.open_file(b"/dev/null", files.READ)
        commands = item.command.commands if isinstance(item.command, Pipeline) and not item.command.negated else [item.command]
        job = start_pipeline(self, commands, item.command.source(), below, True)
        if len(job.members) > 0:
            self._last_background = str(job.members[-1].child.number).encode()
            if self.interactive:
                self.write(2, f"[{job.number}] {shown(self._last_background)}\n".encode(), streams)
        self.status = 0

    def _run_chain(self, chain: Chain, streams: Streams) -> None:
        self._checked(chain.left, streams)
        if (self.status == 0) == (chain.operator == b"&&"):
            self.run(chain.right, streams)

    def _checked(self, command: Command, streams: Streams) -> bool:
        """Run a command whose status is looked at."""
        self._unchecked += 1
        try:
            return self.run(command, streams) == 0
        finally:
            self._unchecked -= 1

    def _run_compound(self, command: Command, streams: Streams) -> None:
        below = self.redirected(command, streams)
        if below is None:
            return
        if isinstance(command, If):
            self._run_if(command, below)
        elif isinstance(command, Loop):
            self._run_loop(command, below)
        elif isinstance(command, For):
            self._run_for(command, below)
        elif isinstance(command, Case):
            self._run_case(command, below)
        elif isinstance(command, Function):
            self.functions[command.name] = command
            self.status = 0
        elif isinstance(command, Group):
            if command.subshell:
                self._run_pipeline([command], command.source(), streams)
                self._check_failure()
            else:
                self.run(command.body, below)

    def _run_if(self, command: If, streams: Streams) -> None:
        for condition, branch in zip(command.conditions, command.branches):
            if self._checked(condition, streams):
                self.run(branch, streams)
                return
        self.status = 0
        if command.otherwise is not None:
            self.run(command.otherwise, streams)

    def _run_loop(self, loop: Loop, streams: Streams) -> None:
        status = 0
        while self._checked(loop.condition, streams) != loop.until:
            if not self._run_body(loop.body, streams):
                break
            status = self.status
        self.status = status

    def _run_for(self, loop: For, streams: Streams) -> None:
        self.streams = streams
        words = arguments(loop.words, self) if loop.words is not None else self.positional
        self.status = 0
        for word in words:
            self.variables[loop.name] = word
            if not self._run_body(loop.body, streams):
                break

    def _run_body(self, body: Command, streams: Streams) -> bool:
        """One turn of a loop; False when the loop is left."""
        try:
            self.run(body, streams)
        except Break as leaving:
            self.status = 0
            if leaving.levels > 1:
                raise Break(leaving.levels - 1, leaving.goes_on) from None
            return leaving.goes_on
        return True

    def _run_case(self, command: Case, streams: Streams) -> None:
        self.streams = streams
        word = value(command.word, self)
        self.status = 0
        for branch in command.branches:
            for text in branch.patterns:
                if matches(pattern(text, self), word):
                    self.run(branch.body, streams)
                    return

    # --- simple commands ------------------------------------------------------------------------------------------------------------

    def redirected(self, command: Command, streams: Streams) -> Streams | None:
        """The streams of a command; None when one cannot be opened, which has been said."""
        if len(command.redirections) == 0:
            return streams
        below = streams.copy()
        self.streams = streams
        try:
            for redirection in command.redirections:
                below.redirect(redirection, self)
        except Failure as error:
            self.complain(str(error), streams)
            self.status = 1
            return None
        return below

    def _run_simple(self, command: Simple, streams: Streams) -> None:
        self.streams = streams
        try:
            words = arguments(command.words, self)
        except Failure as error:
            self.complain(str(error), streams)
            self.status = 1
            return
        below = self.redirected(command, streams)
        if below is None:
            return
        if len(words) == 0:
            if self._assign(command, streams) and not _substitutes(command):
                self.status = 0
            return
        if self.show_commands:
            self.write(2, b"+ " + b" ".join(words) + b"\n", streams)
        if words[0] in self.functions:
            self._call(self.functions[words[0]], words, command, below)
        elif words[0] in self.builtins:
            self._assign(command, streams)
            self._run_builtin(self.builtins[words[0]], words, below)
        else:
            job = self.jobs.new(command.source())
            job.fixed_status = start_program(self, command, words, below, job, False)
            self.wait_in_foreground(job, streams)

    def _run_builtin(self, builtin: Builtin, words: list[bytes], streams: Streams) -> None:
        try:
            self.status = builtin.run(self, words, streams)
        except Failure as error:
            self.complain(f"{shown(words[0])}: {error}", streams)
            self.status = 1
        except StatusError as error:
            self.complain(f"{shown(words[0])}: {error}", streams)
            self.status = 1

    def _call(self, function: Function, words: list[bytes], command: Simple, streams: Streams) -> None:
        if self._depth == DEEPEST:
            self.complain(f"{shown(function.name)}: calls itself too deeply", streams)
            raise Exit(MISUSED)
        self._assign(command, streams)
        positional = self.positional
        self.positional = words[1:]
        self._depth += 1
        try:
            self.run(function.body, streams)
        except Return as leaving:
            self.status = leaving.status
        finally:
            self.positional = positional
            self._depth -= 1

    def _assign(self, command: Simple, streams: Streams) -> bool:
        """Set the variables; False when a value makes no sense, which has been said."""
        self.streams = streams
        try:
            for assignment in command.assignments:
                name, _equals, word = assignment.partition(b"=")
                self.variables[name] = value(word, self)
        except Failure as error:
            self.complain(str(error), streams)
            self.status = 1
            return False
        return True

    # --- pipelines and programs -----------------------------------------------------------------------------------------------------

    def _run_pipeline(self, commands: list[Command], text: bytes, streams: Streams) -> None:
        job = start_pipeline(self, commands, text, streams, False)
        self.wait_in_foreground(job, streams)

    def wait_in_foreground(self, job: Job, streams: Streams) -> None:
        """Wait for a job and take the terminal back."""
        self.status = self.jobs.wait(job)
        self.jobs.to_foreground(self.jobs.own_group)
        if job.state == JobState.STOPPED:
            job.announced = JobState.STOPPED
            self.write(2, b"\n" + job.line(), streams)
        elif self.interactive and self.status > 128:
            self.write(2, b"\n", streams)
            self.interrupted = self.status == 130

    def environment(self) -> Environment:
        """What programs are given."""
        out = Environment([])
        for name, held in self.variables.items():
            if name in self.exported:
                out.set(name, held)
        return out

    def search_path(self) -> bytes:
        found = self.variables.get(b"PATH")
        return found if found is not None else USUAL_PATH


def _substitutes(command: Simple) -> bool:
    """Whether a command without a program has a status of its own: that of the last $( ) in it."""
    for text in [*command.assignments, *command.words]:
        if b"$(" in text or b"`" in text:
            return True
    return False
