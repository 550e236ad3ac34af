"""Which address families there are: each registers what makes its sockets. (socket(2), address_families(7))"""

from collections.abc import Callable
from typing import Final, TypeAlias

from objects.object import Status
from objects.socket import Socket
from scarlet.lang.errno import EAFNOSUPPORT, Errno

Maker: TypeAlias = Callable[[int, int, Status], Socket]
"""(type, protocol, status): a new socket. ESOCKTNOSUPPORT for a type the family has not, EPROTONOSUPPORT for a protocol, EPERM."""

_makers: Final[dict[int, Maker]] = {}


def register(family: int, maker: Maker) -> None:
    """Let a family have sockets."""
    _makers[family] = maker


def create(family: int, type: int, protocol: int, status: Status) -> Socket:
    """A new socket. EAFNOSUPPORT for a family that is not there, and what its maker raises."""
    maker = _makers.get(family)
    if maker is None:
        raise Errno(EAFNOSUPPORT, "no such address family")
    return maker(type, protocol, status)
