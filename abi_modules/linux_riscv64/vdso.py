"""The vDSO in memory: two frames that every Linux process maps read-only, [vvar] with the clock's parameters and [vdso] with the code.

What the code expects of the data page is written where it is made (scarlet/cli/vdso.py). The kernel writes the data
page at boot and whenever the real-time clock is set, changing the sequence number twice, so that a reader on another
hart never sees half of a change.
"""

from typing import Final

from abi_modules.linux_riscv64.vdso_image import (
    DATA_MONOTONIC,
    DATA_MULTIPLIER,
    DATA_REALTIME,
    DATA_SEQUENCE,
    IMAGE,
    SIGRETURN_OFFSET,
)
from scarlet.kernel import clock
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Pager, Protection
from scarlet.kernel.memory.buffer import PhysicalBytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import u64

PAGE_SIZE: Final = 4096


class VdsoPager(Pager):
    """Page 0 is the data, page 1 the code."""

    def __init__(self) -> None:
        super().__init__()
        self.data = frames.allocate_zeroed()
        self.code = frames.allocate_zeroed()
        self.sequence = 0
        PhysicalBytes(self.code, PAGE_SIZE).write(0, IMAGE)
        self.refresh()

    def __del__(self) -> None:
        frames.unref(self.data)
        frames.unref(self.code)

    def page(self, index: int, *, write: bool) -> int:
        if index > 1:
            return 0
        frame = self.data if index == 0 else self.code
        frames.ref(frame)
        return frame

    def resident(self, index: int) -> int:
        return self.page(index, write=False)

    def refresh(self) -> None:
        """Tell the data page what the clock's parameters are now."""
        data = PhysicalBytes(self.data, PAGE_SIZE)
        self.sequence += 1
        _store(data, DATA_SEQUENCE, self.sequence)
        readable = clock.user_readable()
        _store(data, DATA_MULTIPLIER, (clock.NS_PER_SECOND << 32) // clock.frequency() if readable else 0)
        _store(data, DATA_REALTIME, clock.realtime_offset_ns())
        _store(data, DATA_MONOTONIC, 0)
        self.sequence += 1
        _store(data, DATA_SEQUENCE, self.sequence)


def _store(data: PhysicalBytes, offset: int, value: int) -> None:
    data.write(offset, u64(value).to_bytes(8, "little"))


class Vdso:
    """The one vDSO of the machine, made when the first Linux program is loaded."""

    def __init__(self) -> None:
        self.pager: VdsoPager | None = None

    def map(self, space: AddressSpace) -> u64:
        """Map both pages; gives the address of the ELF header (AT_SYSINFO_EHDR). ENOMEM."""
        pager = self.pager
        if pager is None:
            pager = VdsoPager()
            self.pager = pager
            clock.on_realtime_change(pager.refresh)
        read = Protection.READ
        base = space.map_area(u64(0), u64(2 * PAGE_SIZE), read, shared=True, allowed=read, pager=pager, name=b"[vvar]")
        code = read | Protection.EXEC
        start = u64(base + PAGE_SIZE)
        space.map_area(start, u64(PAGE_SIZE), code, fixed=True, allowed=code, pager=pager, page_offset=1, name=b"[vdso]")
        return start


vdso: Final = Vdso()


def sigreturn_address(base: u64) -> u64:
    """Where a signal handler returns to (__vdso_rt_sigreturn)."""
    return u64(base + SIGRETURN_OFFSET)
