"""Address spaces, the hosted twin: which root table Unicorn's MMU walks, and when it must forget what it has walked.

The hosted kernel lives outside the machine, so the kernel half of a root table stays empty. Unicorn can only forget
everything, and does so once, on the next way into user mode: flushing is cheap to ask for.
"""

from scarlet.machine.hosted import world


def new_root(root_pa: int) -> None:
    """Fill the kernel half of a fresh zeroed top-level table."""


def activate(root_pa: int) -> None:
    """Use this table from the next entry into user mode on; nothing when it is the active one."""
    world.current.mmu.activate(root_pa)


def flush_page(va: int) -> None:
    """Forget the translation of one page, after its entry changed."""
    world.current.mmu.flush()


def flush_all() -> None:
    """Forget all translations of user pages."""
    world.current.mmu.flush()
