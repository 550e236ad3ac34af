"""Interrupt lines, locks, counters and the load average: the small parts."""

import pytest

from scarlet.kernel import counters, irq, load
from scarlet.kernel.counters import Counter
from scarlet.kernel.irq import InterruptController, InterruptHandler
from scarlet.kernel.lock import Lock


class Controller(InterruptController):
    def __init__(self, asking: list[int]) -> None:
        self.asking = asking
        self.done: list[int] = []
        self.enabled: list[int] = []

    def claim(self) -> int:
        return self.asking.pop(0) if self.asking else 0

    def complete(self, irq: int) -> None:
        self.done.append(irq)

    def enable(self, irq: int) -> None:
        self.enabled.append(irq)


class Device(InterruptHandler):
    def __init__(self) -> None:
        self.served: list[int] = []

    def interrupt(self, irq: int) -> None:
        self.served.append(irq)


def test_every_asking_line_is_served_and_completed() -> None:
    device = Device()
    irq.register(7, device)
    controller = Controller([7, 9, 7])
    irq.install(controller)
    irq.register(8, device)
    irq.dispatch()
    assert device.served == [7, 7]
    assert controller.done == [7, 9, 7]
    assert controller.enabled == [7, 8]
    assert irq.counts()[7] == 2


def test_lock_taken_twice_is_a_bug_that_shows() -> None:
    lock = Lock()
    with lock:
        pass
    with lock, pytest.raises(AssertionError), lock:
        pass
    with lock:
        pass


def test_counters_are_listed_with_their_names() -> None:
    counter = Counter(b"test_events")
    counter.add()
    counter.add(4)
    assert {item.name: item.value for item in counters.all_counters()}[b"test_events"] == 5


def test_load_rises_to_the_number_of_runnable_threads_and_decays() -> None:
    now = load.INTERVAL_NS * 10
    for _ in range(400):
        now += load.INTERVAL_NS
        load.sample(now, 3)
    one, five, fifteen = load.averages(now)
    assert one == pytest.approx(300, abs=3)
    assert one > five > fifteen > 150
    later = load.averages(now + 60_000_000_000)
    assert later[0] == pytest.approx(300 * 0.368, abs=4)
