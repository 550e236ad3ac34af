"""`scarlet run --disk`: what one machine leaves in /home and /data the next one finds, whichever ABI wrote it, in both worlds."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from scarlet.cli import diskimage
from scarlet.cli.diskimage import Kind
from scarlet.cli.errors import Status
from tests.hosttools import tool
from tests.qemu.conftest import COMMAND, LIMIT_S, ROOT, Run

SIZE = 32 << 20


@pytest.fixture
def ext4(tmp_path: Path) -> Path:
    path = tmp_path / "ext4.img"
    diskimage.create(path, SIZE, Kind.EXT4)
    return path


def require_sound(path: Path) -> None:
    done = subprocess.run([*COMMAND[:-1], "disk", "check", str(path)], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stdout.decode()


def write_and_read_by_turns(run_anywhere: Run, disk: Path) -> None:
    """A boot of each ABI's shell writes a file, and finds those of the boots before."""
    on_disk = ["--disk", str(disk)]
    done = run_anywhere("sh", "-c", "mkdir /home/d; echo linux >/home/d/l", options=on_disk)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    done = run_anywhere("sh", "-c", "cat /home/d/l; echo native > /home/d/n", options=[*on_disk, "--shell", "native"])
    assert (done.stdout, done.stderr, done.returncode) == (b"linux\n", b"", 0)
    done = run_anywhere("sh", options=[*on_disk, "--shell", "xv6"], stdin=b"cat /home/d/l /home/d/n\necho xv6 > /home/d/x\n")
    assert b"linux\nnative\n" in done.stdout
    assert done.returncode == 0
    done = run_anywhere("sh", "-c", "cd /home/d; cat l n x; rm l", options=on_disk)
    assert (done.stdout, done.stderr, done.returncode) == (b"linux\nnative\nxv6\n", b"", 0)
    assert run_anywhere("ls", "/home/d", options=on_disk).stdout == b"n\nx\n"
    require_sound(disk)


def test_each_abi_writes_what_the_others_read_after_the_next_boot(run_anywhere: Run, ext4: Path) -> None:
    write_and_read_by_turns(run_anywhere, ext4)


@pytest.mark.qemu
@pytest.mark.parametrize("kind", [Kind.EXT2, Kind.XV6], ids=lambda kind: kind.value)
def test_the_same_on_other_file_systems(run: Run, tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "disk,=1.img"
    diskimage.create(path, SIZE, kind)
    write_and_read_by_turns(run, path)


@pytest.mark.qemu
def test_changes_to_the_system_stay_with_their_abi(run: Run, ext4: Path) -> None:
    """/data keeps the upper layers of the views: what was changed, and what was removed."""
    on_disk = ["--disk", str(ext4)]
    change = "rm /etc/issue /bin/ls 2>/dev/null; echo mine >/etc/motd; mkdir -m 700 /opt; echo 'echo ran' >/opt/tool; chmod 755 /opt/tool"
    run("sh", "-c", f"{change}; stat -c '%a %i' /etc/motd >/home/before", options=on_disk)
    look = "cat /etc/motd; test -e /bin/ls || echo gone; stat -c %a /opt; sh /opt/tool; stat -c '%a %i' /etc/motd | cmp - /home/before"
    done = run("sh", "-c", look, options=on_disk)
    assert (done.stdout, done.stderr) == (b"mine\ngone\n700\nran\n", b"")
    done = run("sh", "-c", "cat /etc/motd", options=[*on_disk, "--shell", "native"])
    assert b"mine" not in done.stdout, "another ABI's root"
    require_sound(ext4)


@pytest.mark.qemu
def test_a_program_that_lies_on_the_disk_is_run(run: Run, ext4: Path) -> None:
    on_disk = ["--disk", str(ext4)]
    run("sh", "-c", "mkdir /home/w; printf '#!/bin/sh\\necho $PWD\\n' >/home/w/tool; chmod 755 /home/w/tool", options=on_disk)
    done = run("./tool", options=[*on_disk, "--cwd", "/home/w"])
    assert (done.stdout, done.stderr, done.returncode) == (b"/home/w\n", b"", 0)


@pytest.mark.qemu
def test_added_files_are_copied_onto_the_disk(run: Run, ext4: Path, tmp_path: Path) -> None:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "file").write_bytes(b"x" * 100_000)
    (tmp_path / "tree" / "link").symlink_to("sub/file")
    (tmp_path / "tree" / "sub" / "file").chmod(0o640)
    on_disk = ["--disk", str(ext4)]
    run("true", options=[*on_disk, "--add", f"{tmp_path / 'tree'}:/home/tree"])
    done = run("sh", "-c", "wc -c </home/tree/link; stat -c %a /home/tree/sub/file; readlink /home/tree/link", options=on_disk)
    assert done.stdout == b"100000\n640\nsub/file\n"
    (tmp_path / "tree" / "sub" / "file").write_bytes(b"new")
    done = run("cat", "/home/tree/link", options=[*on_disk, "--add", f"{tmp_path / 'tree'}:/home/tree"])
    assert done.stdout == b"new"


