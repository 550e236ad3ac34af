"""What a program can be compiled for: one row a target.

A target is a folder of scarlet/machine (the modules behind the machine interface), a linker script there if lld's own layout will not do,
and the mark in the ELF header by which the Transparent Executor knows its programs.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """One row: `script` lies in the folder of the machine; a `kernel` starts itself, a program is started by one."""

    name: str
    machine: str
    script: str = ""
    os_abi: int = 0
    kernel: bool = False
    stack: str = ""
    """The linker symbol at the top of a stack that its programs bring along; empty when the kernel's stack will do."""

    def linker_script(self, root: Path) -> Path | None:
        """The script's path in a checkout; None when lld lays the program out."""
        return root / "scarlet" / "machine" / self.machine / self.script if self.script else None


TARGETS = {
    target.name: target
    for target in (
        Target("linux-user", "linux_user"),
        Target("kernel", "riscv64", script="kernel.ld", kernel=True),
        Target("native", "native_user", os_abi=83),
        Target("xv6", "xv6_user", script="program.ld", stack="program_stack_top"),
    )
}
