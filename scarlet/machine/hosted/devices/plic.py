"""The platform-level interrupt controller: sources become pending, the hart's context claims and completes them.

Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.0. Two contexts, as on QEMU's virt with one hart: 0
is machine mode, 1 supervisor mode. Sources are level-triggered: one that still asserts its line when it is completed
becomes pending again. Sets of sources are integers, bit n for source n.
"""

SOURCES = 96
CONTEXTS = 2
SUPERVISOR = 1
WORD = 0xFFFF_FFFF


class Plic:
    def __init__(self) -> None:
        self._priority = [0] * SOURCES
        self._level = 0
        self._pending = 0
        self._claimed = 0
        self._enable = [0] * CONTEXTS
        self._threshold = [0] * CONTEXTS

    def set_level(self, source: int, asserted: bool) -> None:
        """A device drives its interrupt line. A pending source stays so until it is claimed."""
        bit = 1 << source
        if asserted:
            self._level |= bit
            self._pending |= bit & ~self._claimed
        else:
            self._level &= ~bit

    def interrupting(self, context: int = SUPERVISOR) -> bool:
        """Whether the context's external interrupt is pending."""
        return self._best(context) != 0

    def _best(self, context: int) -> int:
        """The pending, enabled source of highest priority above the threshold; the lowest number wins a tie; 0 if none."""
        waiting = self._pending & self._enable[context]
        best, best_priority = 0, self._threshold[context]
        while waiting:
            source = (waiting & -waiting).bit_length() - 1
            waiting &= waiting - 1
            if self._priority[source] > best_priority:
                best, best_priority = source, self._priority[source]
        return best

    def _claim(self, context: int) -> int:
        source = self._best(context)
        if source:
            self._pending &= ~(1 << source)
            self._claimed |= 1 << source
        return source

    def _complete(self, context: int, source: int) -> None:
        bit = 1 << source if source < SOURCES else 0
        if bit & self._enable[context]:
            self._claimed &= ~bit
            self._pending |= bit & self._level

    def read(self, offset: int, size: int) -> int:
        if offset < 0x1000:
            return self._priority[offset // 4] if offset // 4 < SOURCES else 0
        if offset < 0x2000:
            return self._pending >> (offset - 0x1000) * 8 & WORD
        if offset < 0x20_0000:
            context, byte = divmod(offset - 0x2000, 0x80)
            return self._enable[context] >> byte * 8 & WORD if context < CONTEXTS else 0
        context, register = divmod(offset - 0x20_0000, 0x1000)
        if context >= CONTEXTS:
            return 0
        return self._threshold[context] if register == 0 else self._claim(context) if register == 4 else 0

    def write(self, offset: int, size: int, value: int) -> None:
        if offset < 0x1000:
            if 0 < offset // 4 < SOURCES:
                self._priority[offset // 4] = value & 7
        elif offset < 0x2000:
            pass  # the pending bits are read-only
        elif offset < 0x20_0000:
            context, byte = divmod(offset - 0x2000, 0x80)
            if context < CONTEXTS and byte < SOURCES // 8:
                self._enable[context] = (self._enable[context] & ~(WORD << byte * 8) | value << byte * 8) & ~1
        else:
            context, register = divmod(offset - 0x20_0000, 0x1000)
            if context < CONTEXTS and register == 0:
                self._threshold[context] = value & 7
            elif context < CONTEXTS and register == 4:
                self._complete(context, value)
