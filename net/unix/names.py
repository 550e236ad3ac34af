"""The names of AF_UNIX sockets: files, and the abstract name space. (unix(7))

A name leads to its socket weakly: closing the last handle frees an abstract name at once, and leaves a file behind that nobody answers
for (ECONNREFUSED). Abstract names belong to a type of socket each, as on Linux.
"""

import weakref
from typing import Final

from objects.inode import Inode
from objects.metadata import InodeType
from objects.socket import Socket
from objects.socketaddress import UnixAddress
from objects.socketfiles import socket_files
from objects.view import Location
from scarlet.lang.errno import EADDRINUSE, ECONNREFUSED, ENOSPC, EPROTOTYPE, Errno

UNNAMED: Final = UnixAddress(b"")
AUTOBIND_NAMES: Final = 1 << 20


class Name:
    """What a socket is called now. Its peer, and what it sent, refer to this object: a socket may get its name later than them."""

    def __init__(self) -> None:
        self.address = UNNAMED


class Names:
    """Who has which name."""

    def __init__(self) -> None:
        self.abstract: dict[tuple[int, bytes], weakref.ref[Socket]] = {}
        self.files: dict[Inode, weakref.ref[Socket]] = {}
        self.last_automatic = 0


_names: Final = Names()


def take_abstract(socket: Socket, name: bytes) -> None:
    """Let an abstract name mean this socket. EADDRINUSE."""
    key = (int(socket.type), name)
    if key in _names.abstract:
        raise Errno(EADDRINUSE, "another socket has that name")
    _names.abstract[key] = weakref.ref(socket)


def take_automatic(socket: Socket) -> UnixAddress:
    """An abstract name of five hexadecimal digits that nobody has. ENOSPC. (unix(7), "Autobind feature")"""
    for _ in range(AUTOBIND_NAMES):
        _names.last_automatic = (_names.last_automatic + 1) % AUTOBIND_NAMES
        name = b"\0" + f"{_names.last_automatic:05x}".encode()
        if (int(socket.type), name) not in _names.abstract:
            take_abstract(socket, name)
            return UnixAddress(name)
    raise Errno(ENOSPC, "all automatic names are taken")


def take_file(socket: Socket, path: bytes) -> Location:
    """Make a file that means this socket. EADDRINUSE, and the errors of mknod(2)."""
    location = socket_files().make(path)
    _names.files[location.inode] = weakref.ref(socket)
    return location


def give_up(type: int, address: UnixAddress, location: Location | None) -> None:
    """The socket of that name goes."""
    if location is not None:
        _names.files.pop(location.inode)
    elif len(address.name) > 0:
        _names.abstract.pop((type, address.name))


def find(address: UnixAddress, type: int) -> Socket:
    """The socket of that name. ECONNREFUSED when there is none, EPROTOTYPE when it is of another type, and the errors of a walk."""
    found: weakref.ref[Socket] | None = None
    if address.is_path():
        inode = socket_files().find(address.name)
        if inode.type == InodeType.SOCKET:
            found = _names.files.get(inode)
    else:
        found = _names.abstract.get((type, address.name))
    socket = found() if found is not None else None
    if socket is None:
        raise Errno(ECONNREFUSED, "no socket has that name")
    if socket.type != type:
        raise Errno(EPROTOTYPE, "the socket of that name is of another type")
    return socket
