"""Running one script in a world: the scene that it finds, its calls, and what is told of them."""

import platform
import struct
from collections.abc import Callable
from typing import Final

from tests.abi.campaign.calls import RESULT_IS_OURS, UNTOLD, Call, Script
from tests.abi.campaign.memory import (
    END,
    FILLING,
    HOLE,
    PAGE,
    PATHS,
    PLAYGROUND,
    READ_ONLY,
    SCRATCH,
    STRUCTS,
    path,
    paths_page,
    structs_page,
)
from tests.abi.campaign.worlds import AT_FDCWD, Run, World

USER = 1000
NONBLOCK, RDWR, CREATE, DIRECTORY, O_PATH, NOFOLLOW = 0o4000, 2, 0o100, 0o200000, 0o10000000, 0o400000
RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_NICE, RLIMIT_RTPRIO, SS_DISABLE = 4, 7, 8, 13, 14, 2
PR_SET_NAME, CAPABILITY_VERSION = 15, 0x20080522
CAPABILITIES = (0xFEFFFFFF, 0xFEFFFFFF, 0, 0x1FF, 0x1FF, 0)
"""Effective, permitted and inheritable, the low words first: all of them but CAP_SYS_RESOURCE, which root has not got everywhere."""
FAR = 1 << 36
"""Addresses above are the world's own choice."""
MAX_ERRNO = 4095


def runner(script: Script, *, as_user: bool) -> Run:
    """The script as a function of the world. It gives a list with an entry for each call: what it answered, and what it stored."""

    def run(world: World) -> list[object]:
        arrange(world, as_user=as_user)
        return [answer(world, call) for call in script]

    return run


def answer(world: World, call: Call) -> list[object]:
    name, arguments = call
    world.put(SCRATCH, FILLING)
    world.put(STRUCTS, structs_page())
    result = world.call(name, *arguments)
    if name in UNTOLD or result < 0:
        stored = ""
    elif name in STRUCTURES and result == 0:
        stored = STRUCTURES[name](world, arguments)
    else:
        stored = changes(SCRATCH, FILLING, world.get(SCRATCH, len(FILLING))) + changes(STRUCTS, structs_page(), world.get(STRUCTS, PAGE))
    if result >= FAR or (result >= 0 and name in RESULT_IS_OURS):
        result = 1
    return [result, stored]


def changes(start: int, before: bytes, after: bytes) -> str:
    """Where the bytes differ, and what is there now."""
    places = [index for index in range(len(before)) if before[index] != after[index]]
    if not places:
        return ""
    return f"{start + places[0]:#x}: {after[places[0] : places[-1] + 1][:40].hex()} ({len(places)})"


def stat_fields(world: World, arguments: tuple[int, ...]) -> str:
    """Type, mode, links, owners, device and size (of files): struct stat of both worlds says these in its own places."""
    data = world.get(arguments[1 if len(arguments) == 2 else 2], 128)
    if world.is_linux and platform.machine() == "x86_64":
        nlink, mode, uid, gid, _pad, rdev, size, blksize, blocks = struct.unpack_from("<QIIIIQqqq", data, 16)
    else:
        mode, nlink, uid, gid, rdev, _pad, size, blksize, _pad2, blocks = struct.unpack_from("<IIIIQQqiiq", data, 16)
    kind = mode >> 12
    told = f"{mode:o} links {nlink} {uid}:{gid} device {rdev:#x}"
    return told + (f" size {size} blocks {blocks} of {blksize}" if kind == 8 else "")


def statx_fields(world: World, arguments: tuple[int, ...]) -> str:
    """The same of struct statx, and whether it is where a file system is mounted. (Some times are told without having been asked for.)"""
    data = world.get(arguments[4], 256)
    mask, blksize, attributes, nlink, uid, gid, mode = struct.unpack_from("<IIQIIIH", data)
    size, blocks = struct.unpack_from("<QQ", data, 40)
    major, minor = struct.unpack_from("<II", data, 128)
    told = f"{mask & 0x73F:#x} {mode:o} links {nlink} {uid}:{gid} device {major}:{minor} attributes {attributes:#x}"
    return told + (f" size {size} blocks {blocks} of {blksize}" if mode >> 12 == 8 else "")


def statfs_fields(world: World, arguments: tuple[int, ...]) -> str:
    """Kind of file system, size of a block and longest name."""
    kind, size, _blocks, _free, _available, _files, _free_files, _identity, longest = struct.unpack_from("<9Q", world.get(arguments[1], 72))
    return f"kind {kind:#x} blocks of {size} names of {longest}"


STRUCTURES: Final[dict[str, Callable[[World, tuple[int, ...]], str]]] = {
    "fstat": stat_fields,
    "newfstatat": stat_fields,
    "statx": statx_fields,
    "statfs": statfs_fields,
    "fstatfs": statfs_fields,
}
"""What is told of a structure, where the worlds have fields of their own in it."""


# --- the scene --------------------------------------------------------------------------------------------------------------


