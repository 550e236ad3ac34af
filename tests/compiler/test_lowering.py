"""What lowering makes of small functions (lowering_program.py), as IR text after the passes."""

import subprocess
from pathlib import Path

import pytest

from scarlet.compiler import Options, build

PROGRAM = Path(__file__).parent / "lowering_program.py"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """The body of each function of the program by its short name, and the program itself."""
    folder = tmp_path_factory.mktemp("lowering")
    result = build([PROGRAM], Options(target="linux-user", dump_ir=True, folder=folder, output=folder / "program"))
    functions = {}
    for part in result.ir.split("\n\n"):
        head, _, body = part.partition("\n")
        if "lowering_program." in head:
            functions[head.split(" (")[0].partition("lowering_program.")[2]] = body
    assert result.output is not None
    return functions, result.output


def test_arithmetic_inside_an_explicit_wrap_is_not_checked(built: tuple[dict[str, str], Path]) -> None:
    assert "checked" not in built[0]["wrap"]


def test_arithmetic_outside_is_checked_in_the_type_of_its_operands(built: tuple[dict[str, str], Path]) -> None:
    assert built[0]["checked"].count("checked u64.") == 2


def test_int_and_u64_are_compared_by_value(built: tuple[dict[str, str], Path]) -> None:
    assert "lt_su" in built[0]["mixed"]


def test_a_negative_mask_keeps_its_low_bits(built: tuple[dict[str, str], Path]) -> None:
    assert str(0xFFFFFFFFFFFFF000) in built[0]["mask"]
    assert "checked" not in built[0]["mask"]


def test_a_range_loop_makes_no_objects(built: tuple[dict[str, str], Path]) -> None:
    assert "call" not in built[0]["count"]
    assert "new" not in built[0]["count"]


def test_an_except_clause_tests_the_class_of_what_was_raised(built: tuple[dict[str, str], Path]) -> None:
    assert "isa scarlet.runtime.exceptions.IndexError" in built[0]["guarded"]


def test_the_program_prints_what_cpython_prints(built: tuple[dict[str, str], Path]) -> None:
    run = subprocess.run(["qemu-riscv64", str(built[1])], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "1 13 True 73728 10 -1 (2, 1)\n"
