"""The commands that only the shell itself can do, because they change it. (POSIX, Shell Command Language, Special Built-In Utilities)"""

from typing import Final

from abi_modules.native.interface import CURRENT
from scarlet.user import calls, files
from scarlet.user.errors import Failure, StatusError
from scarlet.user.options import shown
from scarlet.user.processes import NOT_FOUND, Launch, status_of_failure
from scarlet.user.search import find_program
from scarlet.user.shell.conditions import holds
from scarlet.user.shell.jobcommands import Background, Foreground, Kill, ShowJobs, Wait
from scarlet.user.shell.lexer import quoted
from scarlet.user.shell.machine import Break, Builtin, Exit, Return, Shell
from scarlet.user.shell.parser import is_name
from scarlet.user.shell.streams import Streams

LARGEST_LEVEL: Final = 1000


def number(word: bytes, usual: int, words: list[bytes]) -> int:
    """The optional number after a command."""
    if len(words) < 2:
        return usual
    if not words[1].isdigit() or len(words[1]) > 9:
        raise Failure(f"{shown(words[1])}: not a number")
    return int(words[1])


class Colon(Builtin):
    """`:` and `true`: nothing."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        return 0


class False_(Builtin):
    """`false`: fail."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        return 1


class Leave(Builtin):
    """`exit [status]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        raise Exit(number(words[0], shell.status, words) & 0xFF)


class LeaveFunction(Builtin):
    """`return [status]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        raise Return(number(words[0], shell.status, words) & 0xFF)


class LeaveLoop(Builtin):
    """`break [levels]`, `continue [levels]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        levels = number(words[0], 1, words)
        if not 1 <= levels <= LARGEST_LEVEL:
            raise Failure("how many loops?")
        raise Break(levels, words[0] == b"continue")


class ChangeDirectory(Builtin):
    """`cd [directory]`; `cd -` goes back."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        target = words[1] if len(words) > 1 else shell.variables.get(b"HOME")
        before = shell.variables.get(b"OLDPWD")
        if target == b"-":
            target = before
        if target is None or len(target) == 0:
            raise Failure("where to? (HOME or OLDPWD is not set)")
        try:
            calls.view_change(CURRENT, target)
        except StatusError as error:
            raise Failure(f"{shown(target)}: {error}") from None
        here = shell.variables.get(b"PWD")
        shell.variables[b"OLDPWD"] = here if here is not None else b"/"
        shell.variables[b"PWD"] = files.working_directory()
        if len(words) > 1 and words[1] == b"-":
            shell.write(1, shell.variables[b"PWD"] + b"\n", streams)
        return 0


class ShowDirectory(Builtin):
    """`pwd`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        return 0 if shell.write(1, files.working_directory() + b"\n", streams) else 1


class Echo(Builtin):
    """`echo [-n] [word...]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        rest = words[1:]
        end = b"\n"
        if len(rest) > 0 and rest[0] == b"-n":
            rest = rest[1:]
            end = b""
        return 0 if shell.write(1, b" ".join(rest) + end, streams) else 1


class Export(Builtin):
    """`export [name[=value]...]`; without a name, all that are exported."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) == 1:
            for name in sorted(shell.exported):
                shell.write(1, b"export " + name + b"=" + quoted(shell.variables.get(name, b"")) + b"\n", streams)
        for word in words[1:]:
            name, equals, held = word.partition(b"=")
            if not is_name(name):
                raise Failure(f"{shown(name)} cannot name a variable")
            if len(equals) > 0:
                shell.variables[name] = held
            shell.exported.add(name)
        return 0


class Unset(Builtin):
    """`unset name...`: variables and functions."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        for name in words[1:]:
            if name in shell.variables:
                del shell.variables[name]
            if name in shell.functions:
                del shell.functions[name]
            shell.exported.discard(name)
        return 0


class Set(Builtin):
    """`set`: all variables; `set -e`, `set -x` (+ takes them back); `set [--] word...`: the positional parameters."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) == 1:
            for name in sorted(shell.variables):
                shell.write(1, name + b"=" + quoted(shell.variables[name]) + b"\n", streams)
        rest = words[1:]
        while len(rest) > 0:
            word = rest[0]
            if word == b"--":
                shell.positional = rest[1:]
                return 0
            if len(word) < 2 or word[0] not in b"-+":
                shell.positional = rest
                return 0
            for letter in word[1:]:
                if letter == ord("e"):
                    shell.stop_on_failure = word.startswith(b"-")
                elif letter == ord("x"):
                    shell.show_commands = word.startswith(b"-")
                else:
                    raise Failure(f"{shown(word)}: there are only -e and -x")
            rest = rest[1:]
        return 0


class Shift(Builtin):
    """`shift [count]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        count = number(words[0], 1, words)
        if count > len(shell.positional):
            raise Failure("there are not so many parameters")
        shell.positional = shell.positional[count:]
        return 0


class ReadLine(Builtin):
    """`read [-r] name...`: a line of standard input, cut at blanks; the last name gets the rest."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        names = words[1:]
        raw = len(names) > 0 and names[0] == b"-r"
        if raw:
            names = names[1:]
        if len(names) == 0:
            names = [b"REPLY"]
        for name in names:
            if not is_name(name):
                raise Failure(f"{shown(name)} cannot name a variable")
        line, complete = _line(streams.slot(0), raw)
        rest = line.strip(b" \t")
        for name in names[:-1]:
            end = 0
            while end < len(rest) and rest[end] not in b" \t":
                end += 1
            shell.variables[name] = rest[:end]
            rest = rest[end:].lstrip(b" \t")
        shell.variables[names[-1]] = rest
        return 0 if complete else 1


