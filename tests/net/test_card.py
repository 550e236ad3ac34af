"""The virtio-net driver on the hosted machine's card: transports, merged buffers, a full queue, the cable, and devices that break the
rules.
"""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.virtio import net
from drivers.virtio.net import RECEIVE_BUFFERS, VirtioNet
from net import interfaces
from objects.netdevice import PACKET_COST, SendBudget
from scarlet.kernel import irq
from scarlet.kernel.memory import frames
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.machine.hosted.devices.card import RECEIVE, TRANSMIT, Cable, Card
from scarlet.machine.hosted.devices.virtqueue import Request
from tests.net.support import GUEST, IRQ, SECOND, Lab, UserNetwork, echo_request, pause

HERE = bytes.fromhex("525400123456")
THERE = bytes.fromhex("525600000002")
FRAME = HERE + THERE + b"\x88\xb5" + bytes(range(100))


def heard(lab: Lab) -> list[bytes]:
    """Collect what the driver hands over, instead of the protocols."""
    frames_heard: list[bytes] = []
    lab.plugged.interface.frame_received = frames_heard.append  # type: ignore[method-assign]
    return frames_heard


@pytest.mark.parametrize("legacy", [False, True], ids=["version 2", "legacy"])
@pytest.mark.parametrize("mergeable", [False, True], ids=["one buffer", "mergeable"])
def test_frames_come_and_go_whole(legacy: bool, mergeable: bool) -> None:
    network = UserNetwork()
    with Lab(legacy=legacy, dhcp=False, network=network, card=Card(network, mergeable=mergeable)) as lab:
        got = heard(lab)
        sizes = [60, 61, 1000, 1514, 1518]

        def body() -> None:
            for size in sizes:
                lab.card_gives(FRAME.ljust(size, b"x")[:size])
            pause(SECOND)
            for size in sizes[:-1]:
                assert lab.plugged.driver.card.send(THERE + HERE + bytes(size - 12))
            assert not lab.plugged.driver.card.send(bytes(1515)), "longer than the link carries"

        lab.run(body)
        assert [len(frame) for frame in got] == sizes
        assert got[0].startswith(FRAME[:60])
        assert [len(frame) for frame in network.seen][-4:] == sizes[:-1]
        counters = lab.plugged.driver.card.counters
        assert (counters.rx_packets, counters.rx_bytes, counters.tx_dropped) == (5, sum(sizes), 1)


@pytest.mark.parametrize("piece", [12, 13, 100, 700])
def test_a_frame_in_many_buffers_is_put_together(piece: int) -> None:
    network = UserNetwork()
    with Lab(dhcp=False, network=network, card=Card(network, piece=piece)) as lab:
        got = heard(lab)
        frame = FRAME.ljust(1000, b"x")

        def body() -> None:
            for _turn in range(20):
                lab.card_gives(frame)
                pause(SECOND)

        lab.run(body)
        assert got == [frame] * 20


