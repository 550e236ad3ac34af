"""Work that is independent for each item, shared between processes: forked, so that each has the whole program before it.

Only the results are sent back. A small program is not worth a process.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

WORTH = 20_000
"""The weight that makes another process pay."""

Work = Callable[[list[str]], dict[str, str]]


def shared(work: Work, weights: dict[str, int]) -> dict[str, str]:
    """work(items) for all items, which gives a result for each; in as many processes as there are processors."""
    count = min(os.cpu_count() or 1, 1 + sum(weights.values()) // WORTH)
    parts = _parts(weights, count)
    helpers = [_Helper(work, part) for part in parts[1:]]
    results = work(parts[0])
    for helper in helpers:
        results |= helper.results()
    return results


def _parts(weights: dict[str, int], count: int) -> list[list[str]]:
    """The items in `count` parts of much the same weight: the heaviest first, each to the part that has least."""
    parts: list[list[str]] = [[] for _ in range(count)]
    loads = [0] * count
    for item in sorted(weights, key=lambda name: (-weights[name], name)):
        least = loads.index(min(loads))
        parts[least].append(item)
        loads[least] += weights[item]
    return parts


class _Helper:
    """A process that does part of the work."""

    def __init__(self, work: Work, items: list[str]) -> None:
        context = multiprocessing.get_context("fork")
        self.end, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(work, items, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def results(self) -> dict[str, str]:
        """What it has done; RuntimeError when it failed."""
        try:
            done: dict[str, str] | str = self.end.recv()
        except EOFError:
            done = "it ended"
        self.process.join()
        if isinstance(done, str):
            raise RuntimeError(f"a process of the compiler failed: {done}")
        return done


def _serve(work: Work, items: list[str], end: Connection) -> None:
    try:
        end.send(work(items))
    except Exception:
        end.send(traceback.format_exc())
