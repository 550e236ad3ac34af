"""What kind of object a handle holds, and what it can do: the answers of handle_query.

An object that Linux would call by its file descriptor's kind is named here for programs that never heard of Linux.
"""

from abi_modules.native.interface import Capabilities, ObjectType, StreamFlags
from objects.channel import ChannelEnd
from objects.directory import Directory
from objects.event import Event
from objects.eventqueue import EventQueue
from objects.file import File
from objects.metadata import InodeType
from objects.object import KernelObject, Status
from objects.pipe import PipeEnd
from objects.process import Process
from objects.timerobject import TimerObject


def type_of(object: KernelObject) -> ObjectType:
    """The kind of an object."""
    if isinstance(object, File):
        return ObjectType.FILE
    if isinstance(object, Directory):
        return ObjectType.DIRECTORY
    if isinstance(object, PipeEnd):
        return ObjectType.PIPE
    if object.terminal() is not None:
        return ObjectType.TERMINAL
    if isinstance(object, ChannelEnd):
        return ObjectType.CHANNEL
    if isinstance(object, TimerObject):
        return ObjectType.TIMER
    if isinstance(object, EventQueue):
        return ObjectType.EVENT_QUEUE
    if isinstance(object, Event):
        return ObjectType.EVENT
    if isinstance(object, Process):
        return ObjectType.TASK
    if object.status & Status.PATH:
        return ObjectType.PLACE
    inode = object.inode()
    if inode is not None and (inode.type == InodeType.CHARACTER or inode.type == InodeType.BLOCK):
        return ObjectType.DEVICE
    return ObjectType.OTHER


def capabilities_of(object: KernelObject) -> Capabilities:
    """What an object can do, whatever the rights of a handle."""
    match type_of(object):
        case ObjectType.FILE:
            return Capabilities.STREAM | Capabilities.SEEK | Capabilities.MAP | Capabilities.METADATA
        case ObjectType.DIRECTORY:
            return Capabilities.DIRECTORY | Capabilities.SEEK | Capabilities.METADATA
        case ObjectType.PIPE:
            return Capabilities.STREAM | Capabilities.POLL | Capabilities.METADATA
        case ObjectType.TERMINAL:
            return Capabilities.STREAM | Capabilities.POLL | Capabilities.METADATA | Capabilities.CONTROL
        case ObjectType.CHANNEL:
            return Capabilities.CHANNEL | Capabilities.STREAM | Capabilities.POLL
        case ObjectType.TIMER:
            return Capabilities.TIMER | Capabilities.STREAM | Capabilities.POLL
        case ObjectType.EVENT:
            return Capabilities.EVENT | Capabilities.POLL
        case ObjectType.EVENT_QUEUE:
            return Capabilities.STREAM | Capabilities.POLL
        case ObjectType.TASK:
            return Capabilities.TASK | Capabilities.POLL
        case ObjectType.PLACE:
            return Capabilities.METADATA
        case ObjectType.DEVICE:
            return Capabilities.STREAM | Capabilities.METADATA
        case _:
            return Capabilities.STREAM | Capabilities.POLL


def stream_flags_of(object: KernelObject) -> StreamFlags:
    """How a stream behaves, for every handle on it."""
    flags = StreamFlags.NONE
    if object.status & Status.APPEND:
        flags |= StreamFlags.APPEND
    if object.status & Status.NONBLOCK:
        flags |= StreamFlags.NO_WAIT
    return flags
