"""list, dict, set and deque of the runtime against CPython's own, by random sequences of operations.

Order is compared too: a set of integers has CPython's order exactly.
"""

# ruff: noqa: B023 - the lambdas are called before the loop goes on

import importlib
import random
from typing import Any

import pytest

from tests.runtime.simulated import blocks, iterate, native, outcome

List = importlib.import_module("scarlet.runtime.list").List
Dict = importlib.import_module("scarlet.runtime.dict").Dict
set_module = importlib.import_module("scarlet.runtime.set")
Set = set_module.Set
Deque = importlib.import_module("scarlet.runtime.deque").Deque
LARGEST = (1 << 63) - 1


class Colliding(int):
    """Keys whose hashes meet."""

    def __hash__(self) -> int:
        return int(self) % 5


def runtime_list(items: list[int]) -> Any:
    out = List()
    for item in items:
        out.append(item)
    return out


def bound(choose: random.Random) -> int | None:
    return choose.choice([None, 0, 1, 2, 3, 5, -1, -2, -4, 100, -100])


@pytest.mark.parametrize("seed", range(8))
def test_list_operations_match(seed: int) -> None:
    choose = random.Random(seed)
    for _round in range(60):
        theirs = [choose.randrange(5) for _ in range(choose.randrange(8))]
        ours = runtime_list(theirs)
        for _step in range(10):
            i, x = choose.randrange(-7, 8), choose.randrange(5)
            a, b, step = bound(choose), bound(choose), choose.choice([1, 2, 3, -1, -2])
            low, high = a if a is not None else 0, b if b is not None else LARGEST
            new, backwards = [9] * choose.randrange(4), choose.random() < 0.5
            calls = [
                (lambda: ours.append(x), lambda: theirs.append(x)),
                (lambda: ours.insert(i, x), lambda: theirs.insert(i, x)),
                (lambda: ours.pop(i), lambda: theirs.pop(i)),
                (lambda: ours.pop_last(), lambda: theirs.pop()),
                (lambda: ours[i], lambda: theirs[i]),
                (lambda: ours.__setitem__(i, x), lambda: theirs.__setitem__(i, x)),
                (lambda: ours.__delitem__(i), lambda: theirs.__delitem__(i)),
                (lambda: ours.remove(x), lambda: theirs.remove(x)),
                (lambda: ours.index(x, i), lambda: theirs.index(x, i)),
                (lambda: ours.getslice(low, high), lambda: theirs[a:b]),
                (lambda: ours.getslice_step(a, b, step), lambda: theirs[a:b:step]),
                (lambda: ours.setslice(low, high, runtime_list(new)), lambda: theirs.__setitem__(slice(a, b), new)),
                (lambda: ours.setslice_step(a, b, step, runtime_list(new)), lambda: theirs.__setitem__(slice(a, b, step), new)),
                (lambda: ours.delslice(low, high), lambda: theirs.__delitem__(slice(a, b))),
                (lambda: ours.delslice_step(a, b, step), lambda: theirs.__delitem__(slice(a, b, step))),
                (lambda: ours.sort(backwards), lambda: theirs.sort(reverse=backwards)),
                (lambda: ours.sort_key(lambda v: v % 3, backwards), lambda: theirs.sort(key=lambda v: v % 3, reverse=backwards)),
                (lambda: ours.reverse(), lambda: theirs.reverse()),
                (lambda: ours.extend(ours), lambda: theirs.extend(theirs[:3])) if len(theirs) < 4 else (lambda: 0, lambda: 0),
            ]
            left, right = choose.choice(calls)
            assert outcome(left) == outcome(right)
            assert native(ours) == theirs


@pytest.mark.parametrize("seed", range(8))
def test_dict_operations_and_order_match(seed: int) -> None:
    choose = random.Random(seed)
    for _round in range(30):
        theirs: dict[int, int] = {}
        ours = Dict()
        kind, span = choose.choice([int, Colliding]), choose.choice([3, 20, 200])
        for _step in range(choose.choice([10, 100])):
            k, v = kind(choose.randrange(span) * choose.choice([1, 1, 8, -1])), choose.randrange(100)
            calls = [
                (lambda: ours.__setitem__(k, v), lambda: theirs.__setitem__(k, v)),
                (lambda: ours.__setitem__(k, v), lambda: theirs.__setitem__(k, v)),
                (lambda: ours[k], lambda: theirs[k]),
                (lambda: ours.__delitem__(k), lambda: theirs.__delitem__(k)),
                (lambda: ours.pop_or_none(k), lambda: theirs.pop(k, None)),
                (lambda: ours.get(k), lambda: theirs.get(k)),
                (lambda: ours.popitem(), lambda: theirs.popitem()),
                (lambda: ours.setdefault(k, v), lambda: theirs.setdefault(k, v)),
                (lambda: k in ours, lambda: k in theirs),
            ]
            left, right = choose.choice(calls) if choose.random() > 0.005 else (ours.clear, theirs.clear)
            assert outcome(left) == outcome(right)
            assert list(iterate(ours.items())) == list(theirs.items()) and repr(ours) == repr(theirs) and len(ours) == len(theirs)


