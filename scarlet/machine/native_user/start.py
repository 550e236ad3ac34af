"""What the kernel handed over: register a0 at the entry, kept by the compiler's entry code, and the memory it points to."""

from scarlet.lang import u64
from scarlet.lang.raw import load8, load64, symbol


def block_address() -> u64:
    """Where the start block lies (StartBlock in abi_modules/native/interface.py)."""
    return load64(u64(symbol("scarlet_start") + 8))


def memory(address: u64, size: int) -> bytes:
    """A copy of bytes that the kernel has put into this program's memory."""
    out = bytearray()
    for at in range(size):
        out.append(int(load8(u64(address + u64(at)))))
    return bytes(out)
