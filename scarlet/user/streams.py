"""Buffered reading and writing of bytes."""

from typing import Final, Iterator

from scarlet.user import calls
from scarlet.user.handles import Handle

BUFFER_BYTES: Final = 16384


class Reader:
    """Reads a stream in large pieces and hands out what is asked for."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self._buffer = bytearray(BUFFER_BYTES)
        self._start = 0
        self._end = 0

    def read(self) -> bytes:
        """What is there, at least one byte; nothing at the end."""
        if self._start == self._end and not self._fill():
            return b""
        piece = bytes(memoryview(self._buffer)[self._start : self._end])
        self._start = self._end
        return piece

    def read_line(self) -> bytes:
        """Up to and with the next newline; the last line may lack it; nothing at the end."""
        line = b""
        while self._start != self._end or self._fill():
            stop = self._buffer.find(b"\n", self._start, self._end)
            end = stop + 1 if stop >= 0 else self._end
            piece = bytes(memoryview(self._buffer)[self._start : end])
            line = line + piece if len(line) > 0 else piece
            self._start = end
            if stop >= 0:
                break
        return line

    def lines(self) -> Iterator[bytes]:
        """All lines, without their newlines."""
        line = self.read_line()
        while len(line) > 0:
            yield line[:-1] if line.endswith(b"\n") else line
            line = self.read_line()

    def read_all(self) -> bytes:
        """Everything up to the end."""
        out = bytearray()
        piece = self.read()
        while len(piece) > 0:
            out += piece
            piece = self.read()
        return bytes(out)

    def _fill(self) -> bool:
        """Read more; False at the end."""
        self._start = 0
        self._end = calls.stream_read(self.handle.slot, self._buffer)
        return self._end > 0


class Writer:
    """Collects what is written; `flush` sends it. A writer that goes without flush has lost it: a program must know that its output
    arrived. One that is `prompt` sends every line at once, as a terminal's user expects."""

    def __init__(self, handle: Handle, prompt: bool = False) -> None:
        self.handle = handle
        self.prompt = prompt
        self._buffer = bytearray()

    def write(self, data: bytes) -> None:
        """Add bytes."""
        if len(data) >= BUFFER_BYTES:
            self.flush()
            write_all(self.handle.slot, data)
            return
        self._buffer += data
        if len(self._buffer) >= BUFFER_BYTES or self.prompt and data.endswith(b"\n"):
            self.flush()

    def write_line(self, text: str) -> None:
        """Add a text and a newline."""
        self.write(text.encode() + b"\n")

    def flush(self) -> None:
        """Send everything. StatusError when it cannot be: what was not sent is dropped."""
        pending = bytes(self._buffer)
        self._buffer.clear()
        write_all(self.handle.slot, pending)


def write_all(slot: int, data: bytes) -> None:
    """Write every byte."""
    done = 0
    while done < len(data):
        done += calls.stream_write(slot, data if done == 0 else data[done:])


def copy(source: Reader, target: Writer) -> int:
    """Everything from one to the other, flushed: the number of bytes."""
    total = 0
    piece = source.read()
    while len(piece) > 0:
        target.write(piece)
        target.flush()
        total += len(piece)
        piece = source.read()
    return total
