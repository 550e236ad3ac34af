"""Signals as data: sets, what is taken first, how real-time signals queue."""

import pytest

from scarlet.kernel import signals
from scarlet.kernel.signals import DefaultAction, PendingSignals, Signal, SignalAction, SignalInfo, signal_bit


def numbers(pending: PendingSignals, blocked: int = 0) -> list[int]:
    taken = []
    while (info := pending.take(blocked)) is not None:
        taken.append(info.number)
    return taken


def test_standard_signal_waits_once_with_its_first_details() -> None:
    pending = PendingSignals()
    pending.add(SignalInfo(Signal.SIGUSR1, pid=1))
    pending.add(SignalInfo(Signal.SIGUSR1, pid=2))
    info = pending.take(0)
    assert info is not None
    assert info.pid == 1
    assert pending.take(0) is None
    assert pending.mask == 0


def test_realtime_signals_queue_in_order() -> None:
    pending = PendingSignals()
    for value in (1, 2, 3):
        pending.add(SignalInfo(40, signals.SI_QUEUE, value=value))
    pending.add(SignalInfo(64, signals.SI_QUEUE, value=9))
    assert pending.count() == 4
    values = []
    while (info := pending.take(0)) is not None:
        values.append(info.value)
    assert values == [1, 2, 3, 9]


def test_what_an_instruction_caused_comes_first_then_the_lowest_number() -> None:
    pending = PendingSignals()
    for number in (Signal.SIGTERM, 35, Signal.SIGSEGV, Signal.SIGHUP):
        pending.add(SignalInfo(number))
    assert numbers(pending) == [Signal.SIGSEGV, Signal.SIGHUP, Signal.SIGTERM, 35]


def test_blocked_signals_stay() -> None:
    pending = PendingSignals()
    pending.add(SignalInfo(Signal.SIGINT))
    pending.add(SignalInfo(Signal.SIGTERM))
    assert numbers(pending, signal_bit(Signal.SIGINT)) == [Signal.SIGTERM]
    assert pending.mask == signal_bit(Signal.SIGINT)


def test_full_queue_refuses_sigqueue_and_still_delivers_kill() -> None:
    pending = PendingSignals()
    assert pending.add(SignalInfo(40, signals.SI_QUEUE), limit=1)
    assert not pending.add(SignalInfo(41, signals.SI_QUEUE), limit=1)
    assert pending.add(SignalInfo(41, signals.SI_USER), limit=1)
    assert numbers(pending) == [40, 41]


def test_removed_signals_are_gone() -> None:
    pending = PendingSignals()
    for number in (Signal.SIGTSTP, Signal.SIGTERM, Signal.SIGTTIN):
        pending.add(SignalInfo(number))
    pending.remove(signals.STOPS)
    assert numbers(pending) == [Signal.SIGTERM]


@pytest.mark.parametrize("number", [1, 9, 31, 32, 63, 64])
def test_bits_fit_every_number(number: int) -> None:
    bit = signal_bit(number)
    assert bit == 1 << (number - 1)
    assert signals.contains(bit, number)
    assert signals.lowest(bit) == number
    assert signals.without(bit, bit) == 0


def test_kill_and_stop_cannot_be_blocked() -> None:
    everything = (1 << 64) - 1
    blocked = signals.blockable(everything)
    assert not signals.contains(blocked, Signal.SIGKILL)
    assert not signals.contains(blocked, Signal.SIGSTOP)
    assert signals.contains(blocked, 64)
    assert signals.contains(blocked, Signal.SIGTERM)


@pytest.mark.parametrize(
    ("number", "action"),
    [
        (Signal.SIGTERM, DefaultAction.TERMINATE),
        (Signal.SIGSEGV, DefaultAction.CORE),
        (Signal.SIGCHLD, DefaultAction.IGNORE),
        (Signal.SIGTTOU, DefaultAction.STOP),
        (Signal.SIGCONT, DefaultAction.CONTINUE),
        (64, DefaultAction.TERMINATE),
    ],
)
def test_default_actions(number: int, action: DefaultAction) -> None:
    assert signals.DEFAULT_ACTIONS[number] is action


def test_ignored_means_no_effect() -> None:
    assert SignalAction().ignores(Signal.SIGCHLD)
    assert not SignalAction().ignores(Signal.SIGTERM)
    assert SignalAction(signals.SIG_IGN).ignores(Signal.SIGTERM)
    assert not SignalAction(0x1000).ignores(Signal.SIGCHLD)


def test_names() -> None:
    assert [signals.signal_name(number) for number in (2, 31, 32, 64, 0, 99)] == ["SIGINT", "SIGSYS", "SIGRT_0", "SIGRT_32", "0", "99"]
