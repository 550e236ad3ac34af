"""A little network at the end of a card's cable, as QEMU's user mode network has it: a gateway that answers ARP and ping and hands out
addresses, and a name server. Names are those of a table; port 7 of the gateway sends datagrams back.

Written from the RFCs alone, without the kernel's code: 826, 791, 792, 768, 2131, 1035.
"""

import struct
from collections.abc import Callable

from scarlet.machine.hosted.devices.card import Cable

GATEWAY, DNS, GUEST = bytes([10, 0, 2, 2]), bytes([10, 0, 2, 3]), bytes([10, 0, 2, 15])
GATEWAY_MAC = bytes.fromhex("525600000002")
BROADCAST = b"\xff" * 6
ECHO_PORT = 7
MTU = 1500
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE = 1, 2, 3, 4, 5, 6, 7
COOKIE = bytes.fromhex("63825363")


def checksum(data: bytes) -> int:
    """RFC 1071"""
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def make_ip(
    source: bytes, destination: bytes, protocol: int, payload: bytes, *, identification: int = 0, fragment: int = 0, ttl: int = 64
) -> bytes:
    """One packet."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, ttl, protocol, 0, source, destination)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def make_udp(source: bytes, source_port: int, destination: bytes, port: int, data: bytes) -> bytes:
    """One packet with a datagram."""
    head = struct.pack(">HHHH", source_port, port, 8 + len(data), 0)
    pseudo = source + destination + struct.pack(">HH", 17, 8 + len(data))
    return make_ip(source, destination, 17, head[:6] + struct.pack(">H", checksum(pseudo + head + data) or 0xFFFF) + data)


class UserNetwork(Cable):
    """The network. `drop`, when set, is asked about each frame the card sends, and each for the card: True loses it."""

    def __init__(self) -> None:
        self.names = {b"gateway.test": GATEWAY, b"name.test": bytes([192, 0, 2, 7])}
        self.drop: Callable[[bytes], bool] | None = None
        self.seen: list[bytes] = []
        """Every frame that the card sent."""
        self.lease_seconds = 86400
        self.dhcp_answers = True
        self.guest_mac = b""
        self.silent = False
        """Answer no ARP requests."""
        self.fragments: dict[bytes, bytes] = {}
        self.packets = 0

    # Frames

    def sent(self, frame: bytes) -> None:
        self.seen.append(frame)
        if self.drop is not None and self.drop(frame):
            return
        destination, source, kind = struct.unpack(">6s6sH", frame[:14])
        if destination not in (BROADCAST, GATEWAY_MAC):
            return
        if kind == 0x0806:
            self._arp(source, frame[14:42])
        elif kind == 0x0800:
            self._packet(source, frame[14:])

    def give(self, mac: bytes, packet: bytes, kind: int = 0x0800) -> None:
        """Send a packet to the card, in fragments if need be."""
        if kind == 0x0800 and len(packet) > MTU:
            self.packets += 1
            for start in range(0, len(packet) - 20, (MTU - 20) // 8 * 8):
                piece = packet[20:][start : start + (MTU - 20) // 8 * 8]
                more = 0x2000 if start + len(piece) < len(packet) - 20 else 0
                place = more | start // 8
                number = self.packets & 0xFFFF
                self.give(mac, make_ip(packet[12:16], packet[16:20], packet[9], piece, identification=number, fragment=place))
            return
        frame = (mac + GATEWAY_MAC + struct.pack(">H", kind) + packet).ljust(60, b"\0")
        if self.drop is None or not self.drop(frame):
            self.card.receive(frame)

    def _arp(self, source: bytes, packet: bytes) -> None:
        _kind, _proto, _sizes, operation, sender_mac, sender, _mac, target = struct.unpack(">HHHH6s4s6s4s", packet)
        if operation == 1 and target in (GATEWAY, DNS) and not self.silent:
            reply = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 2, GATEWAY_MAC, target, sender_mac, sender)
            self.give(source, reply, 0x0806)

    # Packets

    def _packet(self, mac: bytes, data: bytes) -> None:
        size = (data[0] & 15) * 4
        total, _number, fragment, _ttl, protocol = struct.unpack(">HHHBB", data[2:10])
        source, destination = data[12:16], data[16:20]
        assert checksum(data[:size]) == 0, "a header with a wrong checksum"
        payload = data[size:total]
        if fragment & 0x3FFF:
            whole = self._reassembled(source + destination + data[4:6], fragment, payload)
            if whole is None:
                return
            payload = whole
        if protocol == 1 and destination in (GATEWAY, DNS):
            assert checksum(payload) == 0, "an ICMP message with a wrong checksum"
            if payload[0] == 8:
                self._icmp(mac, destination, source, 0, 0, payload[4:])
        elif protocol == 17:
            source_port, port, length, total_sum = struct.unpack(">HHHH", payload[:8])
            pseudo = source + destination + struct.pack(">HH", 17, length)
            assert total_sum == 0 or checksum(pseudo + payload[:length]) == 0, "a datagram with a wrong checksum"
            self._datagram(mac, source, source_port, destination, port, payload[8:length], data[: size + 8])

    def _reassembled(self, key: bytes, fragment: int, payload: bytes) -> bytes | None:
        """Fragments come in order here, or not at all."""
        before = self.fragments.pop(key, b"") if fragment & 0x1FFF else b""
        if (fragment & 0x1FFF) * 8 != len(before):
            return None
        if fragment & 0x2000:
            self.fragments[key] = before + payload
            return None
        return before + payload

    def _icmp(self, mac: bytes, source: bytes, destination: bytes, kind: int, code: int, rest: bytes) -> None:
        message = struct.pack(">BBH", kind, code, 0) + rest
        self.give(mac, make_ip(source, destination, 1, message[:2] + struct.pack(">H", checksum(message)) + message[4:]))

    def _datagram(self, mac: bytes, source: bytes, source_port: int, destination: bytes, port: int, data: bytes, quoted: bytes) -> None:
        if port == 67:
            self._dhcp(mac, data)
        elif port == 53 and destination == DNS:
            self.give(mac, make_udp(DNS, 53, source, source_port, self._resolve(data)))
        elif port == ECHO_PORT and destination == GATEWAY:
            self.give(mac, make_udp(GATEWAY, ECHO_PORT, source, source_port, data))
        elif destination in (GATEWAY, DNS):
            self._icmp(mac, destination, source, 3, 3, bytes(4) + quoted)

    # Services

    def _resolve(self, query: bytes) -> bytes:
        """RFC 1035: one question, one address, or no such name."""
        place, labels = 12, []
        while query[place]:
            labels.append(query[place + 1 : place + 1 + query[place]])
            place += 1 + query[place]
        question = query[12 : place + 5]
        kind = struct.unpack(">H", query[place + 1 : place + 3])[0]
        name = b".".join(labels).lower()
        found = self.names.get(name)
        flags = 0x8180 if name in self.names else 0x8183
        answers = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + found if found and kind == 1 else b""
        return query[:2] + struct.pack(">HHHHH", flags, 1, bool(answers), 0, 0) + question + answers

    def _dhcp(self, mac: bytes, data: bytes) -> None:
        """RFC 2131: always the same address."""
        options = dhcp_options(data)
        kind = options[53][0]
        self.guest_mac = data[28:34]
        if not self.dhcp_answers or kind not in (DISCOVER, REQUEST):
            return
        wanted = options.get(50, data[12:16])
        answer = OFFER if kind == DISCOVER else ACK if wanted == GUEST else NAK
        self.give(BROADCAST if data[10] & 0x80 else mac, self.dhcp_reply(data, answer))

    def dhcp_reply(self, request: bytes, answer: int) -> bytes:
        """The packet with an answer."""
        given = bytes(4) if answer == NAK else GUEST
        head = struct.pack(
            ">BBBB4sHH4s4s4s4s", 2, 1, 6, 0, request[4:8], 0, struct.unpack(">H", request[10:12])[0], bytes(4), given, bytes(4), bytes(4)
        )
        options = bytes([53, 1, answer, 54, 4]) + GATEWAY
        if answer != NAK:
            options += (
                bytes([1, 4, 255, 255, 255, 0, 3, 4]) + GATEWAY + bytes([6, 4]) + DNS + b"\x33\x04" + struct.pack(">I", self.lease_seconds)
            )
        body = head + request[28:44] + bytes(192) + COOKIE + options + b"\xff"
        return make_udp(GATEWAY, 67, b"\xff" * 4 if request[10] & 0x80 or answer == NAK else GUEST, 68, body)


def dhcp_options(message: bytes) -> dict[int, bytes]:
    """The options of a message, by number."""
    assert message[236:240] == COOKIE
    found: dict[int, bytes] = {}
    place = 240
    while message[place] != 255:
        if message[place] == 0:
            place += 1
            continue
        found[message[place]] = message[place + 2 : place + 2 + message[place + 1]]
        place += 2 + message[place + 1]
    return found
