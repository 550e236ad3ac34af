"""RLIMIT_CPU: SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one. (setrlimit(2))

As with itimers.py a kernel timer looks again when the limit could be reached at the earliest. It runs only where there is a limit.
"""

import weakref

from objects.limits import INFINITY, Resource
from objects.process import Process
from objects.signalling import send
from scarlet.kernel import clock
from scarlet.kernel.clock import NS_PER_SECOND
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.kernel.timer import Timer


class CpuLimit(Timer):
    """Watches the processor time of one process."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self.process = weakref.ref(process)
        self.warned_seconds = 0
        """The processor time at which SIGXCPU was last sent."""

    def expired(self) -> None:
        """Compare, act, and look again when more could be due."""
        process = self.process()
        if process is None or process.exit_status is not None:
            return
        limit = process.limits.get(Resource.CPU)
        used_ns = process.cpu_ns()
        seconds = used_ns // NS_PER_SECOND
        if seconds >= limit.hard:
            send(process, SignalInfo(Signal.SIGKILL))
            return
        if seconds >= limit.soft and seconds > self.warned_seconds:
            self.warned_seconds = seconds
            send(process, SignalInfo(Signal.SIGXCPU))
        goal = min(max(limit.soft, seconds + 1), limit.hard)
        if goal != INFINITY:
            self.start(clock.deadline_after(max(goal * NS_PER_SECOND - used_ns, NS_PER_SECOND // 100)))


def watch(process: Process) -> None:
    """Start, or change, the watching of a process; called when it gets its limits."""
    if process.cpu_limit is not None:
        process.cpu_limit.cancel()
        process.cpu_limit = None
    limit = process.limits.get(Resource.CPU)
    if limit.soft != INFINITY or limit.hard != INFINITY:
        process.cpu_limit = CpuLimit(process)
        process.cpu_limit.expired()


def set_limit(process: Process, resource: int, soft: int, hard: int, *, privileged: bool) -> None:
    """Set a limit of a process and have it enforced. EINVAL, EPERM. (setrlimit(2))"""
    process.limits.set(resource, soft, hard, privileged=privileged)
    process.apply_limits()
    if resource == Resource.CPU:
        watch(process)
