"""Linux's answers: busybox under qemu-riscv64, in a scratch directory of the same shape as the guest's.

The PATH holds one file per applet whose #! line runs it under qemu-riscv64, so whatever a script starts is riscv64 code too.
"""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.equivalence.corpus import Answer, Check

ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "HOME": "/", "TERM": "vt100"}
"""Beside it both worlds set PATH, and BIN, the folder of the applets: busybox starts an applet given without a path from /proc/self/exe,
which under qemu-riscv64 is not there."""
LIMIT_S = 120


class Oracle:
    """A folder with busybox and its applets, and room for scripts to run in."""

    def __init__(self, folder: Path, busybox: bytes) -> None:
        self._folder = folder
        self._busybox = folder / "busybox"
        self._busybox.write_bytes(busybox)
        self._busybox.chmod(0o755)
        qemu = shutil.which("qemu-riscv64")
        assert qemu, "qemu-riscv64 is missing: scripts/setup installs it"
        self._qemu = qemu
        self._path = folder / "bin"
        self._path.mkdir()
        for applet in subprocess.run([qemu, str(self._busybox), "--list"], check=True, capture_output=True, text=True).stdout.split():
            (self._path / applet).write_text(f"#!{qemu} {self._busybox}\n")
            (self._path / applet).chmod(0o755)

    def command(self, *arguments: str) -> list[str]:
        """A command line of busybox on Linux."""
        return [self._qemu, str(self._busybox), *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return ENVIRONMENT | {"PATH": str(self._path), "BIN": str(self._path)}

    def answer(self, check: Check) -> Answer:
        """What the check prints on Linux."""
        if check.expected is not None:
            return check.expected
        work = self._folder / "checks" / str(check) / "work"
        work.mkdir(parents=True)
        (work.parent / "check.sh").write_text(check.script)
        done = subprocess.run(
            self.command("sh", "../check.sh"),
            cwd=work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT_S,
            umask=0o022,
            start_new_session=True,
        )
        return Answer(done.stdout, done.returncode if done.returncode >= 0 else 128 - done.returncode)

    def answers(self, checks: list[Check]) -> dict[str, Answer]:
        """All of them, by the check's name."""
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(map(str, checks), pool.map(self.answer, checks), strict=True))
