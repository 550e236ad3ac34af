"""What the passes make of small functions (passes_program.py), as IR text."""

from pathlib import Path

import pytest

from scarlet.compiler import Options, build

PROGRAM = Path(__file__).parent / "passes_program.py"


@pytest.fixture(scope="module")
def ir(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The body of each function of the program, by its short name."""
    folder = tmp_path_factory.mktemp("ir")
    text = build([PROGRAM], Options(target="linux-user", dump_ir=True, stop="ir", folder=folder, output=folder / "program")).ir
    functions = {}
    for part in text.split("\n\n"):
        head, _, body = part.partition("\n")
        name = head.split(" (")[0]
        if "passes_program." in name:
            functions[name.partition("passes_program.")[2]] = body
    return functions


def test_a_field_that_nothing_can_release_meanwhile_is_borrowed(ir: dict[str, str]) -> None:
    assert "borrow v_holder.box" in ir["read"]
    assert "ref" not in ir["read"]


def test_a_stored_parameter_is_counted_once_and_the_old_value_handed_to_the_caller(ir: dict[str, str]) -> None:
    assert ir["Holder.swap"].count("incref") == 2
    assert "decref" not in ir["Holder.swap"]


def test_a_method_with_one_implementation_is_called_directly(ir: dict[str, str]) -> None:
    assert "dispatch" in ir["virtual"]
    assert "dispatch" not in ir["single"]
    assert "Shape__name(v_shape)" in ir["single"]


def test_a_call_of_what_cannot_raise_is_not_checked(ir: dict[str, str]) -> None:
    assert "!" not in ir["asks_quiet"]
    assert "!propagate" in ir["asks_loud"]
    assert "catch" not in ir["asks_quiet"]


def test_a_rebound_parameter_is_owned_and_released_on_both_ways_out(ir: dict[str, str]) -> None:
    normal, _, failure = ir["rebind"].partition("\npropagate")
    assert normal.count("incref v_box") == 1
    assert "xdecref old" in normal
    assert failure.count("decref v_box") == 1


def test_a_new_object_is_handed_over_without_counting(ir: dict[str, str]) -> None:
    assert "ref" not in ir["hand_over"]


def test_a_temporary_is_released_after_its_last_use(ir: dict[str, str]) -> None:
    lines = [line.strip() for line in ir["temporary"].splitlines()]
    use = lines.index("t1 = t0.value")
    assert lines[use + 1] == "decref t0"


def test_a_caught_exception_is_released_on_the_way_to_its_handler_only(ir: dict[str, str]) -> None:
    assert ir["guarded"].count("decref caught") == 1
    assert "raise caught" in ir["guarded"]


def test_a_variable_for_a_field_that_only_init_sets_is_not_counted(ir: dict[str, str]) -> None:
    assert "look(" in ir["aliased"]
    assert "ref" not in ir["aliased"]


def test_a_small_function_is_copied_to_its_call(ir: dict[str, str]) -> None:
    assert "call" not in ir["unfolded"]
    assert "ref" not in ir["unfolded"]


def test_a_text_that_is_put_together_for_an_exception_is_not_copied(ir: dict[str, str]) -> None:
    assert ir["demands"].count("demand(") == 2
    assert "join" not in ir["demands"]


def test_an_item_of_a_list_is_read_without_counting(ir: dict[str, str]) -> None:
    assert "ptr_load" in ir["first"]
    assert "ref" not in ir["first"]


def test_a_field_that_changes_meanwhile_is_counted(ir: dict[str, str]) -> None:
    assert "incref" in ir["kept_over_a_change"]


def test_an_item_outlives_the_list_without_a_name_it_is_read_from(ir: dict[str, str]) -> None:
    lines = [line.strip() for line in ir["item_of_a_temporary"].partition("ptr_load")[2].splitlines()]
    assert lines.index("decref t0") < lines.index("decref t1")


def test_a_field_is_counted_when_the_end_of_another_value_may_change_it(ir: dict[str, str]) -> None:
    body = ir["read_while_another_vanishes"]
    assert "incref" in body[: body.index("decref")]
