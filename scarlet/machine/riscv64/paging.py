"""Address spaces: the root table in satp, and forgetting translations.

Under QEMU a write to satp forgets all translations, and so does any sfence.vma (over a microsecond each): satp is
written only when the root changes, and identifiers (ASIDs) make the fence after it superfluous. Each root table has
one; it is kept in the root's last entry, which maps nothing: bit 0 clear, the identifier in bits 1 to 16, above it the
generation. When the identifiers are used up a new generation begins with one fence, and a root of an older generation
gets a new identifier when it is next used.

Source: RISC-V privileged specification, section "Supervisor Address Translation and Protection (satp) Register".
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, csr_read, csr_write, inline, noinline, sfence_vma_address, sfence_vma_all, static_bytes
from scarlet.machine import memory_map
from scarlet.machine.kernel_space import direct
from scarlet.machine.memory_map import SATP_SV39

IDENTIFIER_ENTRY: Final = 511
IDENTIFIER_SHIFT: Final = 44
"""Where satp has it."""
GENERATION_SHIFT: Final = 17

_STATE: Final = static_bytes(32)
"""See the indices below."""
ACTIVE: Final = 0
"""The root table in satp; 0 for the kernel's own, whose identifier is 0."""
LAST_IDENTIFIER: Final = 1
GENERATION: Final = 2
LARGEST_IDENTIFIER: Final = 3
"""0 on a hart that has none."""


@inline
def state() -> Ptr[u64]:
    return Ptr[u64](_STATE.address)


def new_root(root_pa: int) -> None:
    """Fill the kernel half of a fresh zeroed top-level table."""
    memory_map.copy_kernel_half(root_pa)


@inline
def activate(root_pa: int) -> None:
    """Use this table; nothing when it is the active one. 0 is the kernel's own, without a user half."""
    if state()[ACTIVE] != u64(root_pa):
        change_root(u64(root_pa))


@noinline
def change_root(root: u64) -> None:
    state()[ACTIVE] = root
    if root == 0:
        csr_write("satp", u64(SATP_SV39 | memory_map.kernel_root() >> 12))
    else:
        csr_write("satp", u64(SATP_SV39 | identifier_of(root) << IDENTIFIER_SHIFT | root >> 12))
    if state()[LARGEST_IDENTIFIER] == 0:
        sfence_vma_all()


def identifier_of(root: u64) -> u64:
    """The root's identifier, a new one if it has none of this generation."""
    slot = Ptr[u64](direct(int(root)))
    if state()[GENERATION] == 0 or slot[IDENTIFIER_ENTRY] >> GENERATION_SHIFT != state()[GENERATION]:
        identifier = new_identifier()  # may begin a generation
        slot[IDENTIFIER_ENTRY] = u64(state()[GENERATION] << GENERATION_SHIFT | identifier << 1)
    return u64(slot[IDENTIFIER_ENTRY] >> 1 & 0xFFFF)


def new_identifier() -> u64:
    """The next identifier; begins a new generation when there are no more, and with the first of all."""
    if state()[GENERATION] == 0:
        count_identifiers()
    if state()[LARGEST_IDENTIFIER] == 0:
        return u64(0)
    if state()[LAST_IDENTIFIER] == state()[LARGEST_IDENTIFIER]:
        state()[LAST_IDENTIFIER] = u64(0)
        state()[GENERATION] = u64(state()[GENERATION] + 1)
        sfence_vma_all()
    state()[LAST_IDENTIFIER] = u64(state()[LAST_IDENTIFIER] + 1)
    return state()[LAST_IDENTIFIER]


def count_identifiers() -> None:
    """Find out how many bits of satp's field the hart implements, by writing ones."""
    before = csr_read("satp")
    csr_write("satp", u64(before | 0xFFFF << IDENTIFIER_SHIFT))
    state()[LARGEST_IDENTIFIER] = u64(csr_read("satp") >> IDENTIFIER_SHIFT & 0xFFFF)
    csr_write("satp", before)
    state()[GENERATION] = u64(1)


def flush_page(va: int) -> None:
    """Forget the translation of one page, after its entry changed."""
    sfence_vma_address(u64(va))


def flush_all() -> None:
    """Forget all translations of user pages."""
    sfence_vma_all()
