"""At a terminal too Scarlet does as Linux: the same keys in the same dialogs give the same answers.

Linux is busybox under qemu-riscv64 on a pseudo-terminal, Scarlet the interactive shell of `scarlet run`. What is compared is what the
shell says afterwards, not the screen: how a screen program repaints depends on how keys arrive.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scarlet.cli import image
from tests.equivalence.oracle import ENVIRONMENT, Oracle
from tests.qemu.conftest import PROMPT, Shell

pytestmark = pytest.mark.qemu


@dataclass(frozen=True)
class Dialog:
    """`before` and `after` are lines asked of the shell; `keys` are typed in between, each after the words before it have come."""

    before: list[str] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


LINES = "printf 'first line\\nsecond line\\nthird line\\n' >f"
DIALOGS = {
    "vi": Dialog(
        [LINES],
        [
            ("vi f\r", "third line"),
            ("dd", "Delete"),
            ("jA and more", "I f [Modified]"),
            ("\x1b", "- f [Modified]"),  # an Esc that a key follows at once would be the beginning of another key
            (":s/thi/THI/\r:wq\r", PROMPT),
        ],
        ["cat f"],
    ),
    "vi insert, copy and undo": Dialog(
        [LINES],
        [
            ("vi f\r", "third line"),
            ("onew line\x1b", "- f [Modified] 2/4"),
            ("yyGp", "Put"),
            ("dd", "Delete"),
            ("u", "Undo"),
            ("ZZ", PROMPT),
        ],
        ["cat f"],
    ),
    "vi without saving": Dialog([LINES], [("vi f\r", "third line"), ("dd", "Delete"), (":q!\r", PROMPT)], ["cat f", "echo $?"]),
    "less": Dialog(["seq 1 100 >f"], [("less f\r", "20"), ("/77\r", "77"), ("G", "100"), ("q", PROMPT)], ["echo $?"]),
    "more": Dialog(["seq 1 100 >f"], [("more f\r", "More"), (" ", "More"), ("q", PROMPT)], ["echo done"]),
    "interrupt": Dialog([], [("sleep 1000\r", "\n"), ("\x03", PROMPT)], ["echo $?"]),
    "quit": Dialog([], [("sleep 1000\r", "\n"), ("\x1c", PROMPT)], ["echo $?"]),
    "stop and continue": Dialog(
        [],
        [("sleep 1000\r", "\n"), ("\x1a", PROMPT), ("jobs >f; fg\r", "sleep 1000"), ("\x03", PROMPT)],
        ["echo $?", "sed 's/  */ /g' f", "jobs"],
    ),
    "end of input": Dialog([], [("cat >f\r", "\n"), ("one\rtwo\r", "two"), ("\x04", PROMPT)], ["cat f"]),
    "end of input within a line": Dialog([], [("cat >f\r", "\n"), ("partial\x04\x04", PROMPT)], ["od -c f"]),
    "erase": Dialog([], [("cat >f\r", "\n"), ("abc\x7f\x7fXY\x15gone\x17kept word\x17\r", "kept"), ("\x04", PROMPT)], ["cat f"]),
    "literal next": Dialog([], [("cat >f\r", "\n"), ("a\x16\x03b\r", "b"), ("\x04", PROMPT)], ["od -c f"]),
    "settings": Dialog([], [], ["stty size", "stty -g | cut -d: -f1,2,4", "stty -echo; stty -a | grep -o -e '-echo '; stty echo"]),
    "no echo": Dialog([], [("stty -echo; read x; stty echo; echo $x >f\r", "\n"), ("secret\r", PROMPT)], ["cat f"]),
    "passwords": Dialog([], [("read -s -p 'word: ' x; echo \"<$x>\" >f\r", "word: "), ("hidden\r", PROMPT)], ["cat f"]),
    "line editing": Dialog(
        [], [("echo wrong\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x0bright\x02\x02\x02\x02\x02[\x05]\r", PROMPT)], ["echo $_"]
    ),
    "a reader in the background": Dialog(
        ["cat & true"],
        [],
        [
            "until jobs >j; grep -q Stopped j; do sleep 0.1; done; sed 's/  */ /g' j",
            "kill -9 $!; while kill -0 $! 2>/dev/null; do sleep 0.1; done",
            "wait $!; echo $?",
            "jobs",
        ],
    ),
    "a process group dies together": Dialog([], [], ["sh -c 'sh -c \"kill -TERM 0; echo no\"; echo no'", "echo alive"]),
}


@pytest.fixture
def linux(tmp_path: Path) -> Iterator[Shell]:
    folder = tmp_path
    oracle = Oracle(folder, image.seen_by_linux().entries["/bin/busybox"].data)
    work = folder / "work"
    work.mkdir()
    shell = Shell(oracle.command("sh", "-i"), {**oracle.environment, "PS1": PROMPT, "TERM": "vt100"}, work)
    yield shell
    shell.child.close(force=True)


@pytest.fixture
def scarlet() -> Iterator[Shell]:
    options = [word for name, value in ENVIRONMENT.items() for word in ("--env", f"{name}={value}")]
    shell = Shell.scarlet(*options, "--env", "TERM=vt100", "--env", "BIN=/bin")
    shell.ask("mkdir -p /tmp/work; cd /tmp/work")
    yield shell
    shell.child.close(force=True)


def hold(shell: Shell, dialog: Dialog) -> list[str]:
    """The answers to the dialog's questions."""
    for line in dialog.before:
        shell.ask(line)
    for keys, words in dialog.keys:
        shell.type(keys)
        shell.wait(words)
    if dialog.keys and dialog.keys[-1][1] != PROMPT:
        shell.prompt()
    return [shell.ask(line) for line in dialog.after]


@pytest.mark.parametrize("name", DIALOGS)
def test_the_same_keys_give_the_same_answers(name: str, linux: Shell, scarlet: Shell) -> None:
    assert hold(scarlet, DIALOGS[name]) == hold(linux, DIALOGS[name])


def test_the_dialogs_work_on_linux(linux: Shell, tmp_path: Path) -> None:
    assert hold(linux, DIALOGS["vi"]) == ["second line\nTHIrd line and more\n"]
    assert hold(linux, DIALOGS["interrupt"]) == ["130\n"]
