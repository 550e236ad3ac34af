"""What a process does with each signal. Shared by tasks of one process, copied by fork, reset by exec. (sigaction(2), execve(2))"""

from scarlet.kernel.signals import DEFAULT, LAST, ActionFlags, SignalAction


class SignalActions:
    """One action a signal; entry 0 is not used."""

    def __init__(self, table: list[SignalAction]) -> None:
        self.table = table

    def get(self, number: int) -> SignalAction:
        """The action of a signal."""
        return self.table[number]

    def set(self, number: int, action: SignalAction) -> None:
        """Replace the action of a signal. Pending signals that it ignores are the caller's matter (signalling.change_action)."""
        self.table[number] = action

    def fork(self) -> "SignalActions":
        """A copy for a child."""
        return SignalActions(self.table.copy())

    def reset_handlers(self) -> None:
        """After exec what was handled is default again, what was ignored stays ignored."""
        for number in range(1, LAST + 1):
            action = self.table[number]
            if not action.is_default and not action.is_ignored:
                self.table[number] = DEFAULT
            elif action.flags != ActionFlags.NONE:
                self.table[number] = SignalAction(action.handler)

    def for_exec(self, *, shared: bool) -> "SignalActions":
        """The actions a new program begins with: as reset_handlers() leaves them. A copy, when something changes or others share these."""
        if not shared and all(action.is_bare for action in self.table):
            return self
        copy = self.fork()
        copy.reset_handlers()
        return copy


def default_actions() -> SignalActions:
    """Every signal takes its default action."""
    return SignalActions([DEFAULT] * (LAST + 1))
