"""An exec into another ABI costs at most 1.2 times one into the same ABI, once the views are made. Instructions, so the figures repeat."""

import pytest

from tests.bench import exec_cost


@pytest.fixture(scope="module")
def costs() -> dict[tuple[str, ...], float]:
    return exec_cost.measure()


@pytest.mark.qemu
@pytest.mark.parametrize("cycle", exec_cost.CROSSING, ids=lambda cycle: " > ".join(cycle))
def test_exec_into_another_abi_costs_little_more(costs: dict[tuple[str, ...], float], cycle: tuple[str, ...]) -> None:
    assert exec_cost.ratio(costs, cycle) <= exec_cost.BAR
