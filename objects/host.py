"""The standard streams of a machine that runs one command for its host (`scarlet run -- CMD`): no terminal, plain bytes.

Standard input arrives framed on the line, because bytes alone cannot say "end of file": 0x10 announces a second byte, 0x10 for itself or
"E" for the end. Output leaves as it is. To programs both look like pipes.
"""

from typing import Final

from objects.metadata import InodeType, Metadata
from objects.object import KernelObject, PollEvents, Status
from objects.restart import sleep_on
from objects.terminal_device import LineClient, TerminalDevice
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EFAULT, Errno

ESCAPE: Final = 0x10
END: Final = 0x45
QUEUE_SIZE: Final = 65536
PENDING_SIZE: Final = 4096
CHUNK: Final = 4096
HOST_DEVICE: Final = 12


class HostLine(LineClient):
    """A line to the host: the bytes that came and were not read, the bytes that were written and not sent."""

    def __init__(self, device: TerminalDevice) -> None:
        self.device = device
        self.queue = bytearray()
        self.ended = False
        """The host said end of file; what is in the queue is the rest."""
        self.pending = bytearray()
        self.readers = WaitQueue()
        self.writers = WaitQueue()
        self._escaped = False
        device.attach(self)

    # Input

    def room(self) -> int:
        return QUEUE_SIZE - len(self.queue)

    def received(self, data: bytes) -> None:
        """Take the framing off. An escape before any other byte stands for that byte."""
        start = 0
        while start < len(data):
            if self._escaped:
                self._escaped = False
                if data[start] == END:
                    self.ended = True
                else:
                    self.queue.append(data[start])
                start += 1
                continue
            end = data.find(b"\x10", start)
            if end < 0:
                end = len(data)
            else:
                self._escaped = True
            self.queue.extend(data[start:end])
            start = end + 1
        self.readers.wake_all()

    def hang_up(self) -> None:
        """The host is gone: end of file."""
        self.ended = True
        self.readers.wake_all()

    def take(self, count: int) -> bytes:
        """At most `count` bytes of what came."""
        was_full = self.room() == 0
        data = bytes(self.queue[:count])
        del self.queue[: len(data)]
        if was_full and len(data) > 0:
            self.device.resume_input()
        return data

    # Output

    def put(self, data: bytes) -> None:
        """Send, or keep in `pending`."""
        self.pending.extend(data)
        self._push()

    def writable(self) -> bool:
        """Is there room for more?"""
        return len(self.pending) < PENDING_SIZE

    def output_ready(self) -> None:
        self._push()
        if self.writable():
            self.writers.wake_all()

    def _push(self) -> None:
        if len(self.pending) > 0:
            taken = self.device.write(bytes(self.pending))
            del self.pending[:taken]

    def unsent(self) -> int:
        """Bytes written and not sent."""
        return len(self.pending) + self.device.unsent()

    def drain(self) -> None:
        """Wait until everything is sent. EINTR."""
        while self.unsent() > 0:
            sleep_on(self.writers)


class HostStream(KernelObject):
    """What input and output have in common."""

    def __init__(self, line: HostLine, number: int, status: Status = Status.NONE) -> None:
        super().__init__(status)
        self.line = line
        self.number = number

    def metadata(self) -> Metadata:
        return Metadata(InodeType.FIFO, 0o600, self.number, device=HOST_DEVICE)

    def link_text(self) -> bytes:
        return f"pipe:[{self.number}]".encode()


class HostInput(HostStream):
    """Standard input."""

    def read(self, buffer: Buffer) -> int:
        """Bytes read, 0 at the end. EAGAIN, EINTR."""
        line = self.line
        if buffer.length == 0:
            return 0
        while len(line.queue) == 0:
            if line.ended:
                return 0
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "no input has come")
            sleep_on(line.readers)
        data = line.take(buffer.length)
        buffer.write(0, data)
        return len(data)

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with bytes, HUP at the end."""
        if waiter is not None:
            waiter.add(self.line.readers)
        events = PollEvents.READABLE if len(self.line.queue) > 0 else PollEvents.NONE
        return events | PollEvents.HUP if self.line.ended else events

    def available(self) -> int:
        return len(self.line.queue)


class HostOutput(HostStream):
    """Standard output, or standard error."""

    def write(self, buffer: Buffer) -> int:
        """Bytes written; all of them unless NONBLOCK or a signal cut it short. EAGAIN, EINTR."""
        line = self.line
        done = 0
        while done < buffer.length:
            if not line.writable():
                if self.status & Status.NONBLOCK and done == 0:
                    raise Errno(EAGAIN, "the line takes no more")
                if self.status & Status.NONBLOCK or not self._wait(done):
                    break
                continue
            try:
                data = buffer.read(done, min(CHUNK, buffer.length - done))
            except Errno as error:
                if done > 0 and error.code == EFAULT:
                    break
                raise
            line.put(data)
            done += len(data)
        return done

    def _wait(self, done: int) -> bool:
        """False when a signal came after something was written."""
        try:
            sleep_on(self.line.writers)
        except Errno:
            if done > 0:
                return False
            raise
        return True

    def poll(self, waiter: Waiter | None) -> PollEvents:
        if waiter is not None:
            waiter.add(self.line.writers)
        return PollEvents.WRITABLE if self.line.writable() else PollEvents.NONE

    def sync(self, *, data_only: bool) -> None:
        """Wait until everything is sent."""
        self.line.drain()
