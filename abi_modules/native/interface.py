"""What native programs and the kernel both know: the constants, flags and structures of the calls.

Nothing here depends on the kernel, so that programs import it as it is (scarlet.user). The numbers belong to the ABI: they never change,
even where the kernel has a type of its own with the same members (tests/abi_native compares them).

Conventions of every call:
- texts and data are an address and a length; nothing ends in a NUL;
- times are nanoseconds; a deadline is a value of Clock.MONOTONIC: 0 does not wait, NEVER waits for ever;
- a path begins at a directory handle, or at CURRENT: the working directory (or the root, when the path begins with "/").
  A directory handle is a root of its own: "/" and links to "/" mean the directory, ".." does not leave it, and what is opened through it
  carries no right that the handle lacks;
- an empty path means the object of the handle itself.
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from scarlet.lang import i32, i64, struct, u16, u32, u64

CURRENT: Final = -1
"""Instead of a directory handle: the working directory. Instead of a task handle: the caller. Instead of a slot: the lowest free one."""
NEVER: Final = (1 << 63) - 1
"""The deadline that does not come."""
UNCHANGED: Final = -1
"""Leaves an attribute as it is (owner, group, times)."""
NOW: Final = -2
"""The time of the call (file_set_times)."""
START_VERSION: Final = 1
NATIVE_OSABI: Final = 83
"""EI_OSABI of native programs: "S"."""
PAGE_BYTES: Final = 4096


# --- handles ------------------------------------------------------------------------------------------------------------------


class Rights(IntFlag):
    """What a handle allows. They can be given up and never won back."""

    NONE = 0
    READ = 1
    WRITE = 2
    SEEK = 4
    CONTROL = 8
    """Change how the object works: its flags, its terminal's mode, a task's life."""
    MAP = 16
    POLL = 32
    METADATA = 64
    EXECUTE = 128
    DUPLICATE = 256
    TRANSFER = 512
    """Send the handle to another task: through a channel, or to a child."""
    SAME = 1 << 31
    """As many as the handle has (handle_duplicate)."""


class Capabilities(IntFlag):
    """What an object can do at all, whatever the rights of the handle."""

    STREAM = 1
    """Bytes can be read or written."""
    SEEK = 2
    CONTROL = 4
    """It is a terminal."""
    MAP = 8
    POLL = 16
    """Waiting for it makes sense: it is not always ready."""
    METADATA = 32
    DIRECTORY = 64
    CHANNEL = 128
    EVENT = 256
    TIMER = 512
    TASK = 1024


class Role(IntEnum):
    """What a handle is for."""

    NONE = 0
    STDIN = 1
    STDOUT = 2
    STDERR = 3


class HandleFlags(IntFlag):
    """Marks of a handle."""

    NONE = 0
    CLOSE_ON_REPLACE = 1
    """Closed when the program is replaced, and not inherited by children."""


class ObjectType(IntEnum):
    """The kind of object behind a handle."""

    OTHER = 0
    FILE = 1
    DIRECTORY = 2
    PIPE = 3
    TERMINAL = 4
    DEVICE = 5
    CHANNEL = 6
    EVENT = 7
    TIMER = 8
    TASK = 9
    EVENT_QUEUE = 10
    PLACE = 11


@struct
class HandleInfo:
    """handle_query"""

    type: u32
    rights: u32
    role: u32
    flags: u32
    """HandleFlags"""
    capabilities: u32
    stream_flags: u32


# --- streams ------------------------------------------------------------------------------------------------------------------


class Origin(IntEnum):
    """Where an offset counts from."""

    START = 0
    CURRENT = 1
    END = 2


class StreamFlags(IntFlag):
    """How a stream behaves, for every handle on it."""

    NONE = 0
    APPEND = 1
    """Writing goes to the end of the file."""
    NO_WAIT = 2
    """WOULD_WAIT instead of waiting."""


class TerminalMode(IntFlag):
    """What a terminal does with what is typed and written; RAW is none of it."""

    RAW = 0
    LINES = 1
    """Whole lines, which can be edited while they are typed."""
    ECHO = 2
    EVENTS = 4
    """Ctrl-C, Ctrl-\\ and Ctrl-Z send events to the foreground group."""
    NEWLINES = 8
    """Return is read as a newline; a newline is written as return and newline."""
    FLOW = 16
    """Ctrl-S holds the output, Ctrl-Q lets it go on."""
    USUAL = 31


class TerminalChange(IntEnum):
    """When a new mode takes effect."""

    NOW = 0
    AFTER_OUTPUT = 1
    FLUSH = 2
    """After the output, and what was typed and not yet read is dropped."""


@struct
class TerminalInfo:
    """terminal_query"""

    mode: u32
    rows: u16
    columns: u16
    foreground: i32
    """The group that may read; 0 for none."""
    session: i32
    """0 when this is not the caller's controlling terminal."""


