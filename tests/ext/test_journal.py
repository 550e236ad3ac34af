"""The journal: what debugfs wrote into it is replayed as e2fsck does it, in every format; and ours is read by debugfs."""

import random
import subprocess
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.ext.support import Mounted, debugfs, make, repair
from tests.hosttools import tool
from tests.vfs.support import outcome
from tests.vfs.xv6image import RamDisk
from vfs.ext.mount import mount_disk
from vfs.ext.transaction import Transaction

BLOCK = 1024
MAGIC = b"\xc0\x3b\x39\x98"
FIRST = 6000
"""Blocks that nothing uses."""


def with_transactions(data: bytes, opening: str, requests: list[str], contents: bytes) -> bytes:
    """An image after debugfs wrote into its journal; `contents` is the file that jw reads blocks from."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(data)
        Path(folder, "contents").write_bytes(contents)
        lines = [opening, *(request.replace("FILE", f"{folder}/contents") for request in requests), "jc"]
        Path(folder, "requests").write_text("\n".join(lines) + "\n")
        subprocess.run([tool("debugfs"), "-w", "-f", f"{folder}/requests", str(image)], capture_output=True, check=True, timeout=60)
        return image.read_bytes()


def blocks(data: bytes) -> list[bytes]:
    return [data[number * BLOCK : (number + 1) * BLOCK] for number in range(FIRST, FIRST + 60)]


def numbers(first: int, count: int) -> str:
    return ",".join(str(number) for number in range(first, first + count))


SCRIPTS = {
    "one transaction": [f"jw -b {numbers(FIRST, 10)} FILE"],
    "many blocks": [f"jw -b {numbers(FIRST, 60)} FILE"],
    "later ones win": [f"jw -b {numbers(FIRST, 10)} FILE", f"jw -b {numbers(FIRST + 5, 3)} FILE"],
    "revoked": [f"jw -b {numbers(FIRST, 10)} FILE", f"jw -b {FIRST + 20} -r {numbers(FIRST + 2, 3)} FILE", f"jw -b {FIRST + 3} FILE"],
    "not committed": [f"jw -b {numbers(FIRST, 10)} FILE", f"jw -c -b {numbers(FIRST + 30, 4)} FILE"],
}
FORMATS = {
    "plain": ("jo", ["-O", "^metadata_csum,^64bit"]),
    "64bit": ("jo", ["-O", "^metadata_csum,64bit"]),
    "checksums 2": ("jo -c -v 2", ["-O", "metadata_csum,^64bit"]),
    "checksums 3": ("jo -c -v 3", ["-O", "metadata_csum,^64bit"]),
    "checksums 3, 64bit": ("jo -c -v 3", ["-O", "metadata_csum,64bit"]),
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_journal_is_replayed_as_e2fsck_does_it(form: str, name: str) -> None:
    opening, options = FORMATS[form]
    contents = bytearray(random.Random(3).randbytes(60 * BLOCK))
    contents[2 * BLOCK : 2 * BLOCK + 4] = MAGIC
    dirty = with_transactions(make("ext4-1k", options=options), opening, SCRIPTS[name], bytes(contents))
    expected = repair(dirty)
    assert expected is not None
    assert blocks(expected) != blocks(dirty)
    volume = Mounted(dirty)
    assert blocks(bytes(volume.disk.data)) == blocks(expected)
    volume.unmount()


def test_a_journal_on_a_device_that_cannot_be_written_is_replayed_in_memory() -> None:
    volume = Mounted(make())
    volume.tree.mkdir(b"/d")
    volume.fs.volume.commit()
    dirty = bytes(volume.disk.data)
    again = Mounted(dirty, read_only=True)
    assert again.tree.stat(b"/d").nlink == 2
    assert again.disk.data == dirty
    again.tree.close()


@pytest.mark.parametrize("place", [0, 4, 12, 30, 100, 1000])
def test_a_damaged_transaction_is_not_replayed(place: int) -> None:
    """Where there are checksums, a flipped bit in a transaction ends the journal before it, or is an error: nothing false is restored."""
    contents = random.Random(4).randbytes(10 * BLOCK)
    dirty = bytearray(with_transactions(make(), "jo -c -v 3", [f"jw -b {numbers(FIRST, 10)} FILE"], contents))
    start = dirty.find(MAGIC + (1).to_bytes(4, "big"))
    dirty[start + place] ^= 4
    disk = RamDisk(bytes(dirty))
    assert outcome(mount_disk, disk) in ("ok", "EIO", "EINVAL")
    assert blocks(bytes(disk.data)) == blocks(bytes(dirty))


def test_what_we_write_into_a_journal_others_can_read() -> None:
    volume = Mounted(make())
    for number in range(3):
        volume.tree.mkdir(b"/d%d" % number)
        volume.fs.volume.commit()
    volume.tree.rmdir(b"/d1")
    volume.fs.free_unused()
    volume.fs.volume.commit()
    log = debugfs(bytes(volume.disk.data), "logdump -a")
    assert log.count("type 1 (descriptor block)") == 4
    assert log.count("type 2 (commit block)") == 4
    assert log.count("type 5 (revoke table)") == 1
    volume.unmount()


def test_a_journal_that_runs_full_goes_round() -> None:
    volume = Mounted(make())
    for turn in range(90):
        for number in range(12):
            volume.tree.mkdir(b"/%d-%d" % (turn, number))
        volume.fs.volume.commit()
        for number in range(12):
            volume.tree.rmdir(b"/%d-%d" % (turn, number))
    dirty = bytes(volume.disk.data)
    volume.unmount()
    again = Mounted(dirty)
    assert again.tree.names(b"/") == [b"lost+found"] or len(again.tree.names(b"/")) == 13
    again.unmount()


def test_a_disk_that_fails_in_the_middle_of_a_commit_is_only_read_from_then_on() -> None:
    volume = Mounted(make())
    volume.tree.mkdir(b"/before")
    volume.fs.sync()
    volume.tree.mkdir(b"/after")
    volume.disk.writes_left = 3
    assert outcome(volume.fs.volume.commit) == "EIO"
    volume.disk.writes_left = -1
    assert outcome(volume.tree.mkdir, b"/more") == "EROFS"
    assert volume.tree.stat(b"/before").nlink == 2
    volume.tree.close()
    again = Mounted(bytes(volume.disk.data))
    assert again.tree.stat(b"/before").nlink == 2
    assert outcome(again.tree.stat, b"/after") == "ENOENT"
    again.unmount()


def test_a_transaction_for_which_memory_ran_out_is_written_again() -> None:
    volume = Mounted(make())
    volume.tree.write(b"/file", b"content")
    volume.fs.sync()
    volume.tree.rename(b"/file", b"/renamed")
    log = volume.fs.volume.log
    write = log.write
    attempts: list[bool] = []

    def short_of_memory(transaction: Transaction, images: dict[int, bytearray]) -> None:
        """Too late for the first attempt to be undone, too early for the second to have begun."""
        attempts.append(True)
        if len(attempts) != 2:
            write(transaction, images)
        if len(attempts) < 3:
            raise MemoryError

    with patch.object(log, "write", short_of_memory):
        volume.fs.volume.commit()
    again = Mounted(bytes(volume.disk.data))
    assert (again.tree.names(b"/"), again.tree.read(b"/renamed")) == ([b"lost+found", b"renamed"], b"content")
    again.unmount()
    volume.tree.close()
