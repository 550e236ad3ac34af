"""The kernel log's channel: semihosting or the serial port, as the command line says (log=semihosting, log=uart), or nowhere.

Before the command line is known, and for the last words of a panic, there is always a way: the firmware's console, or the serial port.
"""

from enum import IntEnum
from typing import Final

from scarlet.lang import u8, u64
from scarlet.lang.raw import unchecked_cast
from scarlet.machine import mmio, sbi, semihosting
from scarlet.runtime.bytes import Bytes


class Channel(IntEnum):
    FIRMWARE = 0
    NONE = 1
    UART = 2
    SEMIHOSTING = 3


LINE_STATUS: Final = 5
TRANSMIT_EMPTY: Final = 0x20
NEWLINE: Final = 10

_channel = Channel.FIRMWARE
_uart_base = 0


def configure(command_line: bytes, uart_base: int) -> None:
    """Choose the channel by the words of the command line."""
    global _channel, _uart_base
    _uart_base = uart_base
    _channel = Channel.NONE
    for word in command_line.split():
        if word == b"log=semihosting":
            _channel = Channel.SEMIHOSTING
        elif word == b"log=uart" and uart_base != 0:
            _channel = Channel.UART


def write(data: bytes) -> None:
    """To the log's channel; dropped when there is none."""
    _write(_channel, data)


def write_error(data: bytes) -> None:
    """Standard error of the program that the machine runs, in pipe mode."""
    write(data)


def give_up_host() -> None:
    """Nobody takes the calls of semihosting."""
    global _channel
    _channel = Channel.NONE


def write_unshown(data: bytes) -> None:
    """Last words that write() has dropped: where there is no channel."""
    if _channel == Channel.NONE:
        write_last(data)


def write_last(data: bytes) -> None:
    """Last words: to the channel if there is one, or else to the serial port or the firmware."""
    channel = _channel
    if channel == Channel.NONE:
        channel = Channel.UART if _uart_base != 0 else Channel.FIRMWARE
    _write(channel, data)


def _write(channel: Channel, data: bytes) -> None:
    if channel == Channel.SEMIHOSTING:
        semihosting.write(unchecked_cast(Bytes, data).start().address, u64(len(data)))
    elif channel == Channel.UART:
        for byte in data:
            if byte == NEWLINE:
                _send(13)
            _send(byte)
    elif channel == Channel.FIRMWARE:
        for byte in data:
            sbi.put_character(u8(byte))


def _send(byte: int) -> None:
    """One character through the serial port, by waiting for it."""
    while mmio.read8(_uart_base + LINE_STATUS) & TRANSMIT_EMPTY == 0:
        pass
    mmio.write8(_uart_base, byte)
