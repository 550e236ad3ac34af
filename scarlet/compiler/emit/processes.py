"""Work that is independent for each item, shared between processes: forked, so that each has the whole program before it.

Only the results are sent back. A small program is not worth a process.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from multiprocessing import Pipe

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
    """A process that does part of the work. It leaves by _exit: nothing of this process's, such as buffered output, is its to finish."""

    def __init__(self, work: Work, items: list[str]) -> None:
        self.end, theirs = Pipe(duplex=False)
        self.process = os.fork()
        if self.process == 0:
            status = 1
            try:
                self.end.close()
                theirs.send(_outcome(work, items))
                status = 0
            finally:
                os._exit(status)
        theirs.close()

    def results(self) -> dict[str, str]:
        """What it has done; RuntimeError when it failed."""
        try:
            done: dict[str, str] | str = self.end.recv()
        except EOFError:
            done = "it was killed"
        os.waitpid(self.process, 0)
        if isinstance(done, str):
            raise RuntimeError(f"a process of the compiler failed: {done}")
        return done


def _outcome(work: Work, items: list[str]) -> dict[str, str] | str:
    """The results, or how it failed."""
    try:
        return work(items)
    except Exception:
        return traceback.format_exc()
