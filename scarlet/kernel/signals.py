"""Signals as data: numbers, sets, what comes with one, what is done with one, and the queue of those that wait (signal(7), sigaction(2)).

Numbers and codes are those of Linux's asm-generic/signal.h and asm-generic/siginfo.h, which riscv64 uses. Who may send, when they are
delivered and how a handler's frame looks is decided elsewhere: objects/process.py and the ABI modules.
"""

from enum import Enum, IntEnum, IntFlag
from typing import Final, TypeAlias

from scarlet.lang import u64

SignalSet: TypeAlias = u64
"""Bit n - 1 is signal n."""

FIRST_REALTIME: Final = 32
LAST: Final = 64
SIG_DFL: Final = 0
SIG_IGN: Final = 1


class Signal(IntEnum):
    """Standard signals. Numbers 32 to 64 are the real-time signals; they have no names of their own."""

    SIGHUP = 1
    SIGINT = 2
    SIGQUIT = 3
    SIGILL = 4
    SIGTRAP = 5
    SIGABRT = 6
    SIGBUS = 7
    SIGFPE = 8
    SIGKILL = 9
    SIGUSR1 = 10
    SIGSEGV = 11
    SIGUSR2 = 12
    SIGPIPE = 13
    SIGALRM = 14
    SIGTERM = 15
    SIGSTKFLT = 16
    SIGCHLD = 17
    SIGCONT = 18
    SIGSTOP = 19
    SIGTSTP = 20
    SIGTTIN = 21
    SIGTTOU = 22
    SIGURG = 23
    SIGXCPU = 24
    SIGXFSZ = 25
    SIGVTALRM = 26
    SIGPROF = 27
    SIGWINCH = 28
    SIGIO = 29
    SIGPWR = 30
    SIGSYS = 31


_NAMES: Final = [
    "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
]  # fmt: skip


def signal_name(number: int) -> str:
    """As strace(1) prints it: SIGINT, SIGRT_3, or the number of what is no signal."""
    if 1 <= number < FIRST_REALTIME:
        return "SIG" + _NAMES[number]
    if FIRST_REALTIME <= number <= LAST:
        return f"SIGRT_{number - FIRST_REALTIME}"
    return str(number)


def is_signal(number: int) -> bool:
    return 1 <= number <= LAST


# --- sets ---

EMPTY: Final = 0
UNBLOCKABLE: Final = (1 << 8) | (1 << 18)
"""SIGKILL and SIGSTOP."""
STOPS: Final = (1 << 18) | (1 << 19) | (1 << 20) | (1 << 21)
"""SIGSTOP SIGTSTP SIGTTIN SIGTTOU: these and SIGCONT cancel each other."""
SYNCHRONOUS: Final = (1 << 3) | (1 << 4) | (1 << 6) | (1 << 7) | (1 << 10) | (1 << 30)
"""SIGILL SIGTRAP SIGBUS SIGFPE SIGSEGV SIGSYS: what an instruction causes is delivered before anything else."""


def signal_bit(number: int) -> SignalSet:
    """The set of one signal."""
    return u64(1 << (number - 1))


def contains(signals: SignalSet, number: int) -> bool:
    return signals >> (number - 1) & 1 != 0


def blockable(signals: SignalSet) -> SignalSet:
    """The set without SIGKILL and SIGSTOP, which nothing blocks."""
    return u64(signals & u64(~UNBLOCKABLE))


def without(signals: SignalSet, removed: SignalSet) -> SignalSet:
    """The difference of two sets."""
    return u64(signals & u64(~removed))


def lowest(signals: SignalSet) -> int:
    """The smallest number in a set, 0 for the empty set."""
    for number in range(1, LAST + 1):
        if signals >> (number - 1) & 1 != 0:
            return number
    return 0


# --- what comes with a signal ---

SI_USER: Final = 0
SI_KERNEL: Final = 0x80
SI_QUEUE: Final = -1
SI_TIMER: Final = -2
SI_TKILL: Final = -6
ILL_ILLOPC: Final = 1
FPE_INTDIV: Final = 1
SEGV_MAPERR: Final = 1
SEGV_ACCERR: Final = 2
BUS_ADRALN: Final = 1
BUS_ADRERR: Final = 2
BUS_OBJERR: Final = 3
TRAP_BRKPT: Final = 1
SYS_SECCOMP: Final = 1
CLD_EXITED: Final = 1
CLD_KILLED: Final = 2
CLD_DUMPED: Final = 3
CLD_TRAPPED: Final = 4
CLD_STOPPED: Final = 5
CLD_CONTINUED: Final = 6


class SignalInfo:
    """siginfo_t: which fields mean something depends on number and code, as sigaction(2) lists them."""

    def __init__(
        self,
        number: int,
        code: int = SI_KERNEL,
        *,
        pid: int = 0,
        uid: int = 0,
        status: int = 0,
        address: u64 = 0,
        value: u64 = 0,
        user_ns: int = 0,
        system_ns: int = 0,
    ) -> None:
        self.number = number
        self.code = code
        self.pid = pid
        self.uid = uid
        self.status = status
        """Exit status or signal of a child (SIGCHLD)."""
        self.address = address
        """Where the fault was (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP)."""
        self.value = value
        """sigval of sigqueue(3) and of timers."""
        self.user_ns = user_ns
        self.system_ns = system_ns

    @property
    def from_user(self) -> bool:
        """Whether a process sent it, rather than the kernel (SI_FROMUSER)."""
        return self.code <= 0