# --- files --------------------------------------------------------------------------------------------------------------------


class OpenFlags(IntFlag):
    """file_open"""

    NONE = 0
    CREATE = 1
    EXCLUSIVE = 2
    """With CREATE: ALREADY_EXISTS rather than opening what is there."""
    TRUNCATE = 4
    DIRECTORY = 8
    """NOT_A_DIRECTORY unless it is one."""
    NO_FOLLOW = 16
    """LINK_LOOP when the path names a symbolic link."""
    PLACE = 32
    """Only the place: for metadata and as the start of other paths, without access to the content."""
    APPEND = 64
    NO_WAIT = 128
    CLOSE_ON_REPLACE = 256


class PathFlags(IntFlag):
    """Of calls that take a path."""

    NONE = 0
    NO_FOLLOW = 16
    """A symbolic link at the end is meant itself."""


class RemoveFlags(IntFlag):
    """file_remove"""

    NONE = 0
    DIRECTORY = 8
    """An empty directory; without it, anything else."""


class FileKind(IntEnum):
    """The kind of a file."""

    UNKNOWN = 0
    FIFO = 1
    CHARACTER_DEVICE = 2
    DIRECTORY = 4
    BLOCK_DEVICE = 6
    REGULAR = 8
    SYMBOLIC_LINK = 10
    SOCKET = 12


@struct
class Metadata:
    """file_metadata. Times are nanoseconds since 1970."""

    kind: u32
    """FileKind"""
    mode: u32
    """Permission bits, 07777"""
    user: u32
    group: u32
    links: u32
    block_bytes: u32
    device: u64
    inode: u64
    represents: u64
    """The device that a device file stands for."""
    size: u64
    blocks: u64
    """Of 512 bytes"""
    accessed_ns: i64
    modified_ns: i64
    changed_ns: i64
    created_ns: i64
    """-1 when it is not known"""


@struct
class EntryHeader:
    """directory_read: one entry; its name follows, and zeros up to the next multiple of eight bytes."""

    inode: u64
    record_bytes: u16
    """Header, name and zeros: where the next entry begins."""
    name_bytes: u16
    kind: u32
    """FileKind"""


# --- mounts -------------------------------------------------------------------------------------------------------------------


class MountFlags(IntFlag):
    """What a mount forbids; the values of mount(2)."""

    NONE = 0
    READ_ONLY = 1
    NO_SET_ID = 2
    NO_DEVICES = 4
    NO_EXECUTE = 8
    NO_ACCESS_TIMES = 1024
    RECURSIVE = 16384
    """mount_bind: with everything that is mounted below."""


class UnmountFlags(IntFlag):
    """mount_detach"""

    NONE = 0
    LATER = 2
    """Even when it is in use: it goes when the last user does."""


# --- messages, events, waiting --------------------------------------------------------------------------------------------------


CHANNEL_MESSAGE_BYTES: Final = 65536
"""The largest message of a channel."""
CHANNEL_MESSAGE_HANDLES: Final = 16


@struct
class MessageSize:
    """channel_read: how large the message is, also when it did not fit."""

    data_bytes: u32
    handles: u32


