"""The few control codes on the machine's UART (docs/architecture.md, Boot and process 1).

Towards the machine, in pipe mode: DLE DLE is a literal DLE, DLE 'E' the end of standard input. From the machine: DLE 'B' says
that the program starts; what came before is the firmware's banner. After it the output is raw, whatever its bytes.
"""

DLE = b"\x10"
END_OF_INPUT = DLE + b"E"
PROGRAM_STARTS = DLE + b"B"


def escape(data: bytes) -> bytes:
    """A piece of standard input as it goes over the wire."""
    return data.replace(DLE, DLE + DLE)


class StartFilter:
    """Holds back what comes before the program's start, in pieces of any size."""

    def __init__(self) -> None:
        self.started = False
        self.before = b""
        """The firmware's words, for when nothing else comes."""

    def feed(self, data: bytes) -> bytes:
        """The program's part of a piece of output."""
        if self.started:
            return data
        self.before += data
        head, marker, tail = self.before.partition(PROGRAM_STARTS)
        if not marker:
            return b""
        self.started = True
        self.before = head
        return tail
