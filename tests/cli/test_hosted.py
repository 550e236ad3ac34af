"""What ends a hosted run from outside."""

import os
import pty
import queue
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from scarlet.cli import framing, hosted
from scarlet.cli.errors import Status


@pytest.mark.parametrize(("raised", "number"), [(KeyboardInterrupt(), signal.SIGINT), (SystemExit(143), signal.SIGTERM)])
def test_a_signal_whose_exception_was_dropped_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, number: signal.Signals
) -> None:
    sent: queue.Queue[tuple[int, int]] = queue.Queue()
    monkeypatch.setattr(os, "kill", lambda *arguments: sent.put(arguments))
    dropped: Any = SimpleNamespace(exc_value=raised)
    hosted._ask_again(dropped)
    assert sent.get(timeout=60) == (os.getpid(), number)


@pytest.mark.parametrize(("on_terminal", "status"), [(True, Status.HUNG_UP), (False, Status.FAILED)])
def test_output_to_a_terminal_that_is_gone_is_a_hang_up(on_terminal: bool, status: Status) -> None:
    master, slave = pty.openpty()
    os.close(master)
    output = hosted.ProgramOutput(slave, on_terminal=on_terminal)
    output.write(framing.PROGRAM_STARTS + b"anything")
    with pytest.raises(hosted._Left) as left:
        output.flush()
    os.close(slave)
    assert left.value.status == status