@struct
class HandlePair:
    """pipe_make: reader and writer; channel_make: the two ends."""

    first: i32
    second: i32


class Ready(IntFlag):
    """What a handle can be waited for; the values of poll(2)."""

    NONE = 0
    READ = 1
    """Reading does not wait: there are bytes, a message, an event, an end of file."""
    WRITE = 4
    ERROR = 8
    CLOSED = 16
    """The other end is gone. ERROR and CLOSED are always waited for."""


@struct
class WaitEntry:
    """wait_many"""

    handle: i32
    wanted: u16
    found: u16
    """Filled in: Ready"""


@struct
class TimerCount:
    """What reading a timer gives: how often it has expired since it was read."""

    expirations: u64


# --- tasks --------------------------------------------------------------------------------------------------------------------


class TaskEvent(IntEnum):
    """What can happen to a task; the numbers are those of POSIX signals, so that other ABIs mean the same."""

    HANG_UP = 1
    INTERRUPT = 2
    QUIT = 3
    ILLEGAL_INSTRUCTION = 4
    BREAKPOINT = 5
    ABORT = 6
    BUS_ERROR = 7
    ARITHMETIC = 8
    END = 9
    """Cannot be refused."""
    USER_1 = 10
    BAD_ACCESS = 11
    USER_2 = 12
    PIPE_CLOSED = 13
    ALARM = 14
    TERMINATE = 15
    CHILD = 17
    """A child ended, stopped or went on."""
    CONTINUE = 18
    STOP_NOW = 19
    """Cannot be refused."""
    STOP = 20
    BACKGROUND_READ = 21
    BACKGROUND_WRITE = 22
    CPU_LIMIT = 24
    FILE_LIMIT = 25
    WINDOW = 28
    """The terminal's size changed."""


class EventSet(IntFlag):
    """A set of TaskEvents, for event_choose: bit `event - 1`. These are the ones programs choose about."""

    NONE = 0
    HANG_UP = 1
    INTERRUPT = 1 << 1
    QUIT = 1 << 2
    USER_1 = 1 << 9
    USER_2 = 1 << 11
    PIPE_CLOSED = 1 << 12
    ALARM = 1 << 13
    TERMINATE = 1 << 14
    CHILD = 1 << 16
    CONTINUE = 1 << 17
    STOP = 1 << 19
    BACKGROUND_READ = 1 << 20
    BACKGROUND_WRITE = 1 << 21
    WINDOW = 1 << 27


class EventChoice(IntEnum):
    """What an event does to a task."""

    DEFAULT = 0
    IGNORE = 1
    MESSAGE = 2
    """It is put into the event queue."""


@struct
class EventMessage:
    """What reading the event queue gives, one or more of them."""

    event: u32
    """TaskEvent"""
    status: i32
    """CHILD: the exit code, or the event that ended or stopped it"""
    process: i32
    """Who sent it, or the child; 0 for the kernel"""
    user: u32


class SpawnFlags(IntFlag):
    """task_spawn"""

    NONE = 0
    INHERIT = 1
    """Every handle that is not CLOSE_ON_REPLACE, at its slot; the mappings come on top."""
    NEW_GROUP = 2
    """The child leads a new process group, named after it."""
    JOIN_GROUP = 4
    """The child joins `group`."""
    NEW_SESSION = 8
    FOREGROUND = 16
    """Its group becomes the foreground of the controlling terminal before it runs; with NEW_SESSION the terminal on its standard input, if
    there is one that belongs to nobody, becomes its controlling terminal.
    """
    TRACE = 32
    """The calls of the child, and of the children it will have, are written as text to the stream `trace`."""


@struct
class SpawnHeader:
    """task_spawn and task_replace: the head of the request. Then come `mappings` HandleMappings, the path, the arguments and the
    environment, whose strings each end in a NUL, and the name of a view."""

    flags: u32
    mappings: u32
    directory: i32
    """The working directory as a handle, or CURRENT for the caller's"""
    group: i32
    path_bytes: u32
    argument_bytes: u32
    environment_bytes: u32
    view_bytes: u32
    """Of the name of an ABI: as its programs the child sees the files when its program is looked up; 0 for the caller's view"""
    trace: i32
    """With TRACE: the stream"""
    reserved: u32


