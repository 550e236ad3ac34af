"""The serial port's driver over the twin of the 16550A."""

from io import BytesIO

import pytest

from drivers.uart import TRANSMIT_BUFFER_BYTES, Line, SerialReceiver, Uart
from scarlet.machine.hosted.layout import UART_BASE, UART_IRQ
from scarlet.machine.hosted.world import World


class Receiver(SerialReceiver):
    def __init__(self, space: int) -> None:
        self.space = space
        self.data = b""
        self.errors: list[Line] = []

    def room(self) -> int:
        return self.space - len(self.data)

    def receive(self, data: bytes) -> None:
        self.data += data

    def line_error(self, errors: Line) -> None:
        self.errors.append(errors)


def serve(machine: World, uart: Uart) -> None:
    """What the interrupt controller does: call the driver while the line asks."""
    for _ in range(100):
        machine.uart.poll()
        if not line(machine):
            return
        uart.interrupt(UART_IRQ)
    raise AssertionError("the port does not stop asking")


def line(machine: World) -> bool:
    return bool(machine.plic._level >> UART_IRQ & 1)


def test_write_goes_out_in_order(machine: World, output: BytesIO) -> None:
    uart = Uart(UART_BASE)
    assert uart.write(b"The quick brown fox jumps over the lazy dog") == 43
    assert output.getvalue() == b"The quick brown fox jumps over the lazy dog"
    assert uart.unsent() == 0


def test_all_input_arrives_in_order(machine: World) -> None:
    uart, receiver = Uart(UART_BASE), Receiver(1000)
    uart.set_receiver(receiver)
    serve(machine, uart)
    assert receiver.data == b"0123456789abcdefghij"
    assert uart.received == 20


def test_input_waits_while_the_receiver_has_no_room(machine: World) -> None:
    uart, receiver = Uart(UART_BASE), Receiver(7)
    uart.set_receiver(receiver)
    serve(machine, uart)
    assert receiver.data == b"0123456"
    receiver.space = 12
    uart.resume()
    serve(machine, uart)
    assert receiver.data == b"0123456789ab"


class Thrifty(Receiver):
    """Keeps every second character: it has room again without having been asked to resume."""

    def receive(self, data: bytes) -> None:
        self.data += data[::2]


def test_receiver_that_keeps_less_than_it_took_is_given_more(machine: World) -> None:
    uart, receiver = Uart(UART_BASE), Thrifty(5)
    uart.set_receiver(receiver)
    serve(machine, uart)
    assert uart.received > 5
    assert receiver.room() == 0


def test_without_a_receiver_the_port_does_not_interrupt(machine: World) -> None:
    Uart(UART_BASE)
    machine.uart.poll()
    assert not line(machine)


def test_blocked_line_fills_the_buffer_and_the_rest_is_refused(machine: World, output: BytesIO) -> None:
    uart = Uart(UART_BASE)
    machine.uart.blocked = True
    assert uart.write(b"y" * 5000) == TRANSMIT_BUFFER_BYTES
    assert uart.write(b"z") == 0
    assert output.getvalue() == b""


def test_buffer_is_sent_by_interrupt_when_the_line_moves_again(machine: World, output: BytesIO) -> None:
    uart = Uart(UART_BASE)
    machine.uart.blocked = True
    taken = uart.write(b"a" * 20 + b"b" * 100)
    assert taken == 120
    machine.uart.blocked = False
    serve(machine, uart)
    assert output.getvalue() == b"a" * 20 + b"b" * 100
    assert (uart.unsent(), uart.transmitted) == (0, 120)


def test_overrun_is_counted_and_told(machine: World) -> None:
    uart, receiver = Uart(UART_BASE), Receiver(1000)
    uart.set_receiver(receiver)
    machine.uart.lose_character()
    uart.interrupt(UART_IRQ)
    assert uart.overruns == 1
    assert receiver.errors == [Line.OVERRUN]


@pytest.mark.parametrize("count", [1, 16, 17, 4096])
def test_discard_forgets_what_was_not_sent(machine: World, output: BytesIO, count: int) -> None:
    uart = Uart(UART_BASE)
    machine.uart.blocked = True
    uart.write(b"q" * count)
    uart.discard()
    machine.uart.blocked = False
    uart.write(b"end")
    assert output.getvalue() == b"end"
