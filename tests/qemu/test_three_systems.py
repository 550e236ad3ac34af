"""Three systems side by side: from each of the three shells the programs of all of them, in pipelines, with redirections, stopped by
Ctrl-C, ended with a status, and handed on from one to the other by exec. One boot a shell, many questions."""

import os
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from tests.qemu.conftest import COMMAND, LIMIT_S, PROMPT, Run, Shell

WORLDS = [pytest.param("hosted", marks=pytest.mark.hosted), pytest.param("qemu", marks=pytest.mark.qemu)]
SYSTEMS = {"linux": "busybox", "native": "native", "xv6": "xv6"}
"""What a program's name is preceded by to mean the one of this system."""
XV6_PROMPT = "$ "
LINES = "one two\nthree four five\nsix\n"
FINISH = "#!/bin/sh\necho $TOKEN in $PWD, adds $ADDED, $(ls /etc/passwd), $0\n"
"""A Linux program at the end of a chain of execs: environment, working directory and view are those of its beginning."""
CHAIN = "native env ADDED=more busybox sh /home/work/finish extra\n"
"""What the xv6 shell in the middle of the chain runs."""


class AnyShell(Shell):
    """A session in one of the three shells."""

    kind = ""
    last_prompt = PROMPT

    def prompt(self) -> str:
        self.child.expect_exact(self.last_prompt)
        return str(self.child.before).replace("\r", "")


class Xv6Shell(AnyShell):
    """xv6's shell has its own prompt and neither variables nor $?."""

    last_prompt = XV6_PROMPT


@pytest.fixture(scope="module", params=["busybox", "native", "xv6"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=WORLDS)
def session(request: pytest.FixtureRequest, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyShell]:
    """A boot into the shell, with some files in /home/work."""
    work = tmp_path_factory.mktemp("work")
    for name, text in {"lines": LINES, "finish": FINISH, "chain": CHAIN}.items():
        (work / name).write_text(text)
        (work / name).chmod(0o755)
    options = ["--shell", kind, "--add", f"{work}:/home/work", *(["--hosted"] if request.param == "hosted" else [])]
    command = [*COMMAND, "--timeout", str(LIMIT_S * 2), "--env", f"PS1={PROMPT}", *options]
    session = (Xv6Shell if kind == "xv6" else AnyShell)(command, os.environ | {"TERM": "vt100"}, columns=200)
    session.ask("cd /home/work")
    yield session
    session.child.close(force=True)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_program_of_each_system_runs(session: AnyShell, system: str) -> None:
    assert session.ask(f"{SYSTEMS[system]} cat lines") == LINES
    assert session.ask(f"{SYSTEMS[system]} echo hello from {system}") == f"hello from {system}\n"


def test_programs_are_found_by_their_bare_names(session: AnyShell) -> None:
    assert session.ask("hello") == "Hello from a native program\n"
    assert session.ask("busybox basename /a/b") == "b\n"
    assert session.ask("seq 2") == "1\n2\n"


@pytest.mark.parametrize("order", list(permutations(SYSTEMS)), ids="-".join)
def test_pipelines_cross_systems_in_every_order(session: AnyShell, order: tuple[str, ...]) -> None:
    first, second, third = (SYSTEMS[system] for system in order)
    assert session.ask(f"{first} cat lines | {second} grep o | {third} wc").split()[:3] == ["2", "5", "24"]


@pytest.mark.parametrize("writer", SYSTEMS)
@pytest.mark.parametrize("reader", SYSTEMS)
def test_what_one_system_writes_into_home_another_reads(session: AnyShell, writer: str, reader: str) -> None:
    assert session.ask(f"{SYSTEMS[writer]} echo by {writer} > /home/{writer}") == ""
    assert session.ask(f"{SYSTEMS[reader]} cat < /home/{writer}") == f"by {writer}\n"
    assert session.ask(f"{SYSTEMS[reader]} rm /home/{writer}") == ""


def test_ctrl_c_ends_a_mixed_pipeline_and_not_the_shell(session: AnyShell) -> None:
    session.type("xv6 cat | busybox cat | native cat\r")
    session.wait("native cat")
    session.type("typed\r")
    session.wait("typed")  # the terminal's echo
    session.wait("typed")  # what went through all three
    session.type("\x03")
    session.prompt()
    processes = session.ask("native ps")
    assert " cat" not in processes and "native ps" in " ".join(processes.split())
    assert session.ask("echo alive") == "alive\n"


def test_an_exec_chain_through_all_systems_ends_as_it_began(session: AnyShell) -> None:
    """Linux (env) -> native (the launcher) -> xv6 (sh) -> native (env) -> Linux (sh)"""
    answer = session.ask("busybox env TOKEN=kept xv6 sh /home/work/chain")
    assert answer == "kept in /home/work, adds more, /etc/passwd, /home/work/finish\n"


def test_exit_statuses_are_kept(session: AnyShell, kind: str) -> None:
    if kind == "xv6":
        assert session.ask("busybox sh -c exit") == ""  # the xv6 shell cannot show a status
        return
    for command, status in {
        "xv6 grep nothing lines": 1,
        "busybox grep nothing lines": 1,
        "native grep nothing lines": 1,
        "native ls /none 2>/dev/null": 1,
        "native ls -Q 2>/dev/null": 2,
        "xv6 nosuch 2>/dev/null": 127,
        "nosuch 2>/dev/null": 127,
        "/home/work 2>/dev/null": 126,
        "busybox sh -c 'kill -9 $$'": 137,
        "native sh -c 'exit 9'": 9,
        "true | xv6 grep nothing lines": 1,
    }.items():
        assert session.ask(f"{command}; echo $?").split()[-1] == str(status), command


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    ("command", "status", "output"),
    [
        (["hello"], 0, b"Hello from a native program\n"),
        (["native", "sh", "-c", "exit 7"], 7, b""),
        (["/scarlet/system/scarlet/bin/grep", "-c", "root", "/scarlet/system/linux-riscv64/etc/passwd"], 0, b"1\n"),
        (["/scarlet/system/xv6-riscv64/echo", "xv6"], 0, b"xv6\n"),
        (["busybox", "sh", "-c", "kill -15 $$"], 143, b""),
    ],
    ids=["bare-name", "native-shell", "native-path", "xv6-path", "killed"],
)
def test_run_takes_programs_of_any_system(world: str, command: list[str], status: int, output: bytes, run: Run) -> None:
    result = run(*command, options=["--hosted"] if world == "hosted" else [])
    assert (result.returncode, result.stdout) == (status, output)


def test_additions_for_another_shell_are_where_its_programs_look(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("for native\n")
    result = run("cat", "/etc/file", options=["--hosted", "--shell", "native", "--add", f"{tmp_path}/file:/etc/file"])
    assert (result.returncode, result.stdout) == (0, b"for native\n")
