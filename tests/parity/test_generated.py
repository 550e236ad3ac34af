"""Generated programs: the same output in CPython and compiled, for every case.

All kinds are compiled into one executable. The cases are the same ones on every run; SCARLET_PARITY_ROUNDS=N runs N further, different
batches of each kind (a long run), SCARLET_PARITY_CASES=N changes their size.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis.strategies import SearchStrategy

from tests.parity.generate import arithmetic, containers, flow, layouts, lifetimes, objects, text
from tests.parity.generate.batch import Batch, Case, differences, sample
from tests.parity.worlds import compile_and_run_together, run_in_cpython

ROUNDS = 1 + int(os.environ.get("SCARLET_PARITY_ROUNDS", "0"))


@dataclass(frozen=True)
class Kind:
    """A generator, the imports its cases need in both texts, and how many cases make a batch."""

    name: str
    imports: str
    oracle_imports: str
    cases: SearchStrategy[Case]
    count: int


def kind(name: str, imports: str, cases: SearchStrategy[Case], count: int) -> Kind:
    return Kind(name, imports, imports, cases, count)


KINDS = [
    Kind("arithmetic", arithmetic.IMPORTS, arithmetic.ORACLE_IMPORTS, arithmetic.cases(), 50),
    kind("flow", flow.IMPORTS, flow.functions(), 20),
    kind("generators", flow.IMPORTS, flow.generators(), 12),
    kind("lists", containers.IMPORTS, containers.lists(), 20),
    kind("dicts", containers.IMPORTS, containers.dicts(), 20),
    kind("sets", containers.IMPORTS, containers.sets(), 20),
    kind("deques", containers.IMPORTS, containers.deques(), 10),
    kind("bytearrays", containers.IMPORTS, containers.bytearrays(), 16),
    kind("strings", text.IMPORTS, text.strings(), 25),
    kind("formats", text.IMPORTS, text.formats(), 20),
    kind("conversions", text.IMPORTS, text.conversions(), 8),
    kind("layouts", layouts.IMPORTS, layouts.structs(), 20),
    kind("dataclasses", objects.IMPORTS, objects.dataclasses(), 12),
    kind("enums", objects.IMPORTS, objects.enums(), 12),
    kind("matches", objects.IMPORTS, objects.matches(), 15),
    kind("closures", objects.IMPORTS, objects.closures(), 15),
    kind("lifetimes", lifetimes.IMPORTS, lifetimes.lifetimes(), 40),
]


CASES = os.environ.get("SCARLET_PARITY_CASES", "")


@pytest.fixture(scope="module", params=range(ROUNDS))
def batches(request: pytest.FixtureRequest) -> dict[str, Batch]:
    """A batch of every kind; the round is the variant."""
    return {k.name: Batch(k.imports, k.oracle_imports, sample(k.cases, int(CASES or k.count), request.param)) for k in KINDS}


@pytest.fixture(scope="module")
def compiled_outputs(batches: dict[str, Batch], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    texts = {"generated_" + name: batch.text(oracle=False) for name, batch in batches.items()}
    outputs = compile_and_run_together(texts, tmp_path_factory.mktemp("generated"))
    return {name.removeprefix("generated_"): output for name, output in outputs.items()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_generated_cases_behave_alike_in_both_worlds(
    kind: Kind, batches: dict[str, Batch], compiled_outputs: dict[str, str], tmp_path: Path
) -> None:
    batch = batches[kind.name]
    oracle = tmp_path / "oracle.py"
    oracle.write_text(batch.text(oracle=True), encoding="utf-8")
    want = run_in_cpython(oracle)
    assert want.status == 0, f"the generator made a program that fails under CPython: {want.error}"
    reports = differences(batch, want.output, compiled_outputs[kind.name])
    assert not reports, f"{len(reports)} of {len(batch.cases)} cases differ\n" + "\n".join(reports[:5])
