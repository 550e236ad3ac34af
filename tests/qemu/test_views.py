"""Views from the inside: what a shell may do where, overlays and binds that programs mount themselves, who is confined."""

import pytest

from tests.qemu.conftest import Run

SCRIPT = r"""
try() {
    name=$1; shift
    "$@" >/tmp/out 2>&1 && echo "$name: ok" && return
    grep -o 'Read-only file system\|Device or resource busy\|Invalid argument' /tmp/out | sed "s|^|$name: |"
}
mkdir /tmp/t; cd /tmp/t; mkdir l u w m b; echo low >l/f; echo low >l/g
try overlay mount -t overlay -o lowerdir=/tmp/t/l,upperdir=/tmp/t/u,workdir=/tmp/t/w none m
try same-upper mount -t overlay -o lowerdir=/tmp/t/l,upperdir=/tmp/t/u,workdir=/tmp/t/w none b
try no-work mount -t overlay -o lowerdir=/tmp/t/l,upperdir=/tmp/t/u none b
echo high >m/f; rm m/g; mv m/f m/h; echo lower $(cat l/f l/g) merged $(ls m) upper $(ls u)
try umount umount m
mount --bind l b; echo bound $(cat b/f); mount -o remount,bind,ro b
for how in "touch b/new" "rm b/f" "chmod 0 b/f" "mv b/f b/e" "ln b/f b/e" "truncate -s 0 b/f" "mkdir b/d" "touch b/f"
do try "ro $how" $how; done
exec 3>>l/f; try "ro with a writer" mount -o remount,bind,ro,noatime b; exec 3>&-; umount b
exec 3>/root/open; try "root busy" mount -o remount,bind,ro /; exec 3>&-; try "root ro" mount -o remount,bind,ro /
try "write" touch /root/x; mount -o remount,bind,rw /; try "rewrite" touch /root/x
for path in /scarlet/home/x /scarlet/system/linux-riscv64/bin/x /scarlet/data/config/linux-riscv64/x /scarlet/dev/x
do try "$path" touch $path; done
try "device" sh -c 'echo >/scarlet/dev/null'
echo changed >/etc/hostname; cat /scarlet/data/config/linux-riscv64/etc/hostname /scarlet/system/linux-riscv64/etc/hostname
awk '$5 == "/" { print $8, $9 }' /proc/self/mountinfo; grep -c ' /home ' /proc/mounts
mkdir -p jail/bin; cp /bin/busybox jail/bin; cp /scarlet/system/scarlet/bin/ls jail; echo jail $(chroot jail /ls)
"""
EXPECTED = """overlay: ok
same-upper: Device or resource busy
no-work: Invalid argument
lower low low merged h upper f g h
umount: ok
bound low
ro touch b/new: Read-only file system
ro rm b/f: Read-only file system
ro chmod 0 b/f: Read-only file system
ro mv b/f b/e: Read-only file system
ro ln b/f b/e: Read-only file system
ro truncate -s 0 b/f: Read-only file system
ro mkdir b/d: Read-only file system
ro touch b/f: Read-only file system
ro with a writer: ok
root busy: Device or resource busy
root ro: ok
write: Read-only file system
rewrite: ok
/scarlet/home/x: Read-only file system
/scarlet/system/linux-riscv64/bin/x: Read-only file system
/scarlet/data/config/linux-riscv64/x: Read-only file system
/scarlet/dev/x: Read-only file system
device: ok
changed
scarlet
overlay overlay
1
jail bin ls
"""


@pytest.fixture(scope="module")
def answers(run_anywhere: Run) -> list[str]:
    done = run_anywhere("sh", "-c", SCRIPT)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


def test_mounts_and_views_answer_as_linux_would(answers: list[str]) -> None:
    assert answers == EXPECTED.splitlines()
