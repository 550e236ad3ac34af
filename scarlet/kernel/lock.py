"""Locks that spin, for what several harts may touch.

The kernel neither preempts nor takes interrupts, so on one hart a held lock can only be met by its own holder: that is a bug and is
reported, not waited for. With several harts the word is one in physical memory that harts exchange atomically. A holder must not block.

    with self.lock:       # guards: the free lists
        ...
"""

from typing import Final

from scarlet.kernel.memory import frames
from scarlet.machine import cpu, physmem

_NOBODY: Final = 0
_words: Final[list[int]] = []
"""Physical addresses of lock words that nobody uses."""


class Lock:
    """Held by at most one hart. `owner` is its id plus one."""

    def __init__(self) -> None:
        self.owner = _NOBODY
        self._word_pa = _new_word() if cpu.hart_count() > 1 else 0

    def __enter__(self) -> "Lock":
        me = cpu.this_hart().id + 1
        assert self.owner != me, "lock taken twice"
        if self._word_pa != 0:
            while physmem.compare_exchange32(self._word_pa, _NOBODY, me) != _NOBODY:
                pass
        self.owner = me
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        me = cpu.this_hart().id + 1
        assert self.owner == me, "lock released by a hart that does not hold it"
        self.owner = _NOBODY
        if self._word_pa != 0:
            physmem.compare_exchange32(self._word_pa, me, _NOBODY)

    def __del__(self) -> None:
        if self._word_pa != 0:
            _words.append(self._word_pa)


def _new_word() -> int:
    if len(_words) == 0:
        page = frames.allocate_zeroed()
        for offset in range(0, 4096, 64):
            _words.append(page + offset)
    return _words.pop()
