"""virtio-input for the hosted machine: a keyboard, a tablet. Tests press keys on it; it remembers its lights.

Source: VIRTIO 1.2, 5.8 "Input Device".
"""

import struct
from collections import deque
from collections.abc import Iterable

from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

EVENTS, STATUS = 0, 1
SYN, KEY, REL, ABS, LED, REP = 0x00, 0x01, 0x02, 0x03, 0x11, 0x14
NAME, SERIAL, IDENTITY, PROPERTIES, CODES, AXIS = 0x01, 0x02, 0x03, 0x10, 0x11, 0x12
BUS_VIRTUAL = 0x06


def bitmap(codes: Iterable[int]) -> bytes:
    """Bits, the least significant first, in as many bytes as it takes."""
    bits = sum(1 << code for code in set(codes))
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


class Input(Model):
    """The device: answers are given by question and detail, events wait until the driver has buffers for them."""

    device_type = 18
    queues = 2
    queue_size = 64

    def __init__(self, name: bytes, answers: dict[tuple[int, int], bytes]) -> None:
        self.answers = {(NAME, 0): name, (IDENTITY, 0): struct.pack("<HHHH", BUS_VIRTUAL, 0x5CA2, 1, 1)} | answers
        self.question = (0, 0)
        self.lights: dict[int, int] = {}
        self.lost = 0
        self.reset()

    def reset(self) -> None:
        self.buffers: deque[Request] = deque()

    def config(self) -> bytes:
        answer = self.answers.get(self.question, b"")
        return bytes([*self.question, len(answer), 0, 0, 0, 0, 0]) + answer.ljust(128, b"\0")

    def write_config(self, offset: int, data: bytes) -> None:
        question = list(self.question)
        question[offset : offset + len(data)] = data
        self.question = (question[0], question[1])

    def handle(self, request: Request) -> int | None:
        if request.queue == EVENTS:
            self.buffers.append(request)
            return None
        kind, code, value = struct.unpack("<HHi", request.read())
        if kind == LED:
            self.lights[code] = value
        return 0

    # What happens at the device

    def happen(self, *events: tuple[int, int, int]) -> None:
        """Events in one packet, SYN_REPORT being added; those for which there is no buffer are lost, as QEMU loses them."""
        for kind, code, value in [*events, (SYN, 0, 0)]:
            if not self.buffers:
                self.lost += 1
                continue
            request = self.buffers.popleft()
            self.device.finish(request, request.write(struct.pack("<HHi", kind, code, value)))

    def press(self, *keys: int) -> None:
        """Keys go down in this order and come up in the reverse."""
        for key in keys:
            self.happen((KEY, key, 1))
        for key in reversed(keys):
            self.happen((KEY, key, 0))


def keyboard(*, name: bytes = b"Scarlet keyboard") -> Input:
    """A keyboard with 127 keys and three lights, which repeats."""
    return Input(name, {(CODES, KEY): bitmap(range(1, 128)), (CODES, LED): bitmap([0, 1, 2]), (CODES, REP): bitmap([0, 1])})


def tablet() -> Input:
    """A tablet: two axes and three buttons."""
    axis = struct.pack("<iiiii", 0, 0x7FFF, 0, 0, 0)
    return Input(
        b"Scarlet tablet",
        {
            (SERIAL, 0): b"T-1",
            (CODES, KEY): bitmap([0x110, 0x111, 0x112]),
            (CODES, ABS): bitmap([0, 1]),
            (CODES, REL): bitmap([8]),
            (AXIS, 0): axis,
            (AXIS, 1): axis,
            (PROPERTIES, 0): bitmap([1]),
        },
    )
