"""The twins by their registers, as the data sheets have them, and the host's side of the serial line."""

import os
from io import BytesIO

import pytest

from scarlet.machine import cpu, finisher, mmio
from scarlet.machine.frame import Cause
from scarlet.machine.hosted.devices.uart import FileInput
from scarlet.machine.hosted.layout import FINISHER_BASE, PLIC_BASE, UART_BASE, UART_IRQ
from scarlet.machine.hosted.run import Machine
from scarlet.machine.hosted.world import World
from tests.machine.support import on_machine


def enable_uart_interrupt() -> None:
    mmio.write32(PLIC_BASE + 4 * UART_IRQ, 1)
    mmio.write32(PLIC_BASE + 0x2080, 1 << UART_IRQ)
    mmio.write8(UART_BASE + 2, 1)
    mmio.write8(UART_BASE + 1, 1)


def drain() -> bytes:
    out = bytearray()
    while mmio.read8(UART_BASE + 5) & 1:
        out.append(mmio.read8(UART_BASE))
    return bytes(out)


def test_address_without_a_device_is_an_error(machine: World) -> None:
    with pytest.raises(LookupError, match="no device at 0xdead000"):
        mmio.read32(0xDEAD000)


def test_uart_divisor_latch_hides_data_and_interrupt_enable(machine: World) -> None:
    mmio.write8(UART_BASE + 1, 0)
    mmio.write8(UART_BASE + 3, 0x80)
    mmio.write8(UART_BASE, 0x34)
    mmio.write8(UART_BASE + 1, 0x12)
    assert (mmio.read8(UART_BASE), mmio.read8(UART_BASE + 1)) == (0x34, 0x12)
    mmio.write8(UART_BASE + 3, 3)
    assert mmio.read8(UART_BASE + 1) == 0


def test_uart_loopback_receives_what_is_sent(machine: World) -> None:
    mmio.write8(UART_BASE + 2, 1)
    mmio.write8(UART_BASE + 4, 0x10)
    for value in b"loop":
        mmio.write8(UART_BASE, value)
    assert drain() == b"loop"


def test_uart_identifies_its_interrupts_by_urgency(machine: World) -> None:
    mmio.write8(UART_BASE + 2, 1)
    assert mmio.read8(UART_BASE + 2) == 0xC1
    mmio.write8(UART_BASE + 1, 7)
    assert mmio.read8(UART_BASE + 2) == 0xC2
    assert mmio.read8(UART_BASE + 2) == 0xC1, "reading the identification takes the transmitter's interrupt away"
    machine.uart.lose_character()
    assert mmio.read8(UART_BASE + 2) == 0xC6
    assert mmio.read8(UART_BASE + 5) & 2
    assert mmio.read8(UART_BASE + 2) == 0xC1


def test_host_file_is_the_line_until_it_ends() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"typed" * 10)
    os.close(writing)
    seen: list[bytes] = []

    def boot() -> None:
        enable_uart_interrupt()
        while sum(map(len, seen)) < 50:
            assert cpu.wait_for_interrupt() == Cause.EXTERNAL_INTERRUPT
            assert mmio.read32(PLIC_BASE + 0x201004) == UART_IRQ
            seen.append(drain())
            mmio.write32(PLIC_BASE + 0x201004, UART_IRQ)
        with pytest.raises(cpu.Deadlock):
            cpu.wait_for_interrupt()

    assert on_machine(boot, stdin=FileInput(reading)) == 0
    assert b"".join(seen) == b"typed" * 10
    os.close(reading)


@pytest.mark.parametrize("status", [0, 1, 77, 65535])
def test_finisher_ends_the_machine(status: int) -> None:
    assert on_machine(lambda: finisher.power_off(FINISHER_BASE, status)) == status


def test_other_values_do_not_end_the_machine() -> None:
    machine = Machine(stdout=BytesIO())

    def boot() -> None:
        mmio.write32(FINISHER_BASE, 0x1234)
        finisher.power_off(FINISHER_BASE, 5)

    assert machine.run(boot) == 5
