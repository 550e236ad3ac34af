"""The two kernels that the benchmarks run on, each on a QEMU of the same shape, with the same programs in its image."""

import re
import selectors
import shlex
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import cpio, framing, image, kernel, packages, program, qemu, runfile, views
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, VIEWS
from tests.bench import modules, toolchain

FOLDER = BUILD / "bench"
LIMIT_S = 900
LINE = re.compile(r"^(\w+) (-|[0-9.]+) (us|ns|MB/s|unsupported)$", re.MULTILINE)
LINUX_COMMAND_LINE = "console=ttyS0 quiet loglevel=0 cryptomgr.notests lpj=40000 rdinit=/init panic=-1"


@dataclass(frozen=True)
class Result:
    """One figure; None when the kernel lacks what it measures."""

    value: float | None
    unit: str


def parse(text: str) -> dict[str, Result]:
    """rvbench's lines `name value unit`; `name - unsupported`."""
    results: dict[str, Result] = {}
    for name, value, unit in LINE.findall(text):
        results[name] = Result(None, "") if value == "-" else Result(float(value), unit)
    return results


class Contestant:
    """A kernel, and how to start one program on it."""

    name = ""

    def __init__(self, memory: str, *, instructions: bool, hardware: list[str] | None = None) -> None:
        self.memory_mib = qemu.parse_memory(memory)
        self.hardware = hardware or []
        """QEMU's arguments for devices beyond those that both always have."""
        self.files: list[Entry] = []
        """What the benchmark needs in the image beside the usual."""
        self.counting = ["-icount", "shift=0,sleep=off"] if instructions else []
        FOLDER.mkdir(parents=True, exist_ok=True)

    def command(self, arguments: list[str]) -> list[str]:
        """QEMU's command line that runs a program of the image as the first one, its output on standard output."""
        raise NotImplementedError

    def boot_time(self) -> Result:
        """Milliseconds from QEMU's start to the first word of the first program (its exec and one write included)."""
        started = time.monotonic()
        with subprocess.Popen(self.command(["/bin/first"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0) as process:
            try:
                self._read_until(process, b"first", 60)
                elapsed = time.monotonic() - started
            finally:
                process.kill()
        return Result(elapsed * 1000, "ms")

    def benchmarks(self, names: list[str]) -> dict[str, Result]:
        """What rvbench measures, in one boot."""
        return self.results(["/bin/rvbench", "-d", "/tmp", *(name for name in names if name != "boot")])

    def results(self, arguments: list[str]) -> dict[str, Result]:
        """The figures that a program of the image prints, in one boot."""
        text = self.output(arguments)
        results = parse(text)
        if not results:
            raise UserError(f"{self.name} gave no result; its last words: {text[-400:]!r}")
        return results

    def output(self, arguments: list[str]) -> str:
        """What a program of the image prints, in one boot."""
        command = self.command(arguments)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0) as process:
            try:
                output = self._read_until(process, b"", LIMIT_S)
            finally:
                process.kill()
        return output.rpartition(framing.PROGRAM_STARTS)[2].decode(errors="replace").replace("\r", "")

    def _read_until(self, process: subprocess.Popen[bytes], word: bytes, limit_s: float) -> bytes:
        """Output up to a word, or to its end when there is none to wait for."""
        assert process.stdout is not None
        deadline = time.monotonic() + limit_s
        output = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not word or word not in output:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise UserError(f"{self.name} is silent; its last words: {output[-400:]!r}")
                piece = process.stdout.read(65536)
                if not piece:
                    if word:
                        raise UserError(f"{self.name} stopped; its last words: {output[-400:]!r}")
                    break
                output += piece
        return output

    def machine(self, elf: Path, initrd: Path, command_line: str) -> list[str]:
        return [
            qemu.find(), "-machine", "virt", "-m", f"{self.memory_mib}M", "-smp", "1", "-nodefaults", "-display", "none", "-no-reboot",
            "-global", "virtio-mmio.force-legacy=false", "-serial", "stdio", "-semihosting-config", "enable=on,target=native",
            "-kernel", str(elf), "-initrd", str(initrd), "-append", command_line, *self.counting, *self.hardware,
        ]  # fmt: skip


def _program(path: str, data: bytes) -> Entry:
    return Entry(path, stat.S_IFREG | 0o755, data)


class Linux(Contestant):
    """Debian's kernel for riscv64, with an initramfs of busybox and the benchmarks, and the modules that the benchmark needs."""

    name = "linux"

    def __init__(self, memory: str, *, instructions: bool, hardware: list[str] | None = None, needs: list[str] | None = None) -> None:
        super().__init__(memory, instructions=instructions, hardware=hardware)
        package = packages.fetch_dependency("linux-image-riscv64")
        self.elf = FOLDER / f"vmlinux-{package.name}"
        if not self.elf.exists():
            (_member, data) = packages.extract(package, {"kernel": "boot/vmlinux-*"})["kernel"]
            self.elf.write_bytes(data)
        self.modules = modules.in_load_order(package, needs or [])

    def command(self, arguments: list[str]) -> list[str]:
        initrd = FOLDER / "linux.cpio"
        if arguments == ["/bin/first"]:
            init = _program("/init", toolchain.build("first"))
        else:
            script = [
                "#!/bin/sh",
                "mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t tmpfs tmp /tmp",
                *(f"insmod /modules/{name}.ko" for name, _ in self.modules),
                shlex.join(arguments),
                "poweroff -f\n",
            ]
            init = _program("/init", "\n".join(script).encode())
        nodes = [Entry("/dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1)), Entry("/dev/null", stat.S_IFCHR | 0o666, rdev=(1, 3))]
        seen = image.seen_by_linux()
        loadable = [Entry(f"/modules/{name}.ko", stat.S_IFREG | 0o644, data) for name, data in self.modules]
        for entry in [*_benchmarks(), *self.files, *nodes, *loadable, init]:
            seen.add(entry)
        initrd.write_bytes(cpio.write(entry for entry in seen.entries.values() if not entry.path.startswith("/scarlet/")))
        return self.machine(self.elf, initrd, LINUX_COMMAND_LINE)


class Scarlet(Contestant):
    """This checkout's kernel, on the image of `scarlet run`."""

    name = "scarlet"

    def __init__(self, memory: str, *, instructions: bool, hardware: list[str] | None = None) -> None:
        super().__init__(memory, instructions=instructions, hardware=hardware)
        self.elf = kernel.ensure()

    def command(self, arguments: list[str]) -> list[str]:
        record = runfile.RunFile(arguments[0], arguments, {"PATH": "/bin"}, cwd="/tmp")
        initrd = FOLDER / "scarlet.cpio"
        run_file = Entry(runfile.PATH, stat.S_IFREG | 0o400, record.encode())
        finished = image.with_additions(image.base_archive(), [*_benchmarks(), *self.files], views.read(VIEWS).of(views.LINUX), [run_file])
        program.check(finished.seen, arguments[0])
        initrd.write_bytes(finished.archive)
        return self.machine(self.elf, initrd, "log=semihosting loglevel=error")


def _benchmarks() -> list[Entry]:
    return [_program(f"/bin/{name}", toolchain.build(name)) for name in ("rvbench", "iobench", "smallfiles", "timed", "hello", "first")]
