"""The kernel log's channel, the hosted twin: the machine's `log` stream, standard error by default."""

from scarlet.machine.hosted import world


def write(data: bytes) -> None:
    stream = world.current.log_stream()
    stream.write(data)
    stream.flush()


def write_unshown(data: bytes) -> None:
    """Last words that write() has dropped: there are none."""


def write_error(data: bytes) -> None:
    """Standard error of the program that the machine runs, in pipe mode."""
    write(data)
