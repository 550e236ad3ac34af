"""virtio-gpu in two dimensions: commands to the device, their answers, and what the device tells of its screens.

A command and its answer share a piece of memory that stays with the queue until the answer is there. Answers are awaited by nobody: each
command has a continuation that is called from the interrupt. An answer that is no answer takes the device offline; an error that the
device is entitled to (no memory, say) goes to the continuation. The screen made of all this is in gpu_screen.

Source: VIRTIO 1.2, 5.7 "GPU Device".
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.gpu_protocol import (
    EVENT_DISPLAY,
    EVENTS_CLEAR,
    EVENTS_READ,
    F_EDID,
    FLAG_FENCE,
    HEADER,
    MAX_SCANOUTS,
    NUM_SCANOUTS,
    Answer,
    Header,
    Kind,
)  # fmt: skip
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from scarlet.kernel import clock
from scarlet.kernel.memory.framebytes import FrameBytes, frame_bytes
from scarlet.lang import u32, u64
from scarlet.lang.errno import ENODEV, Errno
from scarlet.machine import physmem

CONTROL: Final = 0
CURSOR: Final = 1
QUEUE_SIZE: Final = 64
LAST_WORDS_NS: Final = 1_000_000_000
"""How long a machine that goes off waits for its last picture."""


class Reply:
    """What the device answered."""

    def __init__(self, type: int, body: bytes) -> None:
        self.type = type
        self.body = body
        """All of it, the header first."""

    @property
    def ok(self) -> bool:
        return self.type < Answer.FIRST_ERROR


def ignore(reply: Reply) -> None:
    """For commands after which nothing is to be done."""


class Command:
    """A command in flight: its memory, and what to do with the answer. The continuation keeps alive what the device still reads."""

    def __init__(self, kind: Kind, body: bytes, expected: Answer, room: int, then: Callable[[Reply], None], fence: int) -> None:
        header = Header(type=u32(kind), flags=u32(FLAG_FENCE if fence != 0 else 0), fence_id=u64(fence)).pack()
        self.kind = kind
        self.expected = expected
        self.fence = fence
        self.then = then
        self.length = len(header) + len(body)
        self.answer_at = (self.length + 7) // 8 * 8
        self.room = room
        self.memory: FrameBytes = frame_bytes(self.answer_at + room)
        physmem.write(self.memory.pa, header + body)
        physmem.zero(self.memory.pa + self.answer_at, room)

    def segments(self) -> list[Segment]:
        """The buffers, for the queue."""
        pa = self.memory.pa
        return [Segment(pa, self.length), Segment(pa + self.answer_at, self.room, device_writes=True)]

    def reply(self, written: int) -> Reply:
        """The answer. DeviceError when it is none."""
        body = physmem.read(self.memory.pa + self.answer_at, written)
        if written < HEADER:
            raise DeviceError(f"an answer of {written} bytes to {self.kind.name}")
        header = Header.parse(body)
        type = int(header.type)
        if type == self.expected:
            if written < self.room:
                raise DeviceError(f"an answer of {written} bytes to {self.kind.name}")
        elif not Answer.FIRST_ERROR <= type <= Answer.LAST_ERROR:
            raise DeviceError(f"answer 0x{type:x} to {self.kind.name}")
        if self.fence != 0 and (int(header.flags) & FLAG_FENCE == 0 or header.fence_id != self.fence):
            raise DeviceError(f"the answer to {self.kind.name} is for another fence")
        return Reply(type, body)


class VirtioGpu(VirtioDevice):
    """The device's queues. ENODEV when it cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(F_EDID)
        self._control = self._make_queue(CONTROL)
        self._cursor = self._make_queue(CURSOR)
        self._waiting: deque[Command] = deque()
        """Commands for which the control queue had no room."""
        self._last_fence = 0
        self._last_resource = 0
        self.scanouts = transport.read_config(NUM_SCANOUTS, 4)
        if not 1 <= self.scanouts <= MAX_SCANOUTS:
            self._fail()
            raise Errno(ENODEV, f"{name}: {self.scanouts} screens")
        self.ready()

    def _make_queue(self, number: int) -> Virtqueue[Command]:
        size = self.queue_size(number, QUEUE_SIZE)
        base_pa = self.queue_memory(number, size)
        return Virtqueue(base_pa, size, indirect=self.indirect, event_index=self.event_index)

    @property
    def has_edid(self) -> bool:
        """Does the device pass on what its screens tell of themselves?"""
        return self.features & F_EDID != 0

    # Commands

    def new_resource(self) -> int:
        """A number for a resource that the device has not got."""
        self._last_resource += 1
        return self._last_resource

    def send(
        self, kind: Kind, body: bytes, then: Callable[[Reply], None] = ignore, *, expected: Answer = Answer.OK, room: int = HEADER,
        fenced: bool = False,
    ) -> None:  # fmt: skip
        """Give a command to the device; `then` gets the answer. Commands are done in order. EIO once it is offline; MemoryError."""
        self.require_online()
        fence = 0
        if fenced:
            self._last_fence += 1
            fence = self._last_fence
        self._waiting.append(Command(kind, body, expected, room, then, fence))
        self._give()

    def send_cursor(self, kind: Kind, body: bytes, then: Callable[[Reply], None] = ignore) -> bool:
        """The same for the cursor's own queue. False when it is full: the cursor moves on soon, and this place of it does not matter."""
        self.require_online()
        command = Command(kind, body, Answer.OK, HEADER, then, 0)
        segments = command.segments()
        if not self._cursor.has_room(len(segments)):
            return False
        self._cursor.give(segments, command)
        if self._cursor.publish():
            self.transport.notify(CURSOR)
        return True

    def _give(self) -> None:
        while len(self._waiting) > 0:
            segments = self._waiting[0].segments()
            if not self._control.has_room(len(segments)):
                break
            self._control.give(segments, self._waiting.popleft())
        if self._control.publish():
            self.transport.notify(CONTROL)

    # Interrupts

    def served(self) -> None:
        looking = True
        while looking:
            completion = self._control.take()
            while completion is not None:
                command = completion.request
                command.then(command.reply(completion.written))
                completion = self._control.take()
            looking = not self._control.want_interrupts()
        looking = True
        while looking:
            # A device may leave the answer about the cursor empty (QEMU does): what comes back is done.
            done = self._cursor.take()
            while done is not None:
                done.request.then(Reply(Answer.OK, b""))
                done = self._cursor.take()
            looking = not self._cursor.want_interrupts()
        if self.online:
            self._give()

    def configuration_changed(self) -> None:
        events = self.transport.read_config(EVENTS_READ, 4)
        if events & EVENT_DISPLAY:
            self.transport.write_config(EVENTS_CLEAR, 4, EVENT_DISPLAY)
            self.screens_changed()

    def screens_changed(self) -> None:
        """The host has screens of other sizes now."""

    def lost(self) -> None:
        self._control.abandon()
        self._cursor.abandon()
        self._waiting.clear()

    def settle(self) -> None:
        """Without sleeping or interrupts, wait until the device has done everything. For a machine that goes off; not for ever.

        Only memory is looked at meanwhile: registers that are read again and again keep an emulated device from its work."""
        deadline_ns = clock.monotonic_ns() + LAST_WORDS_NS
        while self.online and self._control.free < self._control.size and clock.monotonic_ns() < deadline_ns:
            if self._control.has_answers():
                try:
                    self.served()
                except DeviceError as error:
                    self.take_offline(str(error))