# --- what is done with a signal ---


class DefaultAction(Enum):
    """What SIG_DFL means (signal(7))."""

    TERMINATE = 0
    CORE = 1
    IGNORE = 2
    STOP = 3
    CONTINUE = 4


def default_action(number: int) -> DefaultAction:
    """What happens to a process that neither handles nor ignores the signal."""
    match number:
        case Signal.SIGCHLD | Signal.SIGURG | Signal.SIGWINCH:
            return DefaultAction.IGNORE
        case Signal.SIGCONT:
            return DefaultAction.CONTINUE
        case Signal.SIGSTOP | Signal.SIGTSTP | Signal.SIGTTIN | Signal.SIGTTOU:
            return DefaultAction.STOP
        case (
            Signal.SIGQUIT
            | Signal.SIGILL
            | Signal.SIGTRAP
            | Signal.SIGABRT
            | Signal.SIGBUS
            | Signal.SIGFPE
            | Signal.SIGSEGV
            | Signal.SIGXCPU
            | Signal.SIGXFSZ
            | Signal.SIGSYS
        ):
            return DefaultAction.CORE
        case _:
            return DefaultAction.TERMINATE


DEFAULT_ACTIONS: Final[list[DefaultAction]] = [default_action(number) for number in range(LAST + 1)]
"""By signal number; entry 0 means nothing."""


class ActionFlags(IntFlag):
    """sa_flags."""

    NONE = 0
    NOCLDSTOP = 0x1
    NOCLDWAIT = 0x2
    SIGINFO = 0x4
    UNSUPPORTED = 0x400
    EXPOSE_TAGBITS = 0x800
    RESTORER = 0x04000000
    ONSTACK = 0x08000000
    RESTART = 0x10000000
    NODEFER = 0x40000000
    RESETHAND = 0x80000000


class SignalAction:
    """What a process does with one signal: SIG_DFL, SIG_IGN or the address of a handler. Immutable, so processes share it."""

    def __init__(self, handler: u64 = SIG_DFL, flags: ActionFlags = ActionFlags.NONE, mask: SignalSet = EMPTY, restorer: u64 = 0) -> None:
        self.handler = handler
        self.flags = flags
        self.mask = mask
        self.restorer = restorer

    @property
    def is_default(self) -> bool:
        return self.handler == SIG_DFL

    @property
    def is_ignored(self) -> bool:
        return self.handler == SIG_IGN

    @property
    def is_bare(self) -> bool:
        """Default or ignored, without flags: what exec leaves as it is."""
        return self.handler <= SIG_IGN and self.flags == ActionFlags.NONE

    def ignores(self, number: int) -> bool:
        """Whether the signal has no effect at all."""
        if self.handler == SIG_DFL:
            return DEFAULT_ACTIONS[number] is DefaultAction.IGNORE
        return self.handler == SIG_IGN


DEFAULT: Final = SignalAction()


# --- signals that wait ---


class PendingSignals:
    """Signals that were sent and not yet taken.

    A standard signal waits once, with what came with the first; real-time signals queue, up to a limit (RLIMIT_SIGPENDING), in order.
    """

    def __init__(self) -> None:
        self.mask: SignalSet = EMPTY
        """Which signals wait."""
        self._queue: list[SignalInfo] = []

    def add(self, info: SignalInfo, limit: int = 0x7FFF_FFFF) -> bool:
        """Let a signal wait. False when a real-time signal does not fit: sigqueue(3) fails then; kill(2) loses only the details."""
        if info.number < FIRST_REALTIME:
            if not contains(self.mask, info.number):
                self.mask = self.mask | signal_bit(info.number)
                self._queue.append(info)
            return True
        if len(self._queue) >= limit:
            if info.code == SI_QUEUE:
                return False
            if contains(self.mask, info.number):
                return True
        self.mask = self.mask | signal_bit(info.number)
        self._queue.append(info)
        return True

    def take(self, blocked: SignalSet) -> SignalInfo | None:
        """The next signal outside `blocked`: what an instruction caused first, then the lowest number, then the oldest."""
        ready = without(self.mask, blocked)
        if ready == 0:
            return None
        first = u64(ready & SYNCHRONOUS)
        number = lowest(first if first != 0 else ready)
        found: SignalInfo | None = None
        again = False
        place = 0
        while place < len(self._queue):
            if self._queue[place].number == number:
                if found is not None:
                    again = True
                    break
                found = self._queue.pop(place)
            else:
                place += 1
        if not again:
            self.mask = without(self.mask, signal_bit(number))
        return found

    def remove(self, signals: SignalSet) -> None:
        """Forget these signals: SIGCONT removes stops, stops remove SIGCONT, ignoring a signal removes it."""
        if u64(self.mask & signals) == 0:
            return
        self.mask = without(self.mask, signals)
        self._queue = [info for info in self._queue if not contains(signals, info.number)]

    def count(self) -> int:
        """How many wait, real-time signals as often as they were sent (SigQ of proc_pid_status(5))."""
        return len(self._queue)

    def copy_from(self, other: "PendingSignals") -> None:
        """Wait for the same signals as the other (a thread that becomes a process)."""
        self.mask = other.mask
        self._queue = list(other._queue)