@pytest.mark.parametrize("seed", range(8))
def test_set_operations_and_order_match(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_module, "unchecked_cast", lambda kind, thing: thing)
    choose = random.Random(seed)
    for _round in range(30):
        theirs, theirs2 = set(), set()
        ours, ours2 = Set(), Set()
        span = choose.choice([10, 100, 1 << 40])
        for _step in range(choose.choice([10, 100])):
            x = choose.randrange(-span, span)
            algebra = choose.choice(["union", "intersection", "difference", "symmetric_difference"])
            update = choose.choice(["update", "intersection_update", "difference_update", "symmetric_difference_update"])
            calls = [
                (lambda: ours.add(x), lambda: theirs.add(x)),
                (lambda: ours.add(x), lambda: theirs.add(x)),
                (lambda: ours.remove(x), lambda: theirs.remove(x)),
                (lambda: ours.discard(x), lambda: theirs.discard(x)),
                (lambda: ours.pop(), lambda: theirs.pop()),
                (lambda: ours2.add(x), lambda: theirs2.add(x)),
                (lambda: list(iterate(getattr(ours, algebra)(ours2))), lambda: list(getattr(theirs, algebra)(theirs2))),
                (lambda: getattr(ours, update)(ours2), lambda: getattr(theirs, update)(theirs2)),
                (lambda: (ours <= ours2, ours.isdisjoint(ours2)), lambda: (theirs <= theirs2, theirs.isdisjoint(theirs2))),
            ]
            left, right = choose.choice(calls)
            assert outcome(left) == outcome(right)
            assert list(iterate(ours)) == list(theirs) and repr(ours) == repr(theirs) and len(ours) == len(theirs)


@pytest.mark.parametrize("seed", range(4))
def test_deque_operations_match(seed: int) -> None:
    from collections import deque

    choose = random.Random(seed)
    for _round in range(40):
        theirs: deque[int] = deque()
        ours = Deque()
        for _step in range(40):
            i, x = choose.randrange(-7, 8), choose.randrange(5)
            calls = [
                (lambda: ours.append(x), lambda: theirs.append(x)),
                (lambda: ours.appendleft(x), lambda: theirs.appendleft(x)),
                (lambda: ours.pop(), lambda: theirs.pop()),
                (lambda: ours.popleft(), lambda: theirs.popleft()),
                (lambda: ours.remove(x), lambda: theirs.remove(x)) if x in theirs else (lambda: 0, lambda: 0),
                (lambda: ours[i], lambda: theirs[i]),
                (lambda: ours.insert(i, x), lambda: theirs.insert(i, x)),
                (lambda: ours.rotate(i), lambda: theirs.rotate(i)),
                (lambda: ours.reverse(), lambda: theirs.reverse()),
                (lambda: ours.count(x), lambda: theirs.count(x)),
            ]
            left, right = choose.choice(calls)
            assert outcome(left) == outcome(right)
            assert native(ours) == list(theirs)


def test_dead_containers_give_their_storage_back() -> None:
    before = set(blocks)
    held = [runtime_list([1, 2, 3]), Dict(), Set(), Deque()]
    held[1]["k"] = 1
    held[2].add(5)
    held[3].append(5)
    assert set(blocks) != before
    held.clear()
    assert set(blocks) == before


def test_dict_that_shrinks_and_grows_at_its_end_keeps_finding() -> None:
    ours = Dict()
    for n in range(1000):
        ours[n] = n
        assert ours.popitem() == (n, n)
    assert len(ours) == 0 and 5 not in ours


def test_iterating_a_dict_that_changes_size_is_an_error() -> None:
    ours = Dict()
    ours[1] = 1
    iterator = iter(ours)
    ours[2] = 2
    with pytest.raises(RuntimeError, match="dictionary changed size during iteration"):
        next(iterator)


def test_a_failing_comparison_leaves_the_list_as_it_was() -> None:
    class Picky(int):
        def __lt__(self, other: int) -> bool:
            if int(self) == 3:
                raise ValueError("three")
            return int(self) < int(other)

    ours = runtime_list([Picky(n) for n in (5, 3, 1)])
    with pytest.raises(ValueError, match="three"):
        ours.sort(False)
    assert native(ours) == [5, 3, 1]
