"""Errors of write-back, told once to everyone who had the file open.

Data is written to the disk long after write(2) has come back. When that fails, each open file learns of it from its next fsync(2), once;
a file opened later learns of it too if nobody has been told yet, and of nothing otherwise. An error nobody asks about stays until
somebody does.

Sources: fsync(2), NOTES; the idea of a position in a sequence of errors is Linux's errseq_t.
"""


class ErrorSequence:
    """The errors of one file, or of one file system."""

    def __init__(self) -> None:
        self.count = 0
        """Errors so far."""
        self.last = 0
        """The errno of the last one."""
        self._told = True
        """Has anybody been told of it?"""

    def record(self, code: int) -> None:
        """Write-back failed."""
        self.count += 1
        self.last = code
        self._told = False

    def position(self) -> int:
        """Where somebody who opens the file now begins to listen."""
        return self.count if self._told else self.count - 1

    def news(self, position: int) -> int:
        """The errno of what happened after a position, 0 for nothing; the listener goes on from `count`."""
        if position == self.count:
            return 0
        self._told = True
        return self.last
