"""The options that sockets of every family have. (socket(7))

Buffer sizes are what getsockopt(2) shows: twice what was asked for, since Linux counts its own overhead in them.
"""

from typing import Final

DEFAULT_BUFFER: Final = 212992
"""net.core.wmem_default, rmem_default and their maxima."""
MAX_BUFFER: Final = 212992
MIN_SEND_BUFFER: Final = 4608
MIN_RECEIVE_BUFFER: Final = 2304
LARGEST_FORCED: Final = 0x3FFF_FFFF
NO_TIMEOUT: Final = 0
NO_LINGER: Final = -1


class SocketOptions:
    """The options of one socket; plain data, which the families obey as far as it concerns them."""

    def __init__(self) -> None:
        self.send_buffer = DEFAULT_BUFFER
        self.receive_buffer = DEFAULT_BUFFER
        self.send_timeout_ns = NO_TIMEOUT
        self.receive_timeout_ns = NO_TIMEOUT
        self.receive_low = 1
        """SO_RCVLOWAT: a read waits for as many bytes."""
        self.linger_s = NO_LINGER
        self.priority = 0
        self.mark = 0
        self.device: bytes = b""
        """SO_BINDTODEVICE: the interface it is bound to."""
        self.peek_offset = -1
        """SO_PEEK_OFF: where the next peek begins; -1: at the first byte, always."""
        self.debug = False
        self.reuse_address = False
        self.reuse_port = False
        self.broadcast = False
        self.keep_alive = False
        self.out_of_band_inline = False
        self.dont_route = False
        self.pass_credentials = False
        self.timestamp = False
        self.timestamp_ns = False
        self.no_check = False

    def set_send_buffer(self, size: int, *, force: bool = False) -> None:
        """SO_SNDBUF, SO_SNDBUFFORCE."""
        self.send_buffer = max(2 * _clamped(size, force), MIN_SEND_BUFFER)

    def set_receive_buffer(self, size: int, *, force: bool = False) -> None:
        """SO_RCVBUF, SO_RCVBUFFORCE."""
        self.receive_buffer = max(2 * _clamped(size, force), MIN_RECEIVE_BUFFER)


def _clamped(size: int, force: bool) -> int:
    if size < 0:
        return 0 if force else MAX_BUFFER
    return min(size, LARGEST_FORCED if force else MAX_BUFFER)
