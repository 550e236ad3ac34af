"""What ends a hosted run from outside."""

import os
import queue
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from scarlet.cli import hosted


@pytest.mark.parametrize(("raised", "number"), [(KeyboardInterrupt(), signal.SIGINT), (SystemExit(143), signal.SIGTERM)])
def test_a_signal_whose_exception_was_dropped_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, number: signal.Signals
) -> None:
    sent: queue.Queue[tuple[int, int]] = queue.Queue()
    monkeypatch.setattr(os, "kill", lambda *arguments: sent.put(arguments))
    dropped: Any = SimpleNamespace(exc_value=raised)
    hosted._ask_again(dropped)
    assert sent.get(timeout=60) == (os.getpid(), number)
