"""Identities, capabilities and limits. (credentials(7), capabilities(7), getrlimit(2))"""

import pytest

from objects.cpulimit import set_limit
from objects.credentials import ALL_CAPABILITIES, CAP_SETUID, CAP_SYS_ADMIN, Credentials
from objects.itimers import Setting, Which, interval_timer
from objects.limits import INFINITY, Resource, first_limits
from objects.restart import Interrupted, sleep_on
from objects.signalling import change_action
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.signals import CLD_KILLED, Signal, SignalAction, signal_bit
from scarlet.kernel.waitqueue import WaitQueue
from tests.objects.support import outcome, run, spawn, to_user, wait


def ids(who: Credentials) -> tuple[int, int, int, int]:
    return (who.uid, who.euid, who.suid, who.fsuid)


def test_root_giving_up_loses_everything_for_good() -> None:
    who = Credentials()
    who.set_user(1000)
    assert ids(who) == (1000, 1000, 1000, 1000)
    assert who.permitted == who.effective == 0
    assert outcome(lambda: who.set_user(0)) == "EPERM"
    assert outcome(lambda: who.set_users(-1, 0, -1)) == "EPERM"


def test_effective_user_comes_back_through_the_saved_one() -> None:
    who = Credentials()
    who.set_users(-1, 1000, -1)
    assert ids(who) == (0, 1000, 0, 1000)
    assert who.effective == 0 and who.permitted == ALL_CAPABILITIES
    assert outcome(lambda: who.set_user(2000)) == "EPERM"
    who.set_users(-1, 0, -1)
    assert who.effective == ALL_CAPABILITIES


SETREUID = [
    ((1000, 1000, 1000), (-1, -1), (1000, 1000, 1000)),
    ((1000, 2000, 3000), (2000, 1000), (2000, 1000, 1000)),
    ((1000, 2000, 3000), (-1, 3000), (1000, 3000, 3000)),
    ((1000, 2000, 3000), (-1, 1000), (1000, 1000, 3000)),
    ((1000, 2000, 3000), (3000, -1), "EPERM"),
    ((1000, 2000, 3000), (-1, 4000), "EPERM"),
]


@pytest.mark.parametrize(("before", "arguments", "after"), SETREUID)
def test_setreuid(before: tuple[int, int, int], arguments: tuple[int, int], after: tuple[int, int, int] | str) -> None:
    who = Credentials()
    who.set_users(*before)
    result = outcome(lambda: who.set_real_and_effective_user(*arguments))
    if isinstance(after, str):
        assert result == after and ids(who)[:3] == before
    else:
        assert result == "ok" and ids(who)[:3] == after


def test_keeping_capabilities_over_a_change_of_user() -> None:
    who = Credentials()
    who.keep_capabilities = True
    who.set_user(1000)
    assert who.permitted == ALL_CAPABILITIES and who.effective == 0


def test_file_user_changes_only_when_allowed_and_never_fails() -> None:
    who = Credentials(1000, 1000)
    assert who.set_file_user(0) == 1000
    assert who.fsuid == 1000
    root = Credentials()
    assert root.set_file_user(1000) == 0 and root.fsuid == 1000
    assert not root.capable(1) and root.capable(CAP_SETUID)
    assert root.set_file_user(0) == 1000 and root.capable(1)


def test_executing_a_set_user_id_file() -> None:
    who = Credentials(1000, 1000)
    who.become(0, 1000)
    assert ids(who) == (1000, 0, 0, 0) and who.capable(CAP_SYS_ADMIN)
    who.become(1000, 1000)
    assert not who.capable(CAP_SYS_ADMIN) and who.suid == 1000


def test_groups() -> None:
    who = Credentials()
    who.set_supplementary_groups([30, 10, 20])
    assert who.groups == [10, 20, 30] and who.in_group(20) and not who.in_group(40)
    who.set_user(1000)
    assert outcome(lambda: who.set_supplementary_groups([])) == "EPERM"
    assert outcome(lambda: who.set_group(5)) == "EPERM"
    assert outcome(lambda: who.set_group_identities(0, 0, 0)) == "ok"
    child = who.fork()
    child.groups.append(7)
    assert 7 not in who.groups


