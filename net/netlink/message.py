"""Netlink messages: a header, a structure of the family, attributes. Everything is little-endian and aligned to four bytes. (netlink(7))"""

from enum import IntEnum, IntFlag
from typing import Final

from scarlet.lang.errno import EINVAL, Errno

HEADER: Final = 16
"""sizeof(struct nlmsghdr)"""
ATTRIBUTE_HEADER: Final = 4
TYPE_MASK: Final = 0x3FFF
"""The bits of an attribute's type without NLA_F_NESTED and NLA_F_NET_BYTEORDER."""


class ControlType(IntEnum):
    """Types of messages below 0x10, which belong to netlink itself."""

    NOOP = 1
    ERROR = 2
    DONE = 3


class RequestFlags(IntFlag):
    """nlmsg_flags; some bits mean one thing in a request that asks and another in one that changes."""

    NONE = 0
    REQUEST = 0x1
    MULTI = 0x2
    ACK = 0x4
    DUMP = 0x300
    """All of them (NLM_F_ROOT | NLM_F_MATCH)."""
    REPLACE = 0x100
    EXCLUSIVE = 0x200
    CREATE = 0x400
    APPEND = 0x800


class Request:
    """A message as it came: `data` is all of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.type = word(data, 4, 2)
        self.flags = word(data, 6, 2)
        self.sequence = word(data, 8, 4)

    def has(self, flags: RequestFlags) -> bool:
        """Are all of these set?"""
        return self.flags & flags == flags

    def structure(self, size: int) -> bytes:
        """The structure behind the header. EINVAL when the message is shorter."""
        if len(self.data) < HEADER + size:
            raise Errno(EINVAL, "the message is too short")
        return self.data[HEADER : HEADER + size]

    def attributes(self, size: int) -> dict[int, bytes]:
        """The attributes behind a structure of that size; the last one of each type counts. EINVAL when they are malformed."""
        found: dict[int, bytes] = {}
        offset = HEADER + aligned(size)
        while offset + ATTRIBUTE_HEADER <= len(self.data):
            length = word(self.data, offset, 2)
            if length < ATTRIBUTE_HEADER or length > len(self.data) - offset:
                raise Errno(EINVAL, "the length of an attribute is wrong")
            found[word(self.data, offset + 2, 2) & TYPE_MASK] = self.data[offset + ATTRIBUTE_HEADER : offset + length]
            offset += aligned(length)
        return found


class Answer:
    """A message being made."""

    def __init__(self, type: int, flags: int, sequence: int, port: int, structure: bytes) -> None:
        self._type = type
        self._flags = flags
        self._sequence = sequence
        self._port = port
        self._body = bytearray(structure)
        self._pad()

    def add(self, type: int, data: bytes) -> None:
        """One more attribute."""
        self._body += (ATTRIBUTE_HEADER + len(data)).to_bytes(2, "little") + type.to_bytes(2, "little") + data
        self._pad()

    def add_number(self, type: int, value: int, size: int = 4) -> None:
        """An attribute that is a number."""
        self.add(type, value.to_bytes(size, "little"))

    def add_text(self, type: int, text: bytes) -> None:
        """An attribute that is a string, with the NUL behind it."""
        self.add(type, text + b"\0")

    def add_host(self, type: int, host: int) -> None:
        """An attribute that is an IPv4 address."""
        self.add(type, host.to_bytes(4, "big"))

    def finish(self) -> bytes:
        """The whole message, padded."""
        header = (HEADER + len(self._body)).to_bytes(4, "little") + self._type.to_bytes(2, "little") + self._flags.to_bytes(2, "little")
        return header + self._sequence.to_bytes(4, "little") + self._port.to_bytes(4, "little") + bytes(self._body)

    def _pad(self) -> None:
        self._body += bytes(aligned(len(self._body)) - len(self._body))


def word(data: bytes, offset: int, size: int) -> int:
    """A number of two or four bytes."""
    return int.from_bytes(data[offset : offset + size], "little")


def number(attributes: dict[int, bytes], type: int) -> int:
    """The value of an attribute of four bytes, -1 when it is missing. EINVAL for another length."""
    data = attributes.get(type)
    if data is None:
        return -1
    if len(data) != 4:
        raise Errno(EINVAL, "an attribute of four bytes")
    return int.from_bytes(data, "little")


def host(attributes: dict[int, bytes], type: int) -> int:
    """The IPv4 address in an attribute, -1 when it is missing. EINVAL for another length."""
    data = attributes.get(type)
    if data is None:
        return -1
    if len(data) != 4:
        raise Errno(EINVAL, "an address of four bytes")
    return int.from_bytes(data, "big")


def aligned(length: int) -> int:
    """The next multiple of four."""
    return (length + 3) // 4 * 4


def requests(data: bytes) -> list[bytes]:
    """The messages in what was sent, one behind the other; what is malformed ends them, without an error, as on Linux."""
    found: list[bytes] = []
    offset = 0
    while offset + HEADER <= len(data):
        length = word(data, offset, 4)
        if length < HEADER or length > len(data) - offset:
            break
        found.append(data[offset : offset + length])
        offset += aligned(length)
    return found


def acknowledgement(request: Request, port: int, code: int, *, capped: bool) -> bytes:
    """NLMSG_ERROR: the errno of a request, 0 when all went well, and the request itself, without its content if that is not wanted."""
    repeated = request.data[:HEADER] if capped or code == 0 else request.data
    flags = 0x100 if capped and code != 0 else 0
    error = (0x100000000 - code & 0xFFFFFFFF).to_bytes(4, "little")
    return Answer(ControlType.ERROR, flags, request.sequence, port, error + repeated).finish()


def end_of_dump(request: Request, port: int) -> bytes:
    """NLMSG_DONE."""
    return Answer(ControlType.DONE, RequestFlags.MULTI, request.sequence, port, bytes(4)).finish()
