"""Work that is done in other processes: forked, so that each has the whole program before it.

Only the results are sent back. A small program is not worth a process.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from multiprocessing import Pipe
from typing import Generic, TypeVar

WORTH = 20_000
"""The weight that makes another process pay: much the number of operations that it looks at."""

Result = TypeVar("Result")


class Aside(Generic[Result]):
    """Work that a process of its own does, if there is enough of it. That process leaves by _exit: nothing of this one's, such as buffered
    output, is its to finish."""

    def __init__(self, work: Callable[[], Result], weight: int) -> None:
        self.done: Result | None = None
        self.process = 0
        if weight < WORTH or (os.cpu_count() or 1) == 1:
            self.done = work()
            return
        self.end, theirs = Pipe(duplex=False)
        self.process = os.fork()
        if self.process == 0:
            status = 1
            try:
                self.end.close()
                theirs.send(_outcome(work))
                status = 0
            finally:
                os._exit(status)
        theirs.close()

    def result(self) -> Result:
        """What came of it, when it is done; RuntimeError when it failed."""
        if self.process:
            try:
                good, done = self.end.recv()
            except EOFError:
                good, done = False, "it was killed"
            os.waitpid(self.process, 0)
            self.process = 0
            if not good:
                raise RuntimeError(f"a process of the compiler failed: {done}")
            self.done = done
        assert self.done is not None
        return self.done


def _outcome(work: Callable[[], Result]) -> tuple[bool, Result | str]:
    """The result, or how it failed."""
    try:
        return True, work()
    except Exception:
        return False, traceback.format_exc()


def shared(work: Callable[[list[str]], dict[str, Result]], weights: dict[str, int]) -> dict[str, Result]:
    """work(items) for all items, which gives a result for each; in as many processes as there are processors."""
    total = sum(weights.values())
    parts = _parts(weights, min(os.cpu_count() or 1, 1 + total // WORTH))
    helpers = [Aside(lambda part=part: work(part), total) for part in parts[1:]]  # type: ignore[misc]
    results = work(parts[0])
    for helper in helpers:
        results |= helper.result()
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
