"""Scarlet answers every check as Linux does: compiled on QEMU, and hosted under CPython."""

from collections.abc import Iterator

import pytest

from scarlet.cli import image
from tests.equivalence import corpus, guest
from tests.equivalence.corpus import Answer, Check
from tests.equivalence.oracle import Oracle

CHECKS = corpus.load()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    busybox = image.seen_by_linux().entries["/bin/busybox"].data
    return Oracle(tmp_path_factory.mktemp("oracle"), busybox).answers(CHECKS)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Answer], str]:
    return guest.ask(tmp_path_factory.mktemp("compiled") / "checks", CHECKS)


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Answer], str]:
    return guest.ask(tmp_path_factory.mktemp("hosted") / "checks", CHECKS, "--hosted", limit_s=600)


def compare(check: Check, expected: dict[str, Answer], found: tuple[dict[str, Answer], str]) -> None:
    answers, words = found
    answer = answers.get(str(check))
    assert answer is not None, f"no answer: the machine stopped before it. Its last words:\n{words[-2000:]}"
    assert str(answer) == str(expected[str(check)])


def test_there_are_enough_checks_and_each_says_something(expected: dict[str, Answer]) -> None:
    assert len(CHECKS) >= 60
    assert len({str(check) for check in CHECKS}) == len(CHECKS)
    assert [name for name, answer in expected.items() if not answer.output.strip()] == []


def test_linux_says_what_a_wrong_kernel_would_not(expected: dict[str, Answer]) -> None:
    """The oracle really runs the scripts: some answers that are known."""
    assert expected["shell-functions"].output.startswith(b"3628800\n")
    assert expected["shell-exit-statuses"].status == 37


@pytest.mark.qemu
@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_compiled_kernel_answers_as_linux(check: Check, expected: dict[str, Answer], compiled: tuple[dict[str, Answer], str]) -> None:
    compare(check, expected, compiled)


@pytest.mark.hosted
@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_hosted_kernel_answers_as_linux(check: Check, expected: dict[str, Answer], hosted: tuple[dict[str, Answer], str]) -> None:
    compare(check, expected, hosted)


def test_answers_are_read_back_whole() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"@@ a 3 7\n@@ x\n1\n"
        yield b"@@ b 0 0\n"
        yield b"@@ end\n"

    assert guest.parse(b"".join(pieces())) == {"a": Answer(b"@@ x\n1\n", 3), "b": Answer(b"", 0)}
