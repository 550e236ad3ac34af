"""Numbers that are given once each: inode numbers of pipes, owners of locks."""


class Counter:
    """Counts upwards from 1."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """A number not given before."""
        self.last += 1
        return self.last
