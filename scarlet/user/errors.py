"""How calls and programs fail."""

from abi_modules.native.status import Status, meaning


class StatusError(Exception):
    """A native call whose status is not OK."""

    def __init__(self, status: Status, call: str) -> None:
        super().__init__(meaning(status))
        self.status = status
        self.call = call
        """The name of the call, as in docs/native-abi.md."""


class Failure(Exception):
    """A program cannot do what it was asked for; the text says what and why. Its exit status is 1."""


class UsageError(Exception):
    """A program was called in a way it does not understand. Its exit status is 2."""
