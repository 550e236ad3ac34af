"""Generated programs: the same output in CPython and compiled, for every case.

Each test compiles one program that holds many cases. The cases are the same ones on every run; SCARLET_PARITY_ROUNDS=N runs N further, different
batches of each kind (a long run), SCARLET_PARITY_CASES=N changes their size.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis.strategies import SearchStrategy

from tests.parity.generate import arithmetic, containers, flow, layouts, objects, text
from tests.parity.generate.batch import Batch, Case, differences, sample
from tests.parity.worlds import compile_and_run, run_in_cpython

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
    Kind("arithmetic", arithmetic.IMPORTS, arithmetic.ORACLE_IMPORTS, arithmetic.cases(), 100),
    kind("flow", flow.IMPORTS, flow.functions(), 60),
    kind("generators", flow.IMPORTS, flow.generators(), 40),
    kind("lists", containers.IMPORTS, containers.lists(), 40),
    kind("dicts", containers.IMPORTS, containers.dicts(), 40),
    kind("sets", containers.IMPORTS, containers.sets(), 40),
    kind("deques", containers.IMPORTS, containers.deques(), 20),
    kind("bytearrays", containers.IMPORTS, containers.bytearrays(), 40),
    kind("strings", text.IMPORTS, text.strings(), 60),
    kind("formats", text.IMPORTS, text.formats(), 60),
    kind("conversions", text.IMPORTS, text.conversions(), 40),
    kind("layouts", layouts.IMPORTS, layouts.structs(), 40),
    kind("dataclasses", objects.IMPORTS, objects.dataclasses(), 30),
    kind("enums", objects.IMPORTS, objects.enums(), 30),
    kind("matches", objects.IMPORTS, objects.matches(), 30),
    kind("closures", objects.IMPORTS, objects.closures(), 30),
]


@pytest.mark.parametrize("round_number", range(ROUNDS))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_generated_cases_behave_alike_in_both_worlds(kind: Kind, round_number: int, tmp_path: Path) -> None:
    count = int(os.environ.get("SCARLET_PARITY_CASES", str(kind.count)))
    batch = Batch(kind.imports, kind.oracle_imports, sample(kind.cases, count, round_number))
    dialect, oracle = batch.write(tmp_path)
    want = run_in_cpython(oracle)
    assert want.status == 0, f"the generator made a program that fails under CPython: {want.error}"
    got = compile_and_run(dialect, tmp_path)
    reports = differences(batch, want.output, got.output)
    assert not reports, f"{len(reports)} of {count} cases differ\n" + "\n".join(reports[:5])
    assert got.status == 0, got.error
