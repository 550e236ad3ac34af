"""One partition, as a table describes it."""


class Entry:
    """Partition `number` is `count` bytes from `start` on."""

    def __init__(self, number: int, start: int, count: int) -> None:
        self.number = number
        self.start = start
        self.count = count

    @property
    def end(self) -> int:
        return self.start + self.count
