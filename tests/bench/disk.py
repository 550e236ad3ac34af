"""scripts/bench disk: reading and writing a virtio disk, raw and through ext4, on Scarlet and on Debian's Linux kernel, side by side.

Both get the same two disks on the same QEMU: one is used as it is, one holds an ext4 file system made by mke2fs. Which is /dev/vda depends
on the order in which a kernel looks for them, so the guest tells them by their sizes. Sequential transfers are of 64 KiB (1 MiB where the
page cache is passed by), random reads of 4 KiB. Many small files: what making, looking at, reading, renaming and removing one of them
costs, and what busybox takes to unpack, copy, walk and remove a tree of them, with a sync(1) where something was changed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scarlet.cli import diskimage
from scarlet.cli.errors import UserError
from tests.bench import report
from tests.bench.machines import Contestant, Linux, Result, Scarlet

MIB = 1 << 20
RAW_MIB = 256
FORMATTED_MIB = 512
DISKS = {"raw": RAW_MIB, "formatted": FORMATTED_MIB}
"""Variables of the guest's shell, and the sizes by which it finds them."""
TRANSFERS = [
    ("raw_read_direct", "$raw 128 1048576 rd"),
    ("raw_write_direct", "$raw 128 1048576 wd"),
    ("raw_read4k_random", "$raw 32 4096 Rd"),
    ("raw_read", "$raw 128 65536 r"),
    ("raw_write", "$raw 64 65536 wf"),
    ("ext4_write", "/mnt/file 64 65536 wf"),
    ("ext4_read", "/mnt/file 64 65536 r"),
    ("ext4_read4k_random", "/mnt/file 64 4096 R"),
    ("ext4_read4k_direct", "/mnt/file 32 4096 Rd"),
]
"""Name, and what iobench does: path, MiB, bytes a call, mode."""
TREE = "/bin/smallfiles - /tmp/tree 1000 keep; busybox tar cf /tmp/tree.tar -C /tmp tree; rm -r /tmp/tree"
FILES = [
    ("ext4_files", "/bin/smallfiles ext4_files /mnt/files 2000"),
    ("ext4_tree", f"{TREE}; /bin/timed ext4_tree_unpack sh -c 'tar xf /tmp/tree.tar -C /mnt && sync'"),
    ("ext4_tree", "/bin/timed ext4_tree_copy sh -c 'cp -a /mnt/tree /mnt/copy && sync'"),
    ("ext4_tree", "/bin/timed ext4_tree_walk find /mnt/tree -type f -size -1"),
    ("ext4_tree", "/bin/timed ext4_tree_remove sh -c 'rm -r /mnt/tree /mnt/copy && sync'"),
]
"""What their figures begin with, and a command."""
CASES = [*((name, f"/bin/iobench {name} {what}") for name, what in TRANSFERS), *FILES]
BAR = 1.0
MODULES = ["virtio_mmio", "virtio_blk", "crc32c_generic", "ext4"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench disk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="cases, or how their names begin (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="boots of each kernel (default 3)")
    parser.add_argument("--only", choices=["scarlet", "linux"], help="measure one side")
    parser.add_argument("--memory", default="256M", help="memory of both machines (default 256M)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    return parser.parse_args()


def make_disks(folder: Path) -> list[Path]:
    """A disk full of bytes that are no zeros, and one with an empty ext4 file system. UserError when there is no mke2fs."""
    raw, formatted = folder / "raw.img", folder / "ext4.img"
    with raw.open("wb") as stream:
        block = os.urandom(MIB)
        for _ in range(RAW_MIB):
            stream.write(block)
    with formatted.open("wb") as stream:
        stream.truncate(FORMATTED_MIB * MIB)
    command = [diskimage.tool("mke2fs"), "-q", "-t", "ext4", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(formatted)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"mke2fs: {done.stderr.strip()}")
    return [raw, formatted]


def devices(disks: list[Path]) -> list[str]:
    """QEMU's arguments."""
    out: list[str] = []
    for number, disk in enumerate(disks):
        out += ["-drive", f"file={disk},if=none,format=raw,id=disk{number}", "-device", f"virtio-blk-device,drive=disk{number}"]
    return out


def script(names: list[str]) -> str:
    """What the guest's shell does."""
    chosen = [(name, command) for name, command in CASES if not names or name.startswith(tuple(names))]
    lines = [f"{name}=/dev/$(awk '$3 == {size << 10} {{ print $4 }}' /proc/partitions)" for name, size in DISKS.items()]
    lines += ["mkdir -p /mnt; mount -t ext4 $formatted /mnt || exit"] if any("/mnt" in command for _, command in chosen) else []
    if any("/mnt/file " in command for _, command in chosen) and not any(name == "ext4_write" for name, _ in chosen):
        lines += ["[ -d /mnt/lost+found ] && dd if=/dev/zero of=/mnt/file bs=1M count=64 2>/dev/null && sync"]
    return "\n".join([*lines, *(command for _, command in chosen)])


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="scarlet-bench-") as folder:
        try:
            results = measure(options, Path(folder))
        except UserError as error:
            print(f"bench: {error.message}", file=sys.stderr)
            return error.status
    kept = report.show(results, {name: BAR for name, _, _ in report.rows(results)})
    return int(options.check and not kept)


def measure(options: argparse.Namespace, folder: Path) -> report.Results:
    hardware = devices(make_disks(folder))
    contestants: list[Contestant] = []
    if options.only != "linux":
        contestants.append(Scarlet(options.memory, instructions=False, hardware=hardware))
    if options.only != "scarlet":
        contestants.append(Linux(options.memory, instructions=False, hardware=hardware, needs=MODULES))

    def figures(contestant: Contestant) -> dict[str, Result]:
        return contestant.results(["/bin/sh", "-c", script(options.names)])

    return report.take_turns(contestants, figures, options.rounds)
