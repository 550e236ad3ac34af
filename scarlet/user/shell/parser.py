"""From tokens to the tree of commands: a recursive descent, one function for each rule of the grammar.

sequence   item (; | & | newline)...
chain      pipeline && pipeline || ...
pipeline   ! command | command | ...
command    simple, if, while, until, for, case, { }, ( ), name() { }
"""

from typing import Final

from scarlet.user.shell.lexer import Incomplete, Kind, Lexer, SyntaxFailure, Token
from scarlet.user.shell.tree import (
    Branch,
    Case,
    Chain,
    Command,
    For,
    Function,
    Group,
    If,
    Item,
    Loop,
    Pipeline,
    Redirection,
    Sequence,
    Simple,
)

CLOSING: Final = [b"then", b"elif", b"else", b"fi", b"do", b"done", b"esac", b"}"]
"""Words that end a sequence where a command could begin."""
REDIRECTIONS: Final = [b"<", b">", b">>", b"<>", b">|", b"<&", b">&", b"<<", b"<<-"]


def parse(text: bytes) -> Sequence:
    """The tree of a whole text. SyntaxFailure, or Incomplete when more lines could make it right."""
    parser = Parser(text)
    tree = parser.sequence()
    parser.expect_end()
    return tree


def is_name(text: bytes) -> bool:
    """Whether a text can name a variable."""
    if len(text) == 0 or text[0:1].isdigit():
        return False
    for byte in text:
        if not (byte == ord("_") or ord("0") <= byte <= ord("9") or ord("a") <= byte <= ord("z") or ord("A") <= byte <= ord("Z")):
            return False
    return True


