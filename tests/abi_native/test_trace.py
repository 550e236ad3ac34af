"""The trace of native calls: names, flags and statuses as words. (Columns are the matter of tests/abi/test_trace.py.)"""

import pytest

from abi_modules.native.interface import CURRENT, NEVER, OpenFlags, Ready, Rights, WaitEntry
from executor.trace import LogTracer
from scarlet.kernel import log
from scarlet.user import calls
from scarlet.user.errors import StatusError
from tests.abi_native.support import Program, native

BOTH = Rights.READ | Rights.WRITE
CASES = [
    (lambda: calls.file_open(CURRENT, b"/none", Rights.READ, OpenFlags.NO_FOLLOW, 0),
     'file_open(CURRENT, "/none", 5, READ, NO_FOLLOW, 000) = NOT_FOUND (not found)'),
    (lambda: calls.file_open(CURRENT, b"/f", BOTH, OpenFlags.CREATE, 0o644), 'file_open(CURRENT, "/f", 2, READ|WRITE, CREATE, 0644) = 0'),
    (lambda: calls.handle_query(0),
     "handle_query(0, {type=FILE, rights=READ|WRITE, role=NONE, capabilities=STREAM|SEEK|MAP|METADATA}) = 0"),
    (lambda: calls.stream_write(0, b"text\n"), 'stream_write(0, "text\\n", 5) = 5'),
    (lambda: calls.stream_seek(0, 0, 0),
     "stream_seek(0, 0, START) = RIGHT_MISSING (the handle lacks the right) /* not open for this */"),
    (lambda: calls.file_metadata(CURRENT, b"/f", 0),
     'file_metadata(CURRENT, "/f", 2, NONE, {kind=REGULAR, mode=0644, size=5, links=1, inode='),
    (lambda: calls.pipe_make(0), "pipe_make([1, 2], NONE) = 0"),
    (lambda: calls.wait_many(bytearray(WaitEntry(handle=2, wanted=Ready.WRITE).pack()), NEVER),
     "wait_many([{2, wanted WRITE, found WRITE}], 8, NEVER) = 1"),
    (lambda: calls.mount_attach(b"nofs\0none\0/\0", 0), 'mount_attach(["nofs", "none", "/"], 12, NONE) = INVALID_ARGUMENT'),
    (lambda: calls.memory_map(0, 4096, 3, 0, CURRENT, 0), "memory_map(NULL, 4096, READ|WRITE, PRIVATE, CURRENT, 0) = 0x"),
    (lambda: calls.task_wait_any(0, 4, 0), "task_wait_any(0, ENDED, 0, 0x"),
    (lambda: calls.file_set_owner(CURRENT, b"/f", 0xFFFFFFFF, 5, 0), 'file_set_owner(CURRENT, "/f", 2, UNCHANGED, 5, NONE) = 0'),
    (lambda: calls.task_query(CURRENT), 'task_query(CURRENT, {process=1, parent=0, group=1, state=RUNNING, name='),
]  # fmt: skip


def test_each_call_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [""]

    def body(program: Program) -> None:
        program.task.process.observer = LogTracer()
        for call, _expected in CASES:
            try:
                call()
            except StatusError:
                pass
        program.task.process.observer = None

    monkeypatch.setattr(log, "trace", lambda text: lines.__setitem__(0, lines[0] + text))
    native(body)
    found = [" ".join(line.removeprefix("native: ").split()) for line in lines[0].splitlines()]
    assert len(found) == len(CASES)
    for line, (_call, expected) in zip(found, CASES, strict=True):
        assert line.startswith(expected), f"{line}\n{expected}"
