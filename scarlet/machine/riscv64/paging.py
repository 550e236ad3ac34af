"""Address spaces: the root table in satp, and forgetting translations.

Under QEMU a write to satp forgets all translations, and so does any sfence.vma: satp is written only when the root changes.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, csr_write, inline, noinline, sfence_vma_address, sfence_vma_all, static_bytes
from scarlet.machine import memory_map
from scarlet.machine.sv39 import make_satp

_ACTIVE: Final = static_bytes(8)
"""The root table in satp; 0 for the kernel's own."""


def new_root(root_pa: int) -> None:
    """Fill the kernel half of a fresh zeroed top-level table."""
    memory_map.copy_kernel_half(root_pa)


@inline
def activate(root_pa: int) -> None:
    """Use this table; nothing when it is the active one. 0 is the kernel's own, without a user half."""
    if Ptr[u64](_ACTIVE.address)[0] != u64(root_pa):
        write_root(root_pa)


@noinline
def write_root(root_pa: int) -> None:
    """Change address spaces. There are no address-space identifiers in use, so that all but global translations are forgotten."""
    Ptr[u64](_ACTIVE.address)[0] = u64(root_pa)
    csr_write("satp", make_satp(root_pa if root_pa != 0 else int(memory_map.kernel_root())))
    sfence_vma_all()


def flush_page(va: int) -> None:
    """Forget the translation of one page, after its entry changed."""
    sfence_vma_address(u64(va))


def flush_all() -> None:
    """Forget all translations of user pages."""
    sfence_vma_all()
