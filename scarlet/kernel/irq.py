"""Interrupt requests: who serves which line, and the controller that tells which lines ask.

A driver registers a handler for its line; the driver of the interrupt controller installs itself and is asked to enable lines. Handlers
run with interrupts off, on whatever thread the interrupt met: they may wake threads, they must not block.
"""

from typing import Final

from scarlet.kernel import log

STORM: Final = 10_000
"""So many interrupts in a row without a pause are too many."""


class InterruptHandler:
    """A device's side. Derive from it and override `interrupt`."""

    def interrupt(self, irq: int) -> None:
        """Serve the device until it no longer asks. Must not block."""
        raise NotImplementedError("InterruptHandler.interrupt")

    def storm(self, line: int) -> None:
        """The line asks on and on, however often it is served, so nobody else gets to run. It may only be busy: nothing is done here."""


class InterruptController:
    """The controller's side: drivers/plic.py."""

    def claim(self) -> int:
        """The most urgent line that asks, 0 when none does."""
        raise NotImplementedError("InterruptController.claim")

    def complete(self, irq: int) -> None:
        """The claimed line was served."""
        raise NotImplementedError("InterruptController.complete")

    def enable(self, irq: int) -> None:
        """Let this line interrupt the hart."""
        raise NotImplementedError("InterruptController.enable")

    def disable(self, irq: int) -> None:
        """Keep this line from interrupting the hart."""
        raise NotImplementedError("InterruptController.disable")


_handlers: Final[dict[int, list[InterruptHandler]]] = {}
_counts: Final[dict[int, int]] = {}
_controllers: Final[list[InterruptController]] = []
"""None or one."""


def install(controller: InterruptController) -> None:
    """Use this controller, and enable the lines that were registered before."""
    _controllers.clear()
    _controllers.append(controller)
    for irq in _handlers:
        controller.enable(irq)


def register(irq: int, handler: InterruptHandler) -> None:
    """Have the handler serve a line from now on, beside those that do already: each sees for itself whether its device asks."""
    if irq not in _handlers:
        _handlers[irq] = []
        _counts[irq] = 0
    _handlers[irq].append(handler)
    if len(_controllers) > 0:
        _controllers[0].enable(irq)


def disable(irq: int) -> None:
    """Have a line no longer interrupt."""
    if len(_controllers) > 0:
        _controllers[0].disable(irq)


def dispatch() -> None:
    """Serve every line that asks now."""
    if len(_controllers) == 0:
        return
    controller = _controllers[0]
    served = 0
    irq = controller.claim()
    while irq != 0:
        handlers = _handlers.get(irq)
        served += 1
        if handlers is None:
            log.warn(f"interrupt {irq}: nobody serves it")
        else:
            _counts[irq] += 1
            for handler in handlers:
                handler.interrupt(irq)
                if served % STORM == 0:
                    handler.storm(irq)
        controller.complete(irq)
        irq = controller.claim()


def counts() -> dict[int, int]:
    """How often each registered line was served (/proc/interrupts)."""
    return dict(_counts)