def test_a_flood_costs_one_interrupt_and_other_threads_run() -> None:
    with Lab(dhcp=False) as lab:
        got = heard(lab)
        turns: list[int] = []
        interrupts = irq.counts()[IRQ]

        def flood() -> None:
            for _frame in range(RECEIVE_BUFFERS):
                lab.card_gives(FRAME)
            pause(SECOND)
            assert len(got) == RECEIVE_BUFFERS

        def other() -> None:
            pause(SECOND // 1000)
            while len(got) < RECEIVE_BUFFERS:
                turns.append(len(got))
                pause(1000)

        lab.run(flood, other)
        assert irq.counts()[IRQ] - interrupts <= 2


def test_frames_that_wait_in_the_host_come_when_there_is_room() -> None:
    with Lab(dhcp=False) as lab:
        got = heard(lab)
        count = RECEIVE_BUFFERS + 100

        def body() -> None:
            for _frame in range(count):
                lab.card_gives(FRAME)
            pause(SECOND)

        lab.run(body)
        assert len(got) == count


class SlowCard(Card):
    """Keeps what is sent until it is let go."""

    def __init__(self, cable: Cable) -> None:
        super().__init__(cable)
        self.kept: list[Request] = []

    def handle(self, request: Request) -> int | None:
        if request.queue == TRANSMIT:
            self.kept.append(request)
            return None
        return super().handle(request)

    def let_go(self, count: int) -> None:
        for _request in range(count):
            self.device.finish(self.kept.pop(0), 0)


def test_a_full_queue_drops_and_gives_the_budget_back() -> None:
    network = UserNetwork()
    card = SlowCard(network)
    with Lab(dhcp=False, network=network, card=card) as lab:
        device = lab.plugged.driver.card
        budget = SendBudget(1 << 30, WaitQueue())
        frame = THERE + HERE + bytes(88)
        already = len(card.kept)
        interrupts = irq.counts()[IRQ]
        sent = 0
        while device.send(frame, budget):
            sent += 1
        assert sent == net.QUEUE_SIZE - already
        assert budget.in_flight == sent * (100 + PACKET_COST)
        assert device.counters.tx_dropped == 1

        def body() -> None:
            card.let_go(already + sent)
            pause(SECOND)
            assert budget.in_flight == 0
            assert irq.counts()[IRQ] - interrupts <= 2, "one interrupt for many frames"
            assert device.send(frame, budget)
            card.let_go(1)
            pause(SECOND)
            assert budget.in_flight == 0, "the last frame brings an interrupt too"

        lab.run(body)


def test_what_is_sent_at_once_brings_no_interrupt_and_its_budget_back() -> None:
    """A device may be done before the driver has said when it wants to hear of it."""
    with Lab(dhcp=False) as lab:
        budget = SendBudget(1 << 30, WaitQueue())
        interrupts = irq.counts()[IRQ]

        def body() -> None:
            for _frame in range(1000):
                assert lab.plugged.driver.card.send(FRAME, budget)
                assert budget.in_flight == 0
            pause(SECOND)

        lab.run(body)
        assert irq.counts()[IRQ] - interrupts <= 1


def test_the_cable_is_pulled_and_put_back() -> None:
    network = UserNetwork()
    with Lab(network=network) as lab:
        changes: list[bool] = []
        interfaces.on_change(lambda interface: changes.append(interface.carrier))

        def body() -> None:
            pause(SECOND)
            assert len(lab.plugged.interface.addresses) == 1
            changes.clear()
            lab.plugged.card.set_link(False)
            pause(SECOND)
            assert changes == [False]
            assert not lab.plugged.interface.flags & 0x40
            seen = len(network.seen)
            lab.plugged.interface.transmit(bytes(40), 0x0A000202, None)
            assert len(network.seen) == seen
            lab.plugged.card.set_link(True)
            pause(SECOND)
            assert lab.plugged.interface.flags & 0x40
            assert len(network.seen) > seen, "DHCP asks whether the address is still good"
            assert len(lab.plugged.answer_to(echo_request())) == 1

        lab.run(body)


def test_the_device_says_how_much_the_link_carries() -> None:
    network = UserNetwork()
    with Lab(dhcp=False, network=network, card=Card(network, mtu=1400)) as lab:
        assert lab.plugged.interface.mtu == 1400
        assert not lab.plugged.driver.card.send(bytes(1415))


def short_header(card: Card, request: Request) -> None:
    card.device.finish(request, 4)


def wrong_head(card: Card, request: Request) -> None:
    card.device.queues[RECEIVE].put(9999, 100)
    card.device.interrupt(1)


def too_long(card: Card, request: Request) -> None:
    card.device.finish(request, 1 << 20)


def in_no_buffer(card: Card, request: Request) -> None:
    request.write(bytes(100))
    card.device.finish(request, 100)


def in_more_than_came(card: Card, request: Request) -> None:
    request.write(bytes(10) + b"\3\0" + bytes(88))
    card.device.finish(request, 100)


@pytest.mark.parametrize("lie", [short_header, wrong_head, too_long, in_no_buffer, in_more_than_came])
def test_a_card_that_lies_is_taken_offline(lie: Callable[[Card, Request], None]) -> None:
    with Lab(dhcp=False) as lab:
        card = lab.plugged.card
        budget = SendBudget(1 << 30, WaitQueue())

        def body() -> None:
            lie(card, card.buffers.popleft())
            pause(SECOND)
            assert not lab.plugged.driver.online
            assert lab.plugged.mmio.status == 128
            assert not lab.plugged.driver.card.link_up
            assert not lab.plugged.driver.card.send(FRAME, budget)
            assert budget.in_flight == 0
            lab.plugged.interface.post()
            pause(SECOND)

        lab.run(body)


def test_a_card_that_wants_an_offload_undone_is_not_believed() -> None:
    """GSO was not agreed on, so what claims to be a bundle of segments is damaged."""
    with Lab(dhcp=False) as lab:
        got = heard(lab)
        card = lab.plugged.card

        def body() -> None:
            request = card.buffers.popleft()
            request.write(b"\0\1" + bytes(8) + b"\1\0" + FRAME)
            card.device.finish(request, 12 + len(FRAME))
            lab.card_gives(FRAME)
            pause(SECOND)
            assert lab.plugged.driver.online

        lab.run(body)
        assert got == [FRAME]
        assert lab.plugged.driver.card.counters.rx_errors == 1


def test_a_card_that_does_not_start_leaves_no_memory_behind() -> None:
    with Lab(dhcp=False) as lab:
        free = frames.free_frames()
        lab.plugged.card.queue_size = 0
        lab.plugged.mmio.model.features |= 0
        with pytest.raises(Exception, match="queue 0 is missing"):
            VirtioNet(lab.plugged.driver.transport, "another")
        assert frames.free_frames() == free


def test_address_is_the_device_s_own() -> None:
    with Lab() as lab:
        assert lab.plugged.interface.hardware == HERE
        lab.run(lambda: pause(SECOND))
        assert lab.plugged.interface.addresses[0].address.to_bytes(4, "big") == GUEST


def go_mad(chance: random.Random, card: Card) -> None:
    """One answer of a device that is out of its mind, or one that is right."""
    queue = card.device.queues[chance.choice([RECEIVE, TRANSMIT])]
    match chance.randrange(5):
        case 0:
            queue.put(chance.choice([0, 1, 255, 256, 65535, 0xFFFFFFFF]), chance.choice([0, 9, 12, 60, 2048, 2049, 1 << 31]))
        case 1 if card.buffers:
            request = card.buffers.popleft()
            request.write(chance.randbytes(chance.randrange(200)))
            queue = card.device.queues[RECEIVE]
            queue.put(request.head, chance.choice([0, 11, 12, 13, 60, 2048, 2049]))
        case 2:
            card.receive(chance.randbytes(chance.randrange(3000)))
        case 3:
            card.link = not card.link
            card.device.configuration_changed()
        case _:
            card.receive(FRAME)
    card.device.interrupt(chance.choice([1, 1, 1, 2, 3]))


@settings(max_examples=40)
@given(st.integers(0, 1 << 30))
def test_whatever_a_card_says_the_machine_goes_on(seed: int) -> None:
    chance = random.Random(seed)
    with Lab() as lab:

        def body() -> None:
            pause(SECOND)
            for _turn in range(30):
                if lab.plugged.driver.online:
                    go_mad(chance, lab.plugged.card)
                pause(SECOND // 10)
                lab.plugged.driver.card.send(FRAME)
            if not lab.plugged.driver.online:
                assert lab.plugged.mmio.status == 128
                assert not lab.plugged.interface.flags & 0x40
            assert all("offline" in line for line in lab.complaints())

        lab.run(body)