def test_limits() -> None:
    limits = first_limits(100)
    assert limits.soft(Resource.STACK) == 8 << 20
    limits.set(Resource.DATA, 10, 20, privileged=False)
    assert outcome(lambda: limits.set(Resource.DATA, 21, 20, privileged=True)) == "EINVAL"
    assert outcome(lambda: limits.set(Resource.DATA, 10, 21, privileged=False)) == "EPERM"
    assert outcome(lambda: limits.set(Resource.DATA, 10, 21, privileged=True)) == "ok"
    assert outcome(lambda: limits.set(99, 0, 0, privileged=True)) == "EINVAL"
    assert outcome(lambda: limits.set(Resource.OPEN_FILES, 1, INFINITY, privileged=True)) == "EPERM"
    child = limits.fork()
    child.set(Resource.DATA, 5, 5, privileged=False)
    assert limits.soft(Resource.DATA) == 10


# --- timers ---


def sleep_ms(task: Task, count: int) -> str:
    queue = WaitQueue()
    deadline = clock.deadline_after(count * 1_000_000)
    return outcome(lambda: sleep_on(queue, deadline))


def test_real_timer_interrupts_a_sleep_and_repeats() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGALRM, SignalAction(0x1000))
        timer = interval_timer(task.process, Which.REAL)
        timer.set(Setting(20_000_000, 50_000_000))
        start = clock.monotonic_ns()
        times = []
        for _ in range(3):
            assert sleep_ms(task, 1000) == "EINTR"
            times.append((clock.monotonic_ns() - start) // 1_000_000)
            info = task.take_signal()
            assert info is not None and info.number == Signal.SIGALRM
        assert times == [50, 70, 90]
        left = timer.get()
        assert left.interval_ns == 20_000_000 and 0 < left.remaining_ns <= 20_000_000
        timer.set(Setting(0, 0))
        assert timer.get().remaining_ns == 0
        assert sleep_ms(task, 100) == "ok"

    run(body)


def test_timers_are_not_inherited_and_end_with_the_process() -> None:
    def body(task: Task) -> None:
        def child_body(child: Task) -> None:
            assert child.process.timers is None
            interval_timer(child.process, Which.REAL).set(Setting(0, 1_000_000))

        interval_timer(task.process, Which.REAL).set(Setting(0, 10_000_000_000))
        spawn(task, child_body)
        assert wait(task).status == 0
        assert sleep_ms(task, 50) == "ok"
        interval_timer(task.process, Which.REAL).set(Setting(0, 0))

    run(body)


def test_processor_time_timers_count_processor_time_only() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGPROF, SignalAction(0x1000))
        task.set_mask(signal_bit(Signal.SIGPROF))
        interval_timer(task.process, Which.PROFILE).set(Setting(0, 30_000_000))
        assert sleep_ms(task, 200) == "ok"
        assert not task.process.pending.mask
        task.run_ns += 40_000_000
        assert sleep_ms(task, 50) == "ok"
        assert task.take_awaited(signal_bit(Signal.SIGPROF)) is not None

    run(body)


def test_processor_time_limit_warns_then_kills() -> None:
    def child_body(child: Task) -> None:
        change_action(child.process, Signal.SIGXCPU, SignalAction(0x1000))
        set_limit(child.process, Resource.CPU, 1, 2, privileged=False)
        child.run_ns += 1_000_000_000
        with pytest.raises(Interrupted):
            sleep_on(WaitQueue(), clock.deadline_after(5_000_000_000))
        info = child.take_signal()
        assert info is not None and info.number == Signal.SIGXCPU
        child.run_ns += 1_000_000_000
        with pytest.raises(Interrupted):
            sleep_on(WaitQueue(), clock.deadline_after(5_000_000_000))
        to_user(child)

    def body(task: Task) -> None:
        spawn(task, child_body)
        event = wait(task)
        assert (event.code, event.status) == (CLD_KILLED, Signal.SIGKILL)

    run(body)
