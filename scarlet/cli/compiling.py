"""Running the compiler: once however many ask for it at the same time, and only when what was compiled is out of date.

What something was compiled of is known by a key, a hash over its sources; the key of what is there lies beside it.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.paths import ROOT, cache, write_atomically

PATIENCE_S = 2
"""What a compiler that was interrupted has for putting the terminal in order."""


def hash_of(sources: Iterable[tuple[str, bytes]]) -> str:
    """The key for sources with these names and contents."""
    digest = hashlib.sha256()
    for name, data in sources:
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def bring_up_to_date(stamp: Path, lock: Path, key: Callable[[], str], make: Callable[[], None]) -> None:
    """Call `make` unless `stamp` holds the key already. Of two runs at once, one makes and the other waits for it."""
    if _holds(stamp, key()):
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        wanted = key()
        if _holds(stamp, wanted):
            return
        stamp.unlink(missing_ok=True)
        make()
        write_atomically(stamp, wanted.encode())


def _holds(stamp: Path, key: str) -> bool:
    return stamp.exists() and stamp.read_text() == key


def run_compiler(what: str, arguments: Sequence[str]) -> bool:
    """Whether it compiled; its errors go to standard error, and so does its progress."""
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR", str(cache() / "zig"))}
    if not sys.stderr.isatty():  # on a terminal the compiler shows its progress itself
        console.say(f"scarlet: compiling {what}")
    command = [sys.executable, "-m", "scarlet.compiler", *arguments]
    compiler = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=2, process_group=0, preexec_fn=_shows)
    try:
        return compiler.wait() == 0
    except BaseException:
        _end(compiler)
        raise


def _shows() -> None:
    """A group that is not the terminal's foreground may show its progress there, whatever stty(1) says of it."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)


def _end(compiler: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, or whatever ends us, ends all the processes of the compiler, which are a group of their own."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(compiler.pid, signal.SIGINT)
        compiler.wait(PATIENCE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(compiler.pid, signal.SIGKILL)
    compiler.wait()