@struct
class HandleMapping:
    """A handle for the child: the caller's slot, the child's, and what it keeps of the rights."""

    source: i32
    target: i32
    rights: u32
    role: u32


@struct
class SpawnResult:
    """task_spawn: the child's number, and a handle on it."""

    process: i32
    handle: i32


class ChildState(IntEnum):
    """What happened to a child."""

    EXITED = 1
    KILLED = 2
    STOPPED = 5
    CONTINUED = 6


class WaitOptions(IntFlag):
    """Which changes of children are waited for."""

    ENDED = 4
    STOPPED = 2
    CONTINUED = 8
    KEEP = 0x01000000
    """The child can be waited for again."""


@struct
class ChildChange:
    """task_wait, task_wait_any"""

    process: i32
    state: u32
    """ChildState"""
    status: i32
    """The exit code, or the TaskEvent that ended or stopped it"""
    reserved: u32
    user_ns: i64
    system_ns: i64


class TaskState(IntEnum):
    """What a task is doing."""

    RUNNING = 0
    SLEEPING = 1
    STOPPED = 2
    ENDED = 3


@struct
class TaskInfo:
    """task_query"""

    process: i32
    parent: i32
    group: i32
    session: i32
    state: u32
    priority: i32
    user: u32
    user_group: u32
    threads: u32
    handles: u32
    terminal: u64
    """The device of its controlling terminal, 0 for none"""
    started_ns: i64
    """After boot"""
    user_ns: i64
    system_ns: i64
    memory_bytes: u64
    """Mapped"""
    resident_bytes: u64
    name: Annotated[bytes, 16]
    """Filled up with NULs"""
    abi: Annotated[bytes, 24]


@struct
class LimitPair:
    """task_limit"""

    soft: i64
    hard: i64


class Resource(IntEnum):
    """What can be limited."""

    CPU = 0
    FILE_BYTES = 1
    DATA_BYTES = 2
    STACK_BYTES = 3
    PROCESSES = 6
    HANDLES = 7
    ADDRESS_SPACE_BYTES = 9


# --- memory -------------------------------------------------------------------------------------------------------------------


class Protection(IntFlag):
    """memory_map, memory_protect"""

    NONE = 0
    READ = 1
    WRITE = 2
    EXECUTE = 4


class MapFlags(IntFlag):
    """memory_map"""

    PRIVATE = 0
    SHARED = 1
    """Changes are seen by all who map the object."""
    FIXED = 16
    """Exactly at the address; what is mapped there goes."""


# --- time and system ------------------------------------------------------------------------------------------------------------


class Clock(IntEnum):
    """time_now"""

    REAL = 0
    """Since 1970-01-01 UTC"""
    MONOTONIC = 1
    """Since boot; deadlines count on it"""
    PROCESS = 2
    """Processor time of the calling process"""
    TASK = 3
    """Processor time of the calling task"""


class PowerAction(IntEnum):
    """system_power"""

    OFF = 0
    RESTART = 1
    HALT = 2


@struct
class SystemInfo:
    """system_query"""

    memory_bytes: u64
    free_bytes: u64
    uptime_ns: i64
    processes: u32
    page_bytes: u32
    harts: u32
    load_1: u32
    """Load averages, in hundredths"""
    load_5: u32
    load_15: u32


@struct
class StartBlock:
    """Where a0 points when a program starts. Strings follow one another, each ends in a NUL; a role without a handle is -1."""

    version: u32
    page_bytes: u32
    clock_hertz: u64
    """Of the `time` register"""
    argument_count: u32
    environment_count: u32
    arguments: u64
    argument_bytes: u64
    environment: u64
    environment_bytes: u64
    stdin: i32
    stdout: i32
    stderr: i32
    reserved: u32
