"""Anonymous shared memory: the pager of mmap(MAP_SHARED | MAP_ANONYMOUS), which forked processes go on sharing.

Pages come into being when they are first touched and live until the last mapping goes.
"""

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Pager


class SharedPages(Pager):
    """`count` pages of zeros to begin with."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pages: dict[int, int] = {}

    def __del__(self) -> None:
        for frame in self.pages.values():
            frames.unref(frame)

    def page(self, index: int, *, write: bool) -> int:
        if index >= self.count:
            return 0
        frame = self.pages.get(index, 0)
        if frame == 0:
            frame = frames.allocate_zeroed()
            try:
                self.pages[index] = frame
            except MemoryError:
                frames.unref(frame)
                raise
        frames.ref(frame)
        return frame

    def resident(self, index: int) -> int:
        frame = self.pages.get(index, 0)
        if frame != 0:
            frames.ref(frame)
        return frame
