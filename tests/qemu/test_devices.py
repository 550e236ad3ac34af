"""Machines whose devices are missing, old, or mad: they boot, say what is missing, and serve a shell."""

import os
import random
from io import BytesIO
from pathlib import Path

import pytest

from scarlet.cli import diskimage, framing, linking, plugins, run
from scarlet.cli.diskimage import Kind
from scarlet.machine.hosted.devices.disk import Disk
from scarlet.machine.hosted.devices.entropy import Entropy
from scarlet.machine.hosted.devices.virtio import Model, VirtioMmio
from scarlet.machine.hosted.devices.virtqueue import Request
from scarlet.machine.hosted.run import Machine, fresh_kernel
from tests.qemu.conftest import Run

SIZE = 8 << 20


def boot(script: str, devices: list[Model], *, home: bool = False, legacy: bool = False) -> tuple[int, bytes, str]:
    """Status, output and log of a shell script on a machine with these devices."""
    output, log = BytesIO(), BytesIO()
    image = run.prepare(run.Options(command=["sh", "-c", script], terminal=False))
    command_line = b"log=semihosting loglevel=error" + (b" home=vda" if home else b"")
    machine = Machine(
        64 << 20, initrd=image, command_line=command_line, stdin=framing.END_OF_INPUT, stdout=output, log=log, devices=devices,
        legacy_virtio=legacy,
    )  # fmt: skip
    modules = plugins.linked()
    with fresh_kernel(linking.packages(modules)):
        linking.import_linked(modules)
        from scarlet import boot as kernel

        status = machine.run(kernel.main)
    return status, output.getvalue().partition(framing.PROGRAM_STARTS)[2], log.getvalue().decode()


def formatted(path: Path, kind: Kind = Kind.XV6) -> bytearray:
    """The bytes of a new disk."""
    diskimage.create(path, SIZE, kind)
    return bytearray(path.read_bytes())


@pytest.mark.hosted
def test_without_any_device(tmp_path: Path) -> None:
    status, output, log = boot("echo up; ls /dev/vda /dev/fb0 2>&1 | wc -l", [])
    assert (status, output, log) == (0, b"up\n2\n", "")


@pytest.mark.hosted
def test_a_disk_that_was_asked_for_and_is_not_there(tmp_path: Path) -> None:
    status, output, log = boot("echo x >/home/f; cat /home/f", [Entropy(1)], home=True)
    assert (status, output) == (0, b"x\n")
    assert "/disk is not kept on vda" in log
    assert len(log.splitlines()) == 1


@pytest.mark.hosted
def test_a_disk_without_a_file_system(tmp_path: Path) -> None:
    status, output, log = boot("echo x >/home/f; cat /home/f", [Disk(bytearray(SIZE))], home=True)
    assert (status, output) == (0, b"x\n")
    assert "/disk is not kept on vda" in log


@pytest.mark.hosted
def test_legacy_transports(tmp_path: Path) -> None:
    data = formatted(tmp_path / "disk")
    assert boot("echo kept >/home/f; head -c 4 /dev/random | wc -c", [Entropy(1), Disk(data)], home=True, legacy=True) == (0, b"4\n", "")
    assert boot("cat /home/f", [Disk(data)], home=True, legacy=True) == (0, b"kept\n", "")


class Mad(Disk):
    """A disk that is one for some time, and then answers with anything."""

    def __init__(self, data: bytearray, seed: int, sane: int) -> None:
        super().__init__(data)
        self.random = random.Random(seed)
        self.sane = sane

    def handle(self, request: Request) -> int | None:
        written = super().handle(request)
        if self.requests <= self.sane:
            return written
        match self.random.randrange(5):
            case 0:
                self.device.finish(Request(self.random.getrandbits(16), ()), 1)
            case 1:
                return self.random.getrandbits(32)
            case 2:
                request.write(self.random.randbytes(request.room))
                return request.room
            case 3:
                self.device.status |= 64
                self.device.interrupt(3)
                return written
            case _:
                self.noisy(self.device)
        return written

    def noisy(self, device: VirtioMmio) -> None:
        """Registers read as anything from now on."""
        device.read = lambda offset, size: self.random.getrandbits(8 * size)  # type: ignore[method-assign]


@pytest.mark.hosted
@pytest.mark.parametrize("seed", range(int(os.environ.get("SCARLET_MAD_DISKS", "4"))))
def test_a_disk_that_goes_mad_takes_nobody_with_it(tmp_path: Path, seed: int) -> None:
    """With ext4 the shell's own root has a layer on the disk, which therefore lasts until the shell has started."""
    kind, sane = (Kind.EXT4, range(80, 200)) if seed % 2 else (Kind.XV6, range(60))
    data = formatted(tmp_path / "disk", kind)
    script = """for i in 1 2 3 4; do echo $i >/home/$i; cat /home/*; sync; done >/dev/null 2>&1
        dd if=/dev/vda of=/dev/null bs=64k count=8 2>/dev/null
        echo alive >/tmp/f; cat /tmp/f | tr a-z A-Z"""
    chance = random.Random(seed)
    status, output, _log = boot(script, [Mad(data, seed, chance.choice(sane))], home=True)
    assert (status, output) == (0, b"ALIVE\n")


@pytest.mark.qemu
def test_legacy_transports_of_qemu(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "disk"
    diskimage.create(path, SIZE, Kind.XV6)
    options = ["--disk", str(path), "--qemu", "-global virtio-mmio.force-legacy=true"]
    assert run("sh", "-c", "echo kept >/home/f", options=options).stderr == b""
    assert run("cat", "/home/f", options=options).stdout == b"kept\n"


@pytest.mark.qemu
def test_a_disk_that_qemu_unplugs_from_the_command_line_only(run: Run, tmp_path: Path) -> None:
    """A kernel that is told of a disk which the machine has not got."""
    done = run("echo", "up", options=["--qemu", "-append 'log=semihosting loglevel=error home=vda'"])
    assert (done.stdout, done.returncode) == (b"up\n", 0)
    assert b"/disk is not kept on vda" in done.stderr