def arrange(world: World, *, as_user: bool) -> None:
    """Memory, files, and descriptors 0 to 20; privileges are given up if wanted."""
    call = world.call
    world.put(PATHS, paths_page())
    world.put(STRUCTS, structs_page())
    world.put(SCRATCH, bytes(range(256)) * 32)
    world.put(READ_ONLY, b"unchangeable" + bytes(PAGE - 12))
    world.put(PLAYGROUND, b"p" * (END - PLAYGROUND))
    made = [
        call("mprotect", READ_ONLY, PAGE, 1),
        call("munmap", HOLE, PAGE),
        call("munmap", READ_ONLY + PAGE, PAGE),
        call("umask", 0) & 0,
    ]
    for name, mode in ((b"dir", 0o755), (b"dir/sub", 0o755), (b"closed", 0o700), (b"own", 0o755), (b"sticky", 0o1777)):
        made.append(call("mkdirat", AT_FDCWD, path(name), mode))
    for name, mode, size in (
        (b"file", 0o666, 8192),
        (b"dir/a", 0o644, 100),
        (b"read-only", 0o444, 10),
        (b"secret", 0o600, 10),
        (b"own/mine", 0o600, 10),
        (b"sticky/theirs", 0o666, 5),
    ):
        fd = call("openat", AT_FDCWD, path(name), RDWR | CREATE, mode)
        made.append(call("write", fd, SCRATCH, size) - size)
        made.append(call("close", fd))
    made.append(call("truncate", path(b"file"), 10000))
    made.append(call("fchmodat", AT_FDCWD, path(b"file"), 0o666))
    made.append(call("fchmodat", AT_FDCWD, path(b"sticky"), 0o1777))
    made.append(call("mknodat", AT_FDCWD, path(b"fifo"), 0o10666, 0))
    for target, name in ((b"file", b"link"), (b"dir", b"dir-link"), (b"none", b"dangling"), (b"loop", b"loop")):
        made.append(call("symlinkat", path(target), AT_FDCWD, path(name)))
    for name in (b"own", b"own/mine"):
        made.append(call("fchownat", AT_FDCWD, path(name), USER, USER, 0))
    world.put(SCRATCH, struct.pack("<4Q", 64, 64, 0, 0))
    made.append(call("prlimit64", 0, RLIMIT_NOFILE, SCRATCH, 0))
    for resource in (RLIMIT_CORE, RLIMIT_NICE, RLIMIT_RTPRIO):
        made.append(call("prlimit64", 0, resource, SCRATCH + 16, 0))
    world.put(SCRATCH, struct.pack("<2Q", 65536, 65536))
    made.append(call("prlimit64", 0, RLIMIT_MEMLOCK, SCRATCH, 0))
    world.put(SCRATCH, struct.pack("<QiiQ", 0, SS_DISABLE, 0, 0))
    made.append(call("sigaltstack", SCRATCH, 0))
    made.append(call("umask", 0o22) & 0)
    world.put(SCRATCH, b"script\0")
    made.append(call("prctl", PR_SET_NAME, SCRATCH, 0, 0, 0))
    world.put(SCRATCH, struct.pack("<8I", CAPABILITY_VERSION, 0, *CAPABILITIES))
    made.append(call("capset", SCRATCH, SCRATCH + 8))
    assert not any(made), made
    descriptors(world)
    assert call("setgroups", 0, 0) == 0
    if as_user:
        assert [call("setresgid", USER, USER, USER), call("setresuid", USER, USER, USER)] == [0, 0]


def descriptors(world: World) -> None:
    """One of each kind, at its number."""
    opened: list[int] = []

    def open(name: bytes, flags: int) -> None:
        opened.append(world.call("openat", AT_FDCWD, path(name), flags, 0))

    def pair(name: str, *arguments: int) -> None:
        assert world.call(name, *arguments) == 0
        opened.extend(struct.unpack("<2i", world.get(SCRATCH, 8)))

    open(b"file", RDWR)  # 0
    open(b"file", 0)  # 1
    open(b"file", 1 | 0o2000)  # 2, to append
    open(b"dir", DIRECTORY)  # 3
    pair("pipe2", SCRATCH, NONBLOCK)  # 4, 5
    open(b"/dev/null", RDWR)  # 6
    open(b"/dev/full", RDWR)  # 7
    open(b"file", O_PATH)  # 8
    open(b"link", O_PATH | NOFOLLOW)  # 9
    pair("socketpair", 1, 1 | NONBLOCK, 0, SCRATCH)  # 10, 11
    opened.append(world.call("memfd_create", path(b"a"), 2))  # 12
    open(b"/proc/sys/kernel/ostype", 0)  # 13
    opened.append(world.call("openat", AT_FDCWD, path(b"dir/sub"), DIRECTORY, 0))  # 14
    open(b"fifo", RDWR | NONBLOCK)  # 15
    opened.append(world.call("socket", 1, 2 | NONBLOCK, 0))  # 16
    open(b"dir", O_PATH)  # 17
    open(b"secret", RDWR)  # 18
    assert opened == list(range(19)), opened
    world.call("write", 5, SCRATCH, 100)
    world.call("write", 10, SCRATCH, 50)
    world.call("write", 12, SCRATCH, 1000)
