"""The system as a whole: its names and memory, random numbers, switching off, and what riscv64 adds (hwprobe, flush_icache)."""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.declare import OutSysinfo, OutUtsname
from executor.declare import Address, InBuffer, OutBuffer, UserString, syscall
from objects.credentials import CAP_SYS_ADMIN, CAP_SYS_BOOT
from objects.devices import fill_with_random
from objects.processes import processes
from objects.task import Task
from objects.uts import MACHINE, MAX_NAME, RELEASE, SYSNAME, VERSION, uts
from scarlet.kernel import clock, harts, load, power
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.user import UserBytes, load_bytes, load_u64, store_bytes, store_u64
from scarlet.lang import Errno, i32, i64, isize, struct, u16, u32, u64, usize
from scarlet.lang.errno import EINVAL, ENOSYS

PAGE_SIZE: Final = 4096

# --- names ------------------------------------------------------------------------------------------------------------------


@struct
class Utsname:
    """struct new_utsname"""

    sysname: Annotated[bytes, 65]
    nodename: Annotated[bytes, 65]
    release: Annotated[bytes, 65]
    version: Annotated[bytes, 65]
    machine: Annotated[bytes, 65]
    domainname: Annotated[bytes, 65]


@syscall(160)
def uname(task: Task, buf: OutUtsname) -> None:
    """uname(2): Linux, with the release whose behaviour is followed."""
    names = Utsname(sysname=SYSNAME, nodename=uts.nodename, release=RELEASE, version=VERSION, machine=MACHINE, domainname=uts.domainname)
    store_bytes(task.space, buf, names.pack())


@syscall(161)
def sethostname(task: Task, name: InBuffer, len_: i32) -> None:
    """sethostname(2): up to 64 bytes."""
    uts.nodename = _new_name(task, name, len_)


@syscall(162)
def setdomainname(task: Task, name: InBuffer, len_: i32) -> None:
    """setdomainname(2): up to 64 bytes."""
    uts.domainname = _new_name(task, name, len_)


def _new_name(task: Task, address: u64, length: i32) -> bytes:
    task.credentials.require(CAP_SYS_ADMIN, "naming the machine needs CAP_SYS_ADMIN")
    if not 0 <= length <= MAX_NAME:
        raise Errno(EINVAL, "a name has 0 to 64 bytes")
    name = load_bytes(task.space, address, int(length))
    end = name.find(b"\0")
    return name[:end] if end >= 0 else name


# --- memory and load ----------------------------------------------------------------------------------------------------------


@struct
class Sysinfo:
    """struct sysinfo"""

    uptime: i64
    load_1: u64
    load_5: u64
    load_15: u64
    totalram: u64
    freeram: u64
    sharedram: u64
    bufferram: u64
    totalswap: u64
    freeswap: u64
    procs: u16
    totalhigh: u64
    freehigh: u64
    mem_unit: u32


SI_LOAD_SHIFT: Final = 16


