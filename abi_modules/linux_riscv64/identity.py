"""Who a process is: its numbers, group and session, users and groups, capabilities (credentials(7), capabilities(7))."""

from typing import Final

from abi_modules.linux_riscv64.declare import UserId
from executor.declare import Address, Bits, OutU32, syscall
from objects.acting import Acting
from objects.credentials import ALL_CAPABILITIES, CAP_SETGID, CAP_SETPCAP, MAX_GROUPS
from objects.jobcontrol import new_session, set_group
from objects.processes import processes
from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_bytes, load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, struct, u32, u64
from scarlet.lang.errno import EINVAL, EPERM, ESRCH

UNCHANGED: Final = 0xFFFFFFFF
"""(uid_t) -1: leave this one as it is."""


def _or_unchanged(value: u32) -> int:
    """-1 for "leave it", as objects/credentials.py has it."""
    return -1 if value == UNCHANGED else int(value)


# --- numbers, groups, sessions ------------------------------------------------------------------------------------------------


@syscall(172)
def getpid(task: Task) -> i32:
    """getpid(2)"""
    return i32(task.process.pid)


@syscall(173)
def getppid(task: Task) -> i32:
    """getppid(2)"""
    return i32(task.process.parent_pid)


@syscall(178)
def gettid(task: Task) -> i32:
    """gettid(2)"""
    return i32(task.tid)


@syscall(154)
def setpgid(task: Task, pid: i32, pgid: i32) -> None:
    """setpgid(2)"""
    set_group(task.process, int(pid), int(pgid))


@syscall(155)
def getpgid(task: Task, pid: i32) -> i32:
    """getpgid(2)"""
    process = task.process if pid == 0 else processes.get(int(pid))
    return i32(process.group.identity)


@syscall(156)
def getsid(task: Task, pid: i32) -> i32:
    """getsid(2)"""
    process = task.process if pid == 0 else processes.get(int(pid))
    return i32(process.session.identity)


@syscall(157)
def setsid(task: Task) -> i32:
    """setsid(2)"""
    return i32(new_session(task.process))


# --- users ------------------------------------------------------------------------------------------------------------------


@syscall(174)
def getuid(task: Task) -> u32:
    """getuid(2)"""
    return u32(task.credentials.uid)


@syscall(175)
def geteuid(task: Task) -> u32:
    """geteuid(2)"""
    return u32(task.credentials.euid)


@syscall(176)
def getgid(task: Task) -> u32:
    """getgid(2)"""
    return u32(task.credentials.gid)


@syscall(177)
def getegid(task: Task) -> u32:
    """getegid(2)"""
    return u32(task.credentials.egid)


@syscall(146)
def setuid(task: Task, uid: UserId) -> None:
    """setuid(2)"""
    _require_identity(uid)
    with Acting(task):
        task.credentials.set_user(int(uid))


@syscall(144)
def setgid(task: Task, gid: UserId) -> None:
    """setgid(2)"""
    _require_identity(gid)
    with Acting(task):
        task.credentials.set_group(int(gid))


def _require_identity(value: u32) -> None:
    if value == UNCHANGED:
        raise Errno(EINVAL, "-1 is nobody's identity")


@syscall(145)
def setreuid(task: Task, ruid: UserId, euid: UserId) -> None:
    """setreuid(2)"""
    with Acting(task):
        task.credentials.set_real_and_effective_user(_or_unchanged(ruid), _or_unchanged(euid))


@syscall(143)
def setregid(task: Task, rgid: UserId, egid: UserId) -> None:
    """setregid(2)"""
    with Acting(task):
        task.credentials.set_real_and_effective_group(_or_unchanged(rgid), _or_unchanged(egid))


@syscall(147)
def setresuid(task: Task, ruid: UserId, euid: UserId, suid: UserId) -> None:
    """setresuid(2)"""
    with Acting(task):
        task.credentials.set_users(_or_unchanged(ruid), _or_unchanged(euid), _or_unchanged(suid))


@syscall(149)
def setresgid(task: Task, rgid: UserId, egid: UserId, sgid: UserId) -> None:
    """setresgid(2)"""
    with Acting(task):
        task.credentials.set_group_identities(_or_unchanged(rgid), _or_unchanged(egid), _or_unchanged(sgid))


@syscall(148)
def getresuid(task: Task, ruid: OutU32, euid: OutU32, suid: OutU32) -> None:
    """getresuid(2)"""
    who = task.credentials
    _store_three(task, ruid, who.uid, euid, who.euid, suid, who.suid)


@syscall(150)
def getresgid(task: Task, rgid: OutU32, egid: OutU32, sgid: OutU32) -> None:
    """getresgid(2)"""
    who = task.credentials
    _store_three(task, rgid, who.gid, egid, who.egid, sgid, who.sgid)


def _store_three(task: Task, at: UserPtr, real: int, effective_at: UserPtr, effective: int, saved_at: UserPtr, saved: int) -> None:
    store_u32(task.space, at, real)
    store_u32(task.space, effective_at, effective)
    store_u32(task.space, saved_at, saved)


@syscall(151)
def setfsuid(task: Task, fsuid: UserId) -> u32:
    """setfsuid(2): the previous one, whether it was changed or not."""
    if fsuid == UNCHANGED:
        return u32(task.credentials.fsuid)
    with Acting(task):
        return u32(task.credentials.set_file_user(int(fsuid)))