@pytest.mark.qemu
def test_a_disk_is_made_on_first_use(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.img"
    done = run("sh", "-c", "echo kept >/home/f", options=["--disk", str(path)])
    assert b"is new: 1 GiB, ext4" in done.stderr
    assert path.stat().st_blocks * 512 < path.stat().st_size // 4, "it takes little room yet"
    assert run("cat", "/home/f", options=["--disk", str(path)]).stdout == b"kept\n"


@pytest.mark.qemu
def test_two_machines_on_one_disk(run: Run, ext4: Path) -> None:
    first = subprocess.Popen(
        [*COMMAND, "--timeout", str(LIMIT_S), "--disk", str(ext4), "--", "sh", "-c", "echo up; cat"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert first.stdin is not None
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == b"up\n"
        done = run("true", options=["--disk", str(ext4)])
        assert done.returncode == Status.USAGE
        assert done.stderr == f"scarlet: {ext4} is in use by a machine that runs; two machines cannot share a disk\n".encode()
    finally:
        first.stdin.close()
        first.wait()
    assert run("true", options=["--disk", str(ext4)]).returncode == 0


@pytest.mark.qemu
def test_a_machine_that_is_killed_lets_its_disk_go(run: Run, ext4: Path) -> None:
    command = [*COMMAND, "--disk", str(ext4), "--", "sh", "-c", "echo 1 >/home/f; sync; echo 2 >/home/g; echo up; cat"]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert first.stdout is not None
    assert first.stdout.readline() == b"up\n"
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert run("cat", "/home/f", options=["--disk", str(ext4)]).stdout == b"1\n"
    require_sound(ext4)


@pytest.mark.qemu
def test_drives_are_there_as_they_are(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.img", tmp_path / "b.img"
    first.write_bytes(b"A" * 8192)
    second.write_bytes(b"B" * 4096)
    command = "head -c 1 /dev/vda; head -c 1 /dev/vdb; echo C | dd of=/dev/vda conv=notrunc 2>/dev/null; echo C | dd of=/dev/vdb || echo no"
    done = run("sh", "-c", command, options=["--drive", str(first), "--drive", f"{second}:ro"])
    assert done.stdout == b"ABno\n"
    assert first.read_bytes()[:3] == b"C\nA"
    assert second.read_bytes() == b"B" * 4096


def injected(path: Path, *rules: str) -> list[str]:
    """QEMU's options for a disk that fails."""
    words = [f"driver=raw,node-name=bad,file.driver=blkdebug,file.image.driver=file,file.image.filename={path}"]
    for number, rule in enumerate(rules):
        words += [f"file.inject-error.{number}.{setting}" for setting in rule.split(",")]
    return ["--qemu", f"-blockdev {','.join(words)} -device virtio-blk-device,drive=bad"]


@pytest.mark.qemu
def test_an_error_of_the_disk_is_eio_to_the_caller_and_nothing_else(run: Run, tmp_path: Path) -> None:
    """The sector of one file's data cannot be read, that of another cannot be written."""
    files, image = tmp_path / "files", tmp_path / "bad.img"
    files.mkdir()
    for name in ("good", "unreadable", "unwritable"):
        (files / name).write_bytes(name.encode() * 500)
    with image.open("wb") as stream:
        stream.truncate(SIZE)
    subprocess.run([tool("mke2fs"), "-q", "-t", "ext4", "-b", "4096", "-d", str(files), str(image)], check=True)

    def sector(name: str) -> int:
        blocks = subprocess.run([tool("debugfs"), "-R", f"blocks /{name}", str(image)], capture_output=True, check=True).stdout
        return int(blocks.split()[0]) * 8

    command = """mount -t ext4 /dev/vda /mnt || exit 9
        cat /mnt/unreadable >/dev/null; echo read $?
        cmp /mnt/good /mnt/good && echo good
        dd if=/dev/zero of=/mnt/unwritable bs=4096 count=1 conv=notrunc,fsync; echo write $?
        echo more >/mnt/new && sync -f /mnt/new; cat /mnt/new
        umount /mnt; echo off $?"""
    rules = (
        f"event=none,iotype=read,errno=5,once=off,sector={sector('unreadable')}",
        f"event=none,iotype=write,errno=5,once=off,sector={sector('unwritable')}",
    )
    done = run("sh", "-c", command, options=injected(image, *rules))
    assert done.stdout == b"read 1\ngood\nwrite 1\nmore\noff 0\n"
    assert done.stderr.count(b": I/O error\n") + done.stderr.count(b": Input/output error\n") == 2
    assert done.returncode == 0
    require_sound(image)


@pytest.mark.qemu
def test_a_raw_sector_that_fails(run: Run, tmp_path: Path) -> None:
    image = tmp_path / "bad.img"
    image.write_bytes(bytes(range(256)) * 4096)
    command = """for at in 0 11 12 13 25; do
            dd if=/dev/vda of=/dev/null bs=4096 count=1 skip=$at iflag=direct 2>/dev/null; echo $at $?; done
        dd if=/dev/vda bs=65536 2>/dev/null | wc -c
        for at in 37 38; do dd if=/dev/zero of=/dev/vda bs=4096 count=1 seek=$at oflag=direct 2>/dev/null; echo w $?; done
        dd if=/dev/zero of=/dev/vda bs=4096 count=1 seek=37 conv=fsync 2>/dev/null; echo f $?"""
    rules = ("event=none,iotype=read,errno=5,once=off,sector=100", "event=none,iotype=write,errno=5,once=off,sector=300")
    done = run("sh", "-c", command, options=injected(image, *rules))
    assert done.stdout == b"0 0\n11 0\n12 1\n13 0\n25 0\n49152\nw 1\nw 0\nf 1\n"
    assert image.read_bytes()[300 * 512 : 301 * 512] == bytes(range(256)) * 2
    assert image.read_bytes()[38 * 4096 : 39 * 4096] == bytes(4096)