@syscall(179)
def sysinfo(task: Task, info: OutSysinfo) -> None:
    """sysinfo(2)"""
    now = clock.monotonic_ns()
    averages = load.averages(now)
    value = Sysinfo(
        uptime=i64((now + clock.NS_PER_SECOND - 1) // clock.NS_PER_SECOND),
        load_1=u64((averages[0] << SI_LOAD_SHIFT) // 100),
        load_5=u64((averages[1] << SI_LOAD_SHIFT) // 100),
        load_15=u64((averages[2] << SI_LOAD_SHIFT) // 100),
        totalram=u64(frames.total_frames() * PAGE_SIZE),
        freeram=u64(frames.free_frames() * PAGE_SIZE),
        procs=u16(len(processes)),
        mem_unit=u32(1),
    )
    store_bytes(task.space, info, value.pack())


# --- random numbers -----------------------------------------------------------------------------------------------------------


class RandomFlags(IntFlag):
    """getrandom(2)"""

    GRND_NONBLOCK = 1
    GRND_RANDOM = 2
    GRND_INSECURE = 4


MAX_RANDOM: Final = 0x1FFFFFF


@syscall(278)
def getrandom(task: Task, buf: OutBuffer, buflen: usize, flags: RandomFlags) -> isize:
    """getrandom(2): the generator is seeded before the first program runs, so it never waits; a signal may cut it short after 256 bytes."""
    both = RandomFlags.GRND_RANDOM | RandomFlags.GRND_INSECURE
    if flags >> 3 != 0 or flags & both == both:
        raise Errno(EINVAL, "unknown flags, or GRND_RANDOM with GRND_INSECURE")
    count = int(min(buflen, u64(MAX_RANDOM)))
    user = UserBytes(task.space, buf, u64(count))
    return i64(fill_with_random(user, count))


# --- switching off ------------------------------------------------------------------------------------------------------------


class RebootCommand(IntEnum):
    """reboot(2)"""

    LINUX_REBOOT_CMD_CAD_OFF = 0
    LINUX_REBOOT_CMD_RESTART = 0x01234567
    LINUX_REBOOT_CMD_POWER_OFF = 0x4321FEDC
    LINUX_REBOOT_CMD_CAD_ON = 0x89ABCDEF
    LINUX_REBOOT_CMD_RESTART2 = 0xA1B2C3D4
    LINUX_REBOOT_CMD_HALT = 0xCDEF0123


LINUX_REBOOT_MAGIC1: Final = 0xFEE1DEAD
LINUX_REBOOT_MAGICS2: Final = (672274793, 85072278, 369367448, 537993216)


@syscall(142)
def reboot(task: Task, magic: u32, magic2: u32, cmd: Annotated[u32, RebootCommand], arg: UserString) -> None:
    """reboot(2): restart, power off and halt, which is powering off; there is no Ctrl-Alt-Del to switch on."""
    task.credentials.require(CAP_SYS_BOOT, "reboot needs CAP_SYS_BOOT")
    if magic != LINUX_REBOOT_MAGIC1 or magic2 not in LINUX_REBOOT_MAGICS2:
        raise Errno(EINVAL, "the magic numbers are wrong")
    match cmd:
        case RebootCommand.LINUX_REBOOT_CMD_CAD_OFF:
            pass
        case RebootCommand.LINUX_REBOOT_CMD_RESTART | RebootCommand.LINUX_REBOOT_CMD_RESTART2:
            power.restart()
        case RebootCommand.LINUX_REBOOT_CMD_POWER_OFF | RebootCommand.LINUX_REBOOT_CMD_HALT:
            power.off(0)
        case _:
            raise Errno(EINVAL, "this command is not supported")


# --- riscv64 ------------------------------------------------------------------------------------------------------------------


class HwprobeKey(IntEnum):
    """riscv_hwprobe: the keys that are answered (Linux, Documentation/arch/riscv/hwprobe.rst)"""

    BASE_BEHAVIOR = 3
    IMA_EXT_0 = 4
    CPUPERF_0 = 5
    HIGHEST_VIRT_ADDRESS = 7
    TIME_CSR_FREQ = 8


BASE_BEHAVIOR_IMA: Final = 1
EXT_F_AND_D: Final = 1
EXT_C: Final = 2
MISALIGNED_UNKNOWN: Final = 0
HIGHEST_USER_ADDRESS: Final = (1 << 38) - 1
MAX_PAIRS: Final = 1024


@syscall(258)
def riscv_hwprobe(task: Task, pairs: Address, pair_count: usize, cpusetsize: usize, cpus: Address, flags: u32) -> None:
    """riscv_hwprobe: base behaviour, the F, D and C extensions, clock frequency; other keys are answered -1, unknown. Flags are EINVAL."""
    if flags != 0:
        raise Errno(EINVAL, "RISCV_HWPROBE_WHICH_CPUS is not supported")
    if pair_count > MAX_PAIRS:
        raise Errno(EINVAL, "more pairs than there are keys")
    _check_cpus(task, cpusetsize, cpus)
    for index in range(int(pair_count)):
        at = u64(pairs + u64(16 * index))
        key = i64(load_u64(task.space, at))
        value = _probe(key)
        if value < 0:
            store_u64(task.space, at, u64(-1))
            value = 0
        store_u64(task.space, u64(at + 8), u64(value))


def _probe(key: i64) -> int:
    """-1 for a key that is not known."""
    match key:
        case HwprobeKey.BASE_BEHAVIOR:
            return BASE_BEHAVIOR_IMA
        case HwprobeKey.IMA_EXT_0:
            return EXT_F_AND_D | EXT_C
        case HwprobeKey.CPUPERF_0:
            return MISALIGNED_UNKNOWN
        case HwprobeKey.HIGHEST_VIRT_ADDRESS:
            return HIGHEST_USER_ADDRESS
        case HwprobeKey.TIME_CSR_FREQ:
            return clock.frequency()
        case _:
            return -1


def _check_cpus(task: Task, size: u64, cpus: u64) -> None:
    """No set means every hart; a set must name one that there is."""
    if size == 0 and cpus == 0:
        return
    data = load_bytes(task.space, cpus, int(min(size, u64(8))))
    if int.from_bytes(data[:4], "little") & ((1 << harts.hart_count()) - 1) == 0:
        raise Errno(EINVAL, "none of these harts is there")


SYS_RISCV_FLUSH_ICACHE_LOCAL: Final = 1


@syscall(259)
def riscv_flush_icache(task: Task, start: Address, end: Address, flags: Address) -> None:
    """riscv_flush_icache: all of it, whatever the range."""
    if flags & u64(~SYS_RISCV_FLUSH_ICACHE_LOCAL) != 0:
        raise Errno(EINVAL, "unknown flags")
    harts.flush_instructions()


@syscall(293)
def rseq(task: Task, rseq_: Address, rseq_len: u32, flags: i32, sig: u32) -> None:
    """rseq(2): ENOSYS; C libraries do without."""
    raise Errno(ENOSYS, "restartable sequences are not supported")
