"""The virtio console: every byte once and in order in both directions, back-pressure, and devices that lie."""

import random
from collections.abc import Iterator

import pytest

from drivers.virtio.console import VirtioConsole
from drivers.virtio.mmio import MmioTransport
from objects.terminal_device import LineClient
from scarlet.kernel import irq
from scarlet.machine.hosted.devices.line import Line
from scarlet.machine.hosted.devices.virtqueue import Request
from tests.drivers.virtiobench import BASE, IRQ, Bench


class Client(LineClient):
    """Takes at most `space` bytes before it is emptied."""

    def __init__(self, space: int) -> None:
        self.space = space
        self.data = bytearray()
        self.all = bytearray()
        self.ready = 0
        self.gone = False

    def room(self) -> int:
        return self.space - len(self.data)

    def received(self, data: bytes) -> None:
        assert len(data) <= self.room()
        self.data += data
        self.all += data

    def output_ready(self) -> None:
        self.ready += 1

    def hang_up(self) -> None:
        self.gone = True


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def connect(bench: Bench, model: Line, space: int) -> tuple[VirtioConsole, Client]:
    bench.plug(model)
    driver = VirtioConsole(MmioTransport(BASE), "console")
    irq.register(IRQ, driver)
    irq.dispatch()
    client = Client(space)
    driver.line.attach(client)
    return driver, client


@pytest.mark.parametrize("seed", range(20))
def test_every_byte_arrives_once_and_in_order(bench: Bench, seed: int) -> None:
    noise = random.Random(seed)
    model = Line(largest=noise.choice([1, 7, 1000, 1 << 20]), ports=seed % 3 > 0)
    driver, client = connect(bench, model, noise.choice([1, 100, 5000, 1 << 20]))
    wanted = noise.randbytes(noise.randrange(1, 30_000 if model.largest > 7 and client.space > 1 else 300))
    given = 0
    while given < len(wanted) or len(client.all) < len(wanted):
        run = noise.randrange(1, 9000)
        model.give(wanted[given : given + run])
        given += run
        irq.dispatch()
        if noise.random() < 0.7 or client.room() == 0:
            client.data.clear()
            driver.line.resume_input()
            irq.dispatch()
    assert client.all == wanted


def test_a_client_without_room_keeps_the_host_waiting(bench: Bench) -> None:
    model = Line()
    driver, client = connect(bench, model, 100)
    model.give(bytes(200_000))
    irq.dispatch()
    assert len(client.all) == 100
    assert len(model.waiting) >= 200_000 - 8 * 4096
    for _ in range(2000):
        client.data.clear()
        driver.line.resume_input()
        irq.dispatch()
    assert len(client.all) == 200_000


def test_what_is_written_is_taken_as_far_as_there_is_room(bench: Bench) -> None:
    class Slow(Line):
        def handle(self, request: Request) -> int | None:
            if request.queue == self.transmit:
                self.kept.append(request)
                return None
            return super().handle(request)

        def reset(self) -> None:
            super().reset()
            self.kept: list[Request] = []

    model = Slow()
    driver, client = connect(bench, model, 100)
    wanted = random.Random(1).randbytes(1_000_000)
    done = driver.line.write(wanted)
    assert 0 < done < len(wanted)
    assert driver.line.unsent() == done
    assert driver.line.write(b"more") == 0
    while driver.line.unsent() or done < len(wanted):
        request = model.kept.pop(0)
        model.sent += request.read()
        model.device.finish(request, 0)
        before = client.ready
        irq.dispatch()
        assert client.ready > before
        done += driver.line.write(wanted[done:])
    assert model.sent == wanted


def test_the_last_words_are_waited_for_without_interrupts(bench: Bench) -> None:
    model = Line()
    driver, _client = connect(bench, model, 100)
    assert driver.line.write(b"last words") == 10
    driver.line.flush()
    assert driver.line.unsent() == 0
    assert model.sent == b"last words"


def test_a_device_that_lies_is_taken_offline_and_the_line_is_dead(bench: Bench) -> None:
    class Liar(Line):
        def poll(self) -> None:
            while self.waiting and self.held:
                self.waiting.clear()
                self.device.finish(self.held.popleft(), 0)

    model = Liar()
    driver, client = connect(bench, model, 100)
    model.give(b"x")
    irq.dispatch()
    assert not driver.online
    assert client.gone
    assert driver.line.write(b"into the void") == 13
    assert driver.line.unsent() == 0
