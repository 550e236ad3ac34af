"""What a text means to the shell: a tree of commands. Words are kept as they were written; expand.py turns them into arguments."""


class Redirection:
    """`3> file`: the handle that changes, how, and the word after the operator; a here-document's text is `body`."""

    def __init__(self, slot: int, operator: bytes, word: bytes) -> None:
        self.slot = slot
        self.operator = operator
        self.word = word
        self.body = b""
        self.literal = False
        """The here-document's end was quoted, so nothing in it is expanded."""

    def source(self) -> bytes:
        """As it is written in a command; a here-document's text follows the line."""
        word = b"'" + self.word + b"'" if self.literal else self.word
        return str(self.slot).encode() + self.operator + word


class Command:
    """One command, simple or compound."""

    def __init__(self) -> None:
        self.redirections: list[Redirection] = []

    def source(self) -> bytes:
        """The command as text that means the same: what a child shell is given, and what `jobs` shows."""
        raise NotImplementedError("Command.source")

    def suffix(self) -> bytes:
        """The redirections, behind the command."""
        return b"".join([b" " + redirection.source() for redirection in self.redirections])

    def bodies(self) -> list[Redirection]:
        """The here-documents in the order in which their texts follow."""
        return [redirection for redirection in self.redirections if redirection.operator.startswith(b"<<")]


class Simple(Command):
    """`NAME=value... program argument...`"""

    def __init__(self, assignments: list[bytes], words: list[bytes]) -> None:
        super().__init__()
        self.assignments = assignments
        self.words = words

    def source(self) -> bytes:
        return b" ".join(self.assignments + self.words) + self.suffix()


class Pipeline(Command):
    """`first | second | ...`, `!` in front turns the status round."""

    def __init__(self, commands: list[Command], negated: bool) -> None:
        super().__init__()
        self.commands = commands
        self.negated = negated

    def source(self) -> bytes:
        return (b"! " if self.negated else b"") + b" | ".join([command.source() for command in self.commands])

    def bodies(self) -> list[Redirection]:
        return [body for command in self.commands for body in command.bodies()]


class Chain(Command):
    """`left && right`, `left || right`"""

    def __init__(self, left: Command, operator: bytes, right: Command) -> None:
        super().__init__()
        self.left = left
        self.operator = operator
        self.right = right

    def source(self) -> bytes:
        return self.left.source() + b" " + self.operator + b" " + self.right.source()

    def bodies(self) -> list[Redirection]:
        return self.left.bodies() + self.right.bodies()


class Item:
    """One part of a sequence, perhaps with `&` after it."""

    def __init__(self, command: Command, background: bool) -> None:
        self.command = command
        self.background = background


class Sequence(Command):
    """`one; two & three`"""

    def __init__(self, items: list[Item]) -> None:
        super().__init__()
        self.items = items

    def source(self) -> bytes:
        return b"\n".join([text_of(item) for item in self.items])


class If(Command):
    """`if condition; then ...; elif ...; else ...; fi`"""

    def __init__(self, conditions: list[Command], bodies: list[Command], otherwise: Command | None) -> None:
        super().__init__()
        self.conditions = conditions
        self.branches = bodies
        self.otherwise = otherwise

    def source(self) -> bytes:
        out = b""
        for condition, body in zip(self.conditions, self.branches):
            out += (b"elif " if len(out) > 0 else b"if ") + condition.source() + b"\nthen\n" + body.source() + b"\n"
        if self.otherwise is not None:
            out += b"else\n" + self.otherwise.source() + b"\n"
        return out + b"fi" + self.suffix()


class Loop(Command):
    """`while condition; do ...; done`, or `until`"""

    def __init__(self, condition: Command, body: Command, until: bool) -> None:
        super().__init__()
        self.condition = condition
        self.body = body
        self.until = until

    def source(self) -> bytes:
        word = b"until " if self.until else b"while "
        return word + self.condition.source() + b"\ndo\n" + self.body.source() + b"\ndone" + self.suffix()


class For(Command):
    """`for name in words; do ...; done`; without `in`, over the positional parameters."""

    def __init__(self, name: bytes, words: list[bytes] | None, body: Command) -> None:
        super().__init__()
        self.name = name
        self.words = words
        self.body = body

    def source(self) -> bytes:
        head = b"for " + self.name
        if self.words is not None:
            head += b" in " + b" ".join(self.words)
        return head + b"\ndo\n" + self.body.source() + b"\ndone" + self.suffix()


class Branch:
    """`pattern | pattern) commands ;;`"""

    def __init__(self, patterns: list[bytes], body: Command) -> None:
        self.patterns = patterns
        self.body = body


class Case(Command):
    """`case word in pattern) ... ;; esac`"""

    def __init__(self, word: bytes, branches: list[Branch]) -> None:
        super().__init__()
        self.word = word
        self.branches = branches

    def source(self) -> bytes:
        out = b"case " + self.word + b" in\n"
        for branch in self.branches:
            out += b"(" + b"|".join(branch.patterns) + b")\n" + branch.body.source() + b"\n;;\n"
        return out + b"esac" + self.suffix()


class Group(Command):
    """`{ ...; }`, or `( ... )` in a shell of its own."""

    def __init__(self, body: Command, subshell: bool) -> None:
        super().__init__()
        self.body = body
        self.subshell = subshell

    def source(self) -> bytes:
        inner = self.body.source()
        return (b"(" + inner + b"\n)" if self.subshell else b"{ " + inner + b"\n}") + self.suffix()


class Function(Command):
    """`name() { ...; }`"""

    def __init__(self, name: bytes, body: Command) -> None:
        super().__init__()
        self.name = name
        self.body = body

    def source(self) -> bytes:
        return self.name + b"() " + self.body.source()


def text_of(item: Item) -> bytes:
    """One part of a sequence with the texts of its here-documents."""
    out = item.command.source() + (b" &" if item.background else b"")
    for redirection in item.command.bodies():
        out += b"\n" + redirection.body + redirection.word
    return out