class Parser:
    """Looks one token ahead."""

    def __init__(self, text: bytes) -> None:
        self._lexer = Lexer(text)
        self._token = self._lexer.next()

    def expect_end(self) -> None:
        if self._token.kind != Kind.END:
            raise self._unexpected()

    # --- sequences ---------------------------------------------------------------------------------------------------------

    def sequence(self) -> Sequence:
        """Commands up to a closing word or the end."""
        items: list[Item] = []
        self._skip_newlines()
        while not self._at_end_of_sequence():
            command = self._chain()
            background = self._is(b"&")
            items.append(Item(command, background))
            if background or self._is(b";"):
                self._advance()
            elif self._token.kind != Kind.NEWLINE:
                break
            self._skip_newlines()
        return Sequence(items)

    def _at_end_of_sequence(self) -> bool:
        if self._token.kind == Kind.END or self._is(b")") or self._is(b";;"):
            return True
        return self._token.kind == Kind.WORD and self._token.text in CLOSING

    def _chain(self) -> Command:
        left = self._pipeline()
        while self._is(b"&&") or self._is(b"||"):
            operator = self._advance().text
            self._skip_newlines()
            left = Chain(left, operator, self._pipeline())
        return left

    def _pipeline(self) -> Command:
        negated = False
        while self._is_word(b"!"):
            self._advance()
            negated = not negated
        commands = [self._command()]
        while self._is(b"|"):
            self._advance()
            self._skip_newlines()
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(commands, negated)

    # --- commands ------------------------------------------------------------------------------------------------------------

    def _command(self) -> Command:
        compound = self._compound()
        if compound is None:
            return self._simple()
        while self._at_redirection():
            compound.redirections.append(self._redirection())
        return compound

    def _compound(self) -> Command | None:
        if self._is(b"("):
            self._advance()
            body = self._body(b"")
            self._take_operator(b")")
            return Group(body, True)
        if self._token.kind != Kind.WORD:
            return None
        match self._token.text:
            case b"{":
                self._advance()
                body = self._body(b"}")
                return Group(body, False)
            case b"if":
                return self._if()
            case b"while":
                return self._loop(False)
            case b"until":
                return self._loop(True)
            case b"for":
                return self._for()
            case b"case":
                return self._case()
            case _:
                return None

    def _if(self) -> Command:
        self._advance()
        conditions = [self._body(b"then")]
        branches: list[Command] = []
        otherwise: Command | None = None
        while True:
            branches.append(self._filled())
            if self._is_word(b"elif"):
                self._advance()
                conditions.append(self._body(b"then"))
                continue
            if self._is_word(b"else"):
                self._advance()
                otherwise = self._filled()
            self._take_word(b"fi")
            return If(conditions, branches, otherwise)

    def _loop(self, until: bool) -> Command:
        self._advance()
        condition = self._body(b"do")
        return Loop(condition, self._body(b"done"), until)

    def _for(self) -> Command:
        self._advance()
        name = self._take_any_word()
        if not is_name(name):
            raise SyntaxFailure(f"{name.decode(errors='replace')} cannot name a variable")
        self._skip_newlines()
        words: list[bytes] | None = None
        if self._is_word(b"in"):
            self._advance()
            words = []
            while self._token.kind == Kind.WORD:
                words.append(self._advance().text)
        if self._is(b";"):
            self._advance()
        self._skip_newlines()
        self._take_word(b"do")
        return For(name, words, self._body(b"done"))

    def _case(self) -> Command:
        self._advance()
        word = self._take_any_word()
        self._skip_newlines()
        self._take_word(b"in")
        self._skip_newlines()
        branches: list[Branch] = []
        while not self._is_word(b"esac"):
            if self._is(b"("):
                self._advance()
            patterns = [self._take_any_word()]
            while self._is(b"|"):
                self._advance()
                patterns.append(self._take_any_word())
            self._take_operator(b")")
            branches.append(Branch(patterns, self.sequence()))
            if self._is(b";;"):
                self._advance()
                self._skip_newlines()
            elif not self._is_word(b"esac"):
                raise self._unexpected()
        self._advance()
        return Case(word, branches)

    def _body(self, closing: bytes) -> Command:
        """A sequence that is not empty, and the word that closes it."""
        body = self._filled()
        if len(closing) > 0:
            self._take_word(closing)
        return body

    def _filled(self) -> Command:
        body = self.sequence()
        if len(body.items) == 0:
            raise self._unexpected()
        return body

    def _simple(self) -> Command:
        command = Simple([], [])
        while True:
            if self._at_redirection():
                command.redirections.append(self._redirection())
            elif self._token.kind == Kind.WORD:
                token = self._advance()
                if len(command.words) == 0 and is_assignment(token.text):
                    command.assignments.append(token.text)
                else:
                    command.words.append(token.text)
            elif self._is(b"(") and len(command.words) == 1 and len(command.assignments) == 0 and is_name(command.words[0]):
                return self._function(command.words[0])
            else:
                break
        if len(command.words) == 0 and len(command.assignments) == 0 and len(command.redirections) == 0:
            raise self._unexpected()
        return command

    def _function(self, name: bytes) -> Command:
        self._advance()
        self._take_operator(b")")
        self._skip_newlines()
        body = self._compound()
        if body is None:
            raise self._unexpected()
        while self._at_redirection():
            body.redirections.append(self._redirection())
        return Function(name, body)

    # --- redirections ----------------------------------------------------------------------------------------------------------

    def _at_redirection(self) -> bool:
        if self._token.kind == Kind.OPERATOR:
            return self._token.text in REDIRECTIONS
        return self._token.kind == Kind.WORD and self._token.glued and self._token.text.isdigit() and len(self._token.text) < 4

    def _redirection(self) -> Redirection:
        slot = -1
        if self._token.kind == Kind.WORD:
            slot = int(self._advance().text)
        operator = self._advance().text
        if slot < 0:
            slot = 0 if operator.startswith(b"<") else 1
        if self._token.kind != Kind.WORD:
            raise self._unexpected()
        redirection = Redirection(slot, operator, self._token.text)
        if operator.startswith(b"<<"):
            self._lexer.await_body(redirection)
        self._advance()
        return redirection

    # --- tokens ----------------------------------------------------------------------------------------------------------------

    def _advance(self) -> Token:
        token = self._token
        self._token = self._lexer.next()
        return token

    def _is(self, operator: bytes) -> bool:
        return self._token.kind == Kind.OPERATOR and self._token.text == operator

    def _is_word(self, word: bytes) -> bool:
        return self._token.kind == Kind.WORD and self._token.text == word

    def _skip_newlines(self) -> None:
        while self._token.kind == Kind.NEWLINE:
            self._advance()

    def _take_word(self, word: bytes) -> None:
        if not self._is_word(word):
            raise self._unexpected()
        self._advance()

    def _take_any_word(self) -> bytes:
        if self._token.kind != Kind.WORD:
            raise self._unexpected()
        return self._advance().text

    def _take_operator(self, operator: bytes) -> None:
        if not self._is(operator):
            raise self._unexpected()
        self._advance()

    def _unexpected(self) -> SyntaxFailure:
        if self._token.kind == Kind.END:
            return Incomplete("the command is not complete")
        return SyntaxFailure(f"syntax error at {self._token.shown()}")


def is_assignment(word: bytes) -> bool:
    """Whether a word is NAME=value."""
    equals = word.find(b"=")
    return equals > 0 and is_name(word[:equals])
