"""Starting commands beside the shell.

A native program has no fork: a command that is a program is started with the handles it is to have, and whatever else must run beside the
shell (a subshell, a compound command in a pipeline, `$( )`) is given as text to another shell, together with the variables and functions.
"""

from typing import TYPE_CHECKING

from abi_modules.native.interface import SpawnFlags
from abi_modules.native.status import Status
from scarlet.user import files
from scarlet.user.errors import Failure, StatusError
from scarlet.user.messages import new_pipe
from scarlet.user.options import shown
from scarlet.user.processes import NOT_FOUND, Launch, status_of_failure
from scarlet.user.search import find_program
from scarlet.user.shell.expand import arguments, value
from scarlet.user.shell.jobs import Job
from scarlet.user.shell.lexer import quoted
from scarlet.user.shell.streams import Streams
from scarlet.user.shell.tree import Command, Group, Simple

if TYPE_CHECKING:
    from scarlet.user.shell.machine import Shell


def start_pipeline(shell: "Shell", commands: list[Command], text: bytes, streams: Streams, background: bool) -> Job:
    """Start every command of a pipeline, each with the pipe to the next."""
    job = shell.jobs.new(text)
    source = streams.table[0] if 0 in streams.table else None
    for index in range(len(commands)):
        below = streams.copy()
        if source is not None:
            below.table[0] = source
        if index < len(commands) - 1:
            ends = new_pipe()
            below.table[1] = ends[1]
            source = ends[0]
            del ends
        job.fixed_status = _start(shell, commands[index], below, job, background)
    shell.streams = streams  # nobody but the children holds the pipes any more: a reader sees the end when the writer is gone
    return job


def _start(shell: "Shell", command: Command, streams: Streams, job: Job, background: bool) -> int:
    """Start one command of a pipeline: -1, or the status when it could not be."""
    if not isinstance(command, Simple):
        return start_shell(shell, _without_parentheses(command), streams, job, background)
    shell.streams = streams
    try:
        words = arguments(command.words, shell)
    except Failure as error:
        shell.complain(str(error), streams)
        return 1
    if len(words) == 0 or words[0] in shell.functions or words[0] in shell.builtins:
        text = b" ".join(command.assignments + [quoted(word) for word in words]) + command.suffix() + _documents(command)
        return start_shell(shell, text, streams, job, background)
    below = shell.redirected(command, streams)
    return 1 if below is None else start_program(shell, command, words, below, job, background)


def start_program(shell: "Shell", command: Simple, words: list[bytes], streams: Streams, job: Job, background: bool) -> int:
    """Start a program with its own redirections and assignments: -1, or the status when it could not be."""
    settings = shell.environment()
    try:
        for assignment in command.assignments:
            name, _equals, word = assignment.partition(b"=")
            settings.set(name, value(word, shell))
    except Failure as error:
        shell.complain(str(error), streams)
        return 1
    place = find_program(words[0], settings.value(b"PATH", shell.search_path()))
    if place is None:
        shell.complain(f"{shown(words[0])}: not found", streams)
        return NOT_FOUND
    return _launch(shell, Launch(place, words, settings.settings()), streams, job, background)


def start_shell(shell: "Shell", commands: bytes, streams: Streams, job: Job, background: bool) -> int:
    """Let another shell carry out a text with our variables and functions."""
    words = [b"sh", b"--child", f"{shell.status}:{shell.process}".encode(), b"-c", _state(shell) + commands, shell.name, *shell.positional]
    return _launch(shell, Launch(shell.program_path, words, shell.environment().settings()), streams, job, background)


def _state(shell: "Shell") -> bytes:
    """What a subshell inherits, as text."""
    out = bytearray()
    for name, held in shell.variables.items():
        if name not in shell.exported:
            out += name + b"=" + quoted(held) + b"\n"
    for function in shell.functions.values():
        out += function.source() + b"\n"
    if shell.stop_on_failure:
        out += b"set -e\n"
    return bytes(out)


def _launch(shell: "Shell", launch: Launch, streams: Streams, job: Job, background: bool) -> int:
    for slot, handle in streams.table.items():
        launch.give(handle.slot, slot)
    if shell.jobs.terminal >= 0:
        launch.flags = SpawnFlags.JOIN_GROUP if job.group != 0 else SpawnFlags.NEW_GROUP
        launch.group = job.group
        if not background and job.group == 0:
            launch.flags = launch.flags | SpawnFlags.FOREGROUND
    try:
        child = launch.start()
    except StatusError as error:
        if error.status == Status.NOT_EXECUTABLE and _is_text(launch.path):
            script = Launch(shell.program_path, [b"sh", launch.path, *launch.arguments[1:]], launch.environment)
            return _launch(shell, script, streams, job, background)
        shell.complain(f"{shown(launch.arguments[0])}: {error}", streams)
        return status_of_failure(error)
    job.add(child)
    if job.group == 0 and shell.jobs.terminal >= 0:
        job.group = child.number
    return -1


def _is_text(path: bytes) -> bool:
    """Whether a file that no system takes may be a script: its beginning has no NUL. (POSIX, Command Search and Execution)"""
    try:
        return b"\0" not in files.reader(path).read()
    except StatusError:
        return False


def _without_parentheses(command: Command) -> bytes:
    """A subshell's text for the shell that is one anyway."""
    if isinstance(command, Group) and command.subshell and len(command.redirections) == 0:
        return command.body.source()
    return command.source() + _documents(command)


def _documents(command: Command) -> bytes:
    """The here-documents that follow a command's line."""
    return b"".join([b"\n" + redirection.body + redirection.word for redirection in command.bodies()])
