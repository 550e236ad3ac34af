"""Talking to a running QEMU: its machine protocol, one JSON object a line. (QEMU documentation "QMP Reference Manual")"""

import json
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


class Connection:
    """One client of a machine's socket. `events` are what QEMU has told meanwhile, oldest first."""

    def __init__(self, path: Path, *, limit_s: float = LIMIT_S) -> None:
        self.events: list[dict[str, Any]] = []
        self._socket = self._connect(path, time.monotonic() + limit_s)
        self._socket.settimeout(limit_s)
        self._lines = self._socket.makefile("rwb")
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
        self._lines.close()
        self._socket.close()

    def execute(self, command: str, **arguments: object) -> Any:
        """What a command answers. UserError when it fails; ConnectionError when QEMU has ended."""
        request: dict[str, object] = {"execute": command}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._lines.write(json.dumps(request).encode() + b"\n")
        self._lines.flush()
        while True:
            message = self._message()
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise UserError(f"QEMU: {message['error']['desc']}")
            else:
                return message.get("return")

    def _message(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except TimeoutError:
            raise UserError("QEMU does not answer") from None
        if not line:
            raise ConnectionError("QEMU has ended")
        message = json.loads(line)
        assert isinstance(message, dict)
        return message

    # What the project asks for

    def screen(self) -> Picture:
        """What the screen shows."""
        with tempfile.NamedTemporaryFile(prefix="scarlet-", suffix=".ppm") as file:
            self.execute("screendump", filename=file.name)
            return read_ppm(Path(file.name).read_bytes())

    def key(self, name: str, *, down: bool) -> None:
        """Press or release a key, by QEMU's name for it (a, ret, esc, up, spc, ctrl, shift ...)."""
        self.execute(
            "input-send-event", events=[{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}]
        )  # fmt: skip

    def press(self, *names: str) -> None:
        """Press keys together and release them."""
        for name in names:
            self.key(name, down=True)
        for name in reversed(names):
            self.key(name, down=False)

    def type(self, names: Iterable[str]) -> None:
        """Press and release keys one after the other."""
        for name in names:
            self.press(name)