@syscall(152)
def setfsgid(task: Task, fsgid: UserId) -> u32:
    """setfsgid(2): the previous one, whether it was changed or not."""
    if fsgid == UNCHANGED:
        return u32(task.credentials.fsgid)
    with Acting(task):
        return u32(task.credentials.set_file_group(int(fsgid)))


@syscall(158)
def getgroups(task: Task, size: i32, list_: Address) -> i32:
    """getgroups(2): with size 0 only their number."""
    groups = task.credentials.groups
    if size < 0 or 0 < size < len(groups):
        raise Errno(EINVAL, "more groups than that")
    if size > 0 and len(groups) > 0:
        store_bytes(task.space, list_, b"".join([group.to_bytes(4, "little") for group in groups]))
    return i32(len(groups))


@syscall(159)
def setgroups(task: Task, size: i32, list_: Address) -> None:
    """setgroups(2)"""
    task.credentials.require(CAP_SETGID, "setting groups needs CAP_SETGID")
    if not 0 <= size <= MAX_GROUPS:
        raise Errno(EINVAL, "too many groups")
    groups: list[int] = []
    for index in range(int(size)):
        group = load_u32(task.space, u64(list_ + u64(4 * index)))
        if group == UNCHANGED:
            raise Errno(EINVAL, "no group has this number")
        groups.append(group)
    task.credentials.set_supplementary_groups(groups)


# --- capabilities -----------------------------------------------------------------------------------------------------------

CAPABILITY_VERSION_1: Final = 0x19980330
CAPABILITY_VERSION_2: Final = 0x20071026
CAPABILITY_VERSION_3: Final = 0x20080522


@struct
class CapHeader:
    """struct __user_cap_header_struct"""

    version: u32
    pid: i32


@struct
class CapData:
    """struct __user_cap_data_struct: 32 capabilities; versions 2 and 3 have two of them"""

    effective: u32
    permitted: u32
    inheritable: u32


def _cap_words(task: Task, header: u64, data: u64) -> int:
    """How many CapData belong to the header's version. EINVAL, with the present version stored there, for one that is unknown."""
    given = CapHeader.parse(load_bytes(task.space, header, CapHeader.SIZE))
    if given.version == CAPABILITY_VERSION_1:
        return 1
    if given.version in (CAPABILITY_VERSION_2, CAPABILITY_VERSION_3):
        return 2
    store_u32(task.space, header, CAPABILITY_VERSION_3)
    if data == 0:
        return 0
    raise Errno(EINVAL, "unknown version of the capability structures")


@syscall(90)
def capget(task: Task, hdrp: Address, datap: Address) -> None:
    """capget(2): all three versions."""
    words = _cap_words(task, hdrp, datap)
    if datap == 0:
        return
    given = CapHeader.parse(load_bytes(task.space, hdrp, CapHeader.SIZE))
    if given.pid < 0:
        raise Errno(EINVAL, "negative process number")
    who = task.credentials
    if given.pid != 0 and given.pid != task.tid:
        other = processes.find(int(given.pid))
        if other is None:
            raise Errno(ESRCH, "no such process")
        who = other.credentials
    for index in range(words):
        shift = 32 * index
        part = CapData(
            effective=u32(who.effective >> shift), permitted=u32(who.permitted >> shift), inheritable=u32(who.inheritable >> shift)
        )
        store_bytes(task.space, u64(datap + u64(CapData.SIZE * index)), part.pack())


@syscall(91)
def capset(task: Task, hdrp: Address, datap: Address) -> None:
    """capset(2): of the caller alone; EPERM for what is not permitted."""
    words = _cap_words(task, hdrp, datap)
    given = CapHeader.parse(load_bytes(task.space, hdrp, CapHeader.SIZE))
    if given.pid != 0 and given.pid != task.tid:
        raise Errno(EPERM, "only the caller's own capabilities can be set")
    effective = 0
    permitted = 0
    inheritable = 0
    for index in range(words):
        part = CapData.parse(load_bytes(task.space, u64(datap + u64(CapData.SIZE * index)), CapData.SIZE))
        known = ALL_CAPABILITIES >> 32 * index & 0xFFFFFFFF  # Linux, too, drops the others
        effective |= (int(part.effective) & known) << 32 * index
        permitted |= (int(part.permitted) & known) << 32 * index
        inheritable |= (int(part.inheritable) & known) << 32 * index
    who = task.credentials
    if permitted & ~who.permitted or effective & ~permitted or inheritable & ~(who.inheritable | who.bounding):
        raise Errno(EPERM, "more than is permitted")
    if inheritable & ~(who.inheritable | who.permitted) and not who.capable(CAP_SETPCAP):
        raise Errno(EPERM, "more inheritable than is permitted")
    who.effective = effective
    who.permitted = permitted
    who.inheritable = inheritable


# --- personality ------------------------------------------------------------------------------------------------------------


@syscall(92)
def personality(task: Task, persona: Bits) -> i32:
    """personality(2): PER_LINUX, which is 0; asking for another one is EINVAL."""
    if u32(persona) not in (0, 0xFFFFFFFF):
        raise Errno(EINVAL, "PER_LINUX without flags is the only personality")
    return i32(0)
