"""Answering requests: which message asks for what, and who may. (rtnetlink(7))

Asking is for everybody, changing for CAP_NET_ADMIN. A request that fails, and one that wants to know (NLM_F_ACK), gets an NLMSG_ERROR.
"""

from typing import Final

from net.netlink import addresses, links, neighbours, routing
from net.netlink.addresses import AddressType
from net.netlink.links import LinkType
from net.netlink.message import Request, RequestFlags, acknowledgement, end_of_dump, requests
from net.netlink.neighbours import NeighbourType
from net.netlink.routing import RouteType
from objects.credentials import CAP_NET_ADMIN
from objects.task import current_task
from scarlet.lang.errno import EOPNOTSUPP, Errno

FIRST_TYPE: Final = 0x10
"""Below are the messages of netlink itself, which nobody asks of the kernel."""


def serve(data: bytes, port: int, *, capped: bool) -> list[bytes]:
    """The answers to all requests in what a program sent, as messages in order."""
    answers: list[bytes] = []
    for message in requests(data):
        request = Request(message)
        if request.has(RequestFlags.REQUEST) and request.type >= FIRST_TYPE:
            _answer(request, port, answers, capped=capped)
        elif request.has(RequestFlags.ACK):
            answers.append(acknowledgement(request, port, 0, capped=capped))
    return answers


def _answer(request: Request, port: int, answers: list[bytes], *, capped: bool) -> None:
    try:
        if _is_question(request.type):
            if request.has(RequestFlags.DUMP):
                answers.extend(_dump(request, port))
                answers.append(end_of_dump(request, port))
                return
            answers.extend(_get(request, port))
        else:
            current_task().credentials.require(CAP_NET_ADMIN, "changing the network needs CAP_NET_ADMIN")
            _change(request)
    except Errno as error:
        answers.append(acknowledgement(request, port, error.code, capped=capped))
        return
    if request.has(RequestFlags.ACK):
        answers.append(acknowledgement(request, port, 0, capped=capped))


def _is_question(type: int) -> bool:
    """Of each four types the third one asks."""
    return type & 3 == 2


def _dump(request: Request, port: int) -> list[bytes]:
    match request.type:
        case LinkType.GET:
            return links.dump(request, port)
        case AddressType.GET:
            return addresses.dump(request, port)
        case RouteType.GET:
            return routing.dump(request, port)
        case NeighbourType.GET:
            return neighbours.dump(request, port)
        case _:
            raise Errno(EOPNOTSUPP, "nothing of that kind")


def _get(request: Request, port: int) -> list[bytes]:
    match request.type:
        case LinkType.GET:
            return links.get(request, port)
        case RouteType.GET:
            return routing.get(request, port)
        case _:
            raise Errno(EOPNOTSUPP, "all of that kind, or none")


def _change(request: Request) -> None:
    match request.type:
        case LinkType.NEW | LinkType.SET:
            links.change(request)
        case AddressType.NEW:
            addresses.add(request)
        case AddressType.DELETE:
            addresses.remove(request)
        case RouteType.NEW:
            routing.add(request)
        case RouteType.DELETE:
            routing.remove(request)
        case NeighbourType.NEW:
            neighbours.add(request)
        case NeighbourType.DELETE:
            neighbours.remove(request)
        case _:
            raise Errno(EOPNOTSUPP, "this cannot be changed")
