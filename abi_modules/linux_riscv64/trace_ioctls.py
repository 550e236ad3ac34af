"""The requests of ioctl(2) by name, whatever they are for; an unknown one as a number."""

from abi_modules.linux_riscv64.block_ioctl import BlockRequest
from abi_modules.linux_riscv64.console_ioctl import ConsoleRequest
from abi_modules.linux_riscv64.evdev import EvdevRequest
from abi_modules.linux_riscv64.framebuffer_ioctl import FramebufferRequest
from abi_modules.linux_riscv64.interface_ioctls import InterfaceRequest
from abi_modules.linux_riscv64.keyboard_ioctl import KeyboardRequest
from abi_modules.linux_riscv64.route_ioctls import RouteRequest
from abi_modules.linux_riscv64.rtc_ioctl import RtcRequest
from abi_modules.linux_riscv64.terminal import IoctlRequest


def show_ioctl_request(value: int) -> str:
    for terminal in IoctlRequest:
        if terminal == value:
            return terminal.name
    for console in ConsoleRequest:
        if console == value:
            return console.name
    for keyboard in KeyboardRequest:
        if keyboard == value:
            return keyboard.name
    for framebuffer in FramebufferRequest:
        if framebuffer == value:
            return framebuffer.name
    for event in EvdevRequest:
        if event == value:
            return event.name
    for block in BlockRequest:
        if block == value:
            return block.name
    for interface in InterfaceRequest:
        if interface == value:
            return interface.name
    for route in RouteRequest:
        if route == value:
            return route.name
    for clock in RtcRequest:
        if clock == value:
            return clock.name
    return f"0x{value:x}"
