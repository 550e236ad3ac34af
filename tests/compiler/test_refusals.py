"""What the dialect refuses is an error with file, line, source line and advice, one for each fault and none for its consequences."""

import re
from pathlib import Path

import pytest

from scarlet.compiler import Options, build
from scarlet.compiler.errors import BuildFailed

REFUSED = Path(__file__).parent / "refused"
EXPECTED = re.compile(r"# refused: (.*)$")


def expectations(program: Path) -> dict[int, str]:
    """Line -> what its message must hold."""
    found = {}
    for number, line in enumerate(program.read_text().splitlines(), 1):
        if (match := EXPECTED.search(line)) and "`" not in line:
            found[number] = match.group(1)
    return found


@pytest.mark.parametrize("name", ["differently", "related", "lowering", "mypy_errors", "unassigned"])
def test_each_refused_line_is_named_once_with_its_reason(name: str, tmp_path: Path) -> None:
    program = REFUSED / f"{name}.py"
    with pytest.raises(BuildFailed) as failure:
        build([program], Options(target="linux-user", output=tmp_path / "program", folder=tmp_path))
    errors = {error.place.line: error.message for error in failure.value.report.errors if error.place is not None}
    expected = expectations(program)
    assert sorted(errors) == sorted(expected)
    for line, text in expected.items():
        assert text in errors[line]
    assert all(error.advice for error in failure.value.report.errors)


def test_an_error_shows_file_line_source_and_advice(tmp_path: Path) -> None:
    program = tmp_path / "wrong.py"
    program.write_text("def half(x: int) -> int:\n    return int(x * 0.5)\n\n\nhalf(1)\n")
    with pytest.raises(BuildFailed) as failure:
        build([program], Options(target="linux-user", output=tmp_path / "program", folder=tmp_path))
    text = str(failure.value)
    assert "wrong.py:2: error:" in text
    assert "    return int(x * 0.5)" in text
    assert "write instead:" in text
