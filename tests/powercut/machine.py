"""A run of powerload on a disk that ends when the power is cut: QEMU is killed."""

import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import diskimage, framing, kernel, qemu, run
from scarlet.cli.hardware import Hardware
from tests import programs

PROGRAM = "/bin/powerload"
LIMIT_S = 120
"""For a machine that hangs."""


@dataclass(frozen=True)
class Cut:
    """When the power goes: so many seconds after QEMU's start, or after so many changes and a while, in seconds."""

    after_changes: int | None
    seconds: float


class Boots:
    """The machine, made ready once; each boot has a disk, a seed and a folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.kernel = kernel.ensure()
        self.program = programs.build("powerload")

    def load(self, disk: Path, seed: int, folder: str, cut: Cut) -> int:
        """Run it until the power is cut; the number of changes that it said are done."""
        with tempfile.NamedTemporaryFile(dir=self.scratch) as initrd:
            options = run.Options(command=[PROGRAM, str(seed), folder], add=[f"{self.program}:{PROGRAM}"], disk=disk, terminal=False)
            initrd.write(run.prepare(options))
            initrd.flush()
            image = diskimage.open_image(disk)
            try:
                hardware = Hardware((image,), home=True)
                return self._watch(qemu.Machine(self.kernel, Path(initrd.name), options.command_line(hardware), hardware=hardware), cut)
            finally:
                os.close(image.descriptor)

    def _watch(self, machine: qemu.Machine, cut: Cut) -> int:
        with (self.scratch / "log").open("wb+") as log:
            process = qemu.start(machine, log.fileno())
            try:
                output = self._follow(process, cut)
            finally:
                process.kill()
                rest = process.stdout.read() if process.stdout else b""
                process.communicate()
            log.seek(0)
            complaints = log.read()
        text = (output + rest).partition(framing.PROGRAM_STARTS)[2]
        lines = text.split(b"\n")[:-1]
        if complaints or any(not line.startswith((b"done ", b"ready")) for line in lines):
            raise AssertionError(f"not what the machine was to say: {complaints[-2000:]!r} {lines[-3:]!r}")
        return max((int(line[5:]) for line in lines if line.startswith(b"done ")), default=0)

    def _follow(self, process: "subprocess.Popen[bytes]", cut: Cut) -> bytes:
        """The output until it is time."""
        assert process.stdout is not None
        output = b""
        deadline = time.monotonic() + (LIMIT_S if cut.after_changes is not None else cut.seconds)
        while (left := deadline - time.monotonic()) > 0:
            if cut.after_changes is not None and output.count(b"done ") >= cut.after_changes:
                deadline = min(deadline, time.monotonic() + cut.seconds)
                cut = Cut(None, 0)
                continue
            if select.select([process.stdout], [], [], left)[0]:
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    raise AssertionError(f"the machine stopped: {output[-2000:]!r}")
                output += piece
        return output
