"""Interrupt requests: who serves which line, and the controller that tells which lines ask.

A driver registers a handler for its line; the driver of the interrupt controller installs itself and is asked to enable lines. Handlers
run with interrupts off, on whatever thread the interrupt met: they may wake threads, they must not block.

A device that asks on and on would stop the machine. After STORM interrupts without a pause the next TRIAL of them tell who it is: the
devices of the busiest line are asked each time, and those that did ask more often than not are told (`storm`). What was switched off and
asks all the same, or a line that nobody owns up to, is disabled, and with it all who share it.
"""

from typing import Final

from scarlet.kernel import log

STORM: Final = 10_000
"""So many interrupts in a row without a pause are too many."""
TRIAL: Final = 1_000


class InterruptHandler:
    """A device's side. Derive from it and override `interrupt`."""

    def interrupt(self, irq: int) -> None:
        """Serve the device until it no longer asks. Must not block."""
        raise NotImplementedError("InterruptHandler.interrupt")

    def asks(self) -> bool:
        """Does the device say that it asks now? True when it cannot tell. Changes nothing."""
        return True

    def storm(self) -> bool:
        """The device asks on and on, however often it is served, so nobody else gets to run. Was it switched off? It may only be busy:
        nothing is done here."""
        return False


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


class User:
    """A handler of a line."""

    def __init__(self, handler: InterruptHandler) -> None:
        self.handler = handler
        self.asked = 0
        """How often its device did ask in the present trial."""
        self.is_off = False
        """It was told of a storm and is not to ask any more."""


class Line:
    """Who serves a line, and how often it was served: ever, and in the present trial."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.users: list[User] = []
        self.count = 0
        self.in_trial = 0

    def serve(self) -> None:
        """It asks."""
        self.count += 1
        for user in self.users:
            user.handler.interrupt(self.number)

    def begin_trial(self) -> None:
        """Forget what the last one told."""
        self.in_trial = 0
        for user in self.users:
            user.asked = 0

    def look(self) -> None:
        """It asks again, in a trial: whose device is it?"""
        self.in_trial += 1
        for user in self.users:
            if user.handler.asks():
                user.asked += 1

    def judge(self) -> None:
        """After a trial in which this line asked more often than any other."""
        guilty = [user for user in self.users if user.asked * 2 > self.in_trial]
        news = [user for user in guilty if not user.is_off]
        for user in news:
            user.is_off = user.handler.storm()
        if len(news) == 0:
            self._give_up()

    def _give_up(self) -> None:
        log.error(f"interrupt {self.number} never falls silent: it is disabled")
        disable(self.number)
        for user in self.users:
            if not user.is_off:
                user.is_off = user.handler.storm()


_lines: Final[dict[int, Line]] = {}
_controllers: Final[list[InterruptController]] = []
"""None or one."""


def install(controller: InterruptController) -> None:
    """Use this controller, and enable the lines that were registered before."""
    _controllers.clear()
    _controllers.append(controller)
    for irq in _lines:
        controller.enable(irq)


def register(irq: int, handler: InterruptHandler) -> None:
    """Have the handler serve a line from now on, beside those that do already: each sees for itself whether its device asks."""
    if irq not in _lines:
        _lines[irq] = Line(irq)
    _lines[irq].users.append(User(handler))
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
        line = _lines.get(irq)
        if line is None:
            log.warn(f"interrupt {irq}: nobody serves it")
        else:
            if served >= STORM:
                _find_out(line, (served - STORM) % TRIAL)
            line.serve()
            served += 1
        controller.complete(irq)
        irq = controller.claim()


def _find_out(line: Line, step: int) -> None:
    """A step of the trial in a storm. Trial follows trial until there is peace."""
    if step == 0:
        for each in _lines.values():
            each.begin_trial()
    line.look()
    if step == TRIAL - 1:
        busiest = line
        for each in _lines.values():
            if each.in_trial > busiest.in_trial:
                busiest = each
        busiest.judge()


def counts() -> dict[int, int]:
    """How often each registered line was served (/proc/interrupts)."""
    return {number: line.count for number, line in _lines.items()}
