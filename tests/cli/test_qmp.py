"""What is asked of a running QEMU, on a line that a test has the other end of."""

import json
import socket
from typing import Any

from scarlet.cli.qmp import Connection


def asked(presses: list[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The commands for these chords, of a QEMU that answers each once."""
    ours, its = socket.socketpair()
    with ours, its:
        answers = [{"QMP": {}}, *({"return": {}, "id": number + 1} for number in range(1 + len(presses)))]
        its.sendall(b"".join(json.dumps(answer).encode() + b"\n" for answer in answers))
        connection = Connection(ours)
        for names in presses:
            connection.press(*names)
        return [json.loads(line) for line in its.recv(65536).splitlines()[1:]]


def test_a_chord_is_one_command() -> None:
    """Who waits for the answer to a second one waits for a machine that the first has switched off."""
    (command,) = asked([("ctrl", "alt", "delete")])
    assert command["execute"] == "send-key"
    assert command["arguments"]["keys"] == [{"type": "qcode", "data": name} for name in ("ctrl", "alt", "delete")]
    assert 0 < command["arguments"]["hold-time"] < 100


def test_keys_one_after_the_other_are_a_command_each() -> None:
    commands = asked([("h",), ("i",), ("shift", "1")])
    assert [[key["data"] for key in command["arguments"]["keys"]] for command in commands] == [["h"], ["i"], ["shift", "1"]]
