"""Talking to a running QEMU: its machine protocol, one JSON object a line. (QEMU documentation "QMP Reference Manual")"""

import itertools
import json
import select
import socket
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from scarlet.cli.errors import UserError
from scarlet.cli.picture import Picture, read_ppm

LIMIT_S = 30.0
"""For a QEMU that hangs; an answer takes milliseconds."""
BLOCK = 65536
HOLD_MS = 1
"""The machine's time between two keys of a chord."""


class Connection:
    """One client of a machine, by the path of its socket or over a socket that is connected to it.

    `events` are what QEMU has told meanwhile, oldest first.
    """

    def __init__(self, machine: Path | socket.socket, *, limit_s: float = LIMIT_S) -> None:
        self.events: list[dict[str, Any]] = []
        self._limit_s = limit_s
        self._ids = itertools.count(1)
        self._socket = machine if isinstance(machine, socket.socket) else self._connect(machine, time.monotonic() + limit_s)
        self._socket.settimeout(limit_s)
        self._received = b""
        self._message()  # the greeting
        self.execute("qmp_capabilities")

    @staticmethod
    def _connect(path: Path, deadline: float) -> socket.socket:
        """QEMU makes the socket a moment after it was started."""
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(path))
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
                if time.monotonic() > deadline:
                    raise UserError("QEMU does not answer on its socket") from None
                time.sleep(0.02)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def execute(self, command: str, **arguments: object) -> Any:
        """What a command answers. UserError when it fails; ConnectionError when QEMU has ended."""
        number = self.post(command, **arguments)
        while True:
            message = self._message()
            if "event" in message:
                self.events.append(message)
            elif message.get("id", number) != number:
                continue  # somebody else's answer
            elif "error" in message:
                raise UserError(f"QEMU: {message['error']['desc']}")
            else:
                return message.get("return")

    def post(self, command: str, **arguments: object) -> int:
        """Give a command whose answer nobody waits for; other threads may. The number by which the answer is known."""
        number = next(self._ids)
        request: dict[str, object] = {"execute": command, "id": number}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        return number

    def wait(self, limit_s: float | None = None) -> None:
        """Until QEMU says anything, or for so long: an event (in `events` then), or the answer to what was posted."""
        if b"\n" not in self._received and not select.select([self._socket], [], [], limit_s)[0]:
            return
        message = self._message()
        if "event" in message:
            self.events.append(message)

    def _message(self) -> dict[str, Any]:
        while b"\n" not in self._received:
            try:
                data = self._socket.recv(BLOCK)
            except TimeoutError:
                raise UserError("QEMU does not answer") from None
            if not data:
                raise ConnectionError("QEMU has ended")
            self._received += data
        line, _newline, self._received = self._received.partition(b"\n")
        message = json.loads(line)
        assert isinstance(message, dict)
        return message

    # What the project asks for

    def screen(self) -> Picture:
        """What the screen shows."""
        with tempfile.NamedTemporaryFile(prefix="scarlet-", suffix=".ppm") as file:
            self.execute("screendump", filename=file.name)
            return read_ppm(Path(file.name).read_bytes())

    def byte(self, address: int) -> int:
        """A byte of physical memory, or of a device's registers."""
        words = self.execute("human-monitor-command", command_line=f"xp /1xb {address:#x}")  # 0000000010000007: 0x2a
        return int(words.partition(":")[2], 16)

    def key(self, name: str, *, down: bool) -> None:
        """Press or release a key, by QEMU's name for it (a, ret, esc, up, spc, ctrl, shift ...)."""
        self.execute("input-send-event", events=[{"type": "key", "data": {"down": down, "key": _named(name)}}])

    def press(self, *names: str) -> None:
        """Press keys together and release them: one command, which is answered even if the machine goes off on the first key."""
        self.execute("send-key", keys=[_named(name) for name in names], hold_time=HOLD_MS)

    def type(self, names: Iterable[str]) -> None:
        """Press and release keys one after the other."""
        for name in names:
            self.press(name)


def _named(key: str) -> dict[str, str]:
    return {"type": "qcode", "data": key}