def _line(slot: int, raw: bool) -> tuple[bytes, bool]:
    """A line, byte by byte, because what follows it belongs to the next reader; and whether it ended in a newline."""
    buffer = bytearray(1)
    line = bytearray()
    while slot >= 0 and calls.stream_read(slot, buffer) > 0:
        if buffer[0] == ord("\\") and not raw:
            if calls.stream_read(slot, buffer) > 0 and buffer[0] != ord("\n"):
                line.append(buffer[0])
            continue
        if buffer[0] == ord("\n"):
            return bytes(line), True
        line.append(buffer[0])
    return bytes(line), False


class Evaluate(Builtin):
    """`eval word...`: the words as a command."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        return shell.run_text(b" ".join(words[1:]), streams)


class Source(Builtin):
    """`. file`: the commands of a file, in this shell."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) < 2:
            raise Failure("which file?")
        try:
            text = files.reader(words[1]).read_all()
        except StatusError as error:
            raise Failure(f"{shown(words[1])}: {error}") from None
        try:
            return shell.run_text(text, streams)
        except Return as leaving:
            return leaving.status


class Execute(Builtin):
    """`exec program...`: go on as another program; without one, the redirections stay."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) == 1:
            shell.base.table = streams.copy().table
            return 0
        place = find_program(words[1], shell.search_path())
        if place is None:
            shell.complain(f"exec: {shown(words[1])}: not found", streams)
            raise Exit(NOT_FOUND)
        _put_in_place(streams)
        try:
            Launch(place, words[1:], shell.environment().settings()).replace()
        except StatusError as error:
            shell.complain(f"exec: {shown(words[1])}: {error}", streams)
            raise Exit(status_of_failure(error)) from None
        return 0


def _put_in_place(streams: Streams) -> None:
    """Make the command's slots our own: what a program that replaces us finds. Handles that lie in each other's way move up first."""
    highest = 2
    for slot, handle in streams.table.items():
        highest = max(highest, slot, handle.slot)
    moved: dict[int, int] = {}
    for slot, handle in streams.table.items():
        moved[slot] = calls.handle_duplicate(handle.slot, SAME_RIGHTS, highest + 1 + slot, 0)
    for slot, copy in moved.items():
        calls.handle_duplicate(copy, SAME_RIGHTS, slot, 0)
        calls.handle_close(copy)


SAME_RIGHTS: Final = 1 << 31


class Test(Builtin):
    """`test expression`, `[ expression ]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        rest = words[1:]
        if words[0] == b"[":
            if len(rest) == 0 or rest[-1] != b"]":
                raise Failure("] is missing")
            rest = rest[:-1]
        try:
            return 0 if holds(rest) else 1
        except Failure as error:
            shell.complain(f"{shown(words[0])}: {error}", streams)
            return 2


class Kind(Builtin):
    """`type name...`: what a name means."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        status = 0
        for name in words[1:]:
            place = find_program(name, shell.search_path())
            if name in shell.functions:
                meaning = b" is a function"
            elif name in shell.builtins:
                meaning = b" is a part of the shell"
            elif place is not None:
                meaning = b" is " + place
            else:
                meaning = b": not found"
                status = 1
            shell.write(1, name + meaning + b"\n", streams)
        return status


class Mask(Builtin):
    """`umask [mode]`: permission bits that new files do not get."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) == 1:
            mask = calls.view_set_mask(0)
            calls.view_set_mask(mask)
            shell.write(1, f"{mask:04o}\n".encode(), streams)
            return 0
        mask = 0
        for byte in words[1]:
            if not ord("0") <= byte <= ord("7") or mask > 0o77:
                raise Failure(f"{shown(words[1])}: not a mode")
            mask = mask * 8 + byte - ord("0")
        calls.view_set_mask(mask)
        return 0


class Help(Builtin):
    """`help`: these commands."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        return 0 if shell.write(1, b" ".join(sorted(shell.builtins)) + b"\n", streams) else 1


def install(shell: Shell) -> None:
    """Give a shell all of them."""
    shell.builtins = {
        b":": Colon(), b"true": Colon(), b"false": False_(), b"exit": Leave(), b"return": LeaveFunction(), b"break": LeaveLoop(),
        b"continue": LeaveLoop(), b"cd": ChangeDirectory(), b"pwd": ShowDirectory(), b"echo": Echo(), b"export": Export(),
        b"unset": Unset(), b"set": Set(), b"shift": Shift(), b"read": ReadLine(), b"eval": Evaluate(), b".": Source(),
        b"exec": Execute(), b"test": Test(), b"[": Test(), b"type": Kind(), b"umask": Mask(), b"jobs": ShowJobs(),
        b"fg": Foreground(), b"bg": Background(), b"wait": Wait(), b"kill": Kill(), b"help": Help(),
    }  # fmt: skip
