"""The multicast groups that sockets of this machine have joined, interface by interface. (RFC 1112)

Membership is counted. Nobody is told of it: groups are heard on the link alone, which is what a host without IGMP may do (level 2 on the
link, none beyond). The group of all hosts has everybody in it.
"""

from typing import Final

from net.addresses import ALL_HOSTS
from net.interface import Interface

_members: Final[dict[tuple[int, int], int]] = {}
"""Index of the interface, group -> how many sockets."""


def is_member(interface: Interface, group: int) -> bool:
    """Is anybody here in the group?"""
    return group == ALL_HOSTS or (interface.index, group) in _members


def join(interface: Interface, group: int) -> None:
    """One socket more."""
    key = (interface.index, group)
    _members[key] = _members.get(key, 0) + 1


def leave(interface: Interface, group: int) -> None:
    """One socket less."""
    key = (interface.index, group)
    left = _members.get(key, 0) - 1
    if left > 0:
        _members[key] = left
    elif left == 0:
        del _members[key]


def every() -> list[tuple[int, int, int]]:
    """Index of the interface, group, sockets: for /proc/net/igmp."""
    found: list[tuple[int, int, int]] = []
    for key, count in _members.items():
        found.append((key[0], key[1], count))
    return found
