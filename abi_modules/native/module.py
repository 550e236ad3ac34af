"""The native ABI to the executor: a native program says so itself, with OSABI 83 in its header.

It may be fixed or position-independent, and asks for no interpreter: its library is part of it. It begins with the start block in a0
(stack.py), the stack pointer below it, and zeros everywhere else.
"""

from typing import Final

from abi_modules.native.abi import NativeAbi
from abi_modules.native.interface import NATIVE_OSABI
from abi_modules.native.stack import build_stack
from executor.elf import Elf, is_elf, parse
from executor.evidence import Evidence, Strength
from executor.image import Image
from executor.mapping import limited_space, map_program, page_ceiling
from executor.protocol import AbiModule, Program, Request
from objects.abi import Abi
from scarlet.lang import u64

POSITION_INDEPENDENT_BASE: Final = 0x2A_AAAA_A000
"""Two thirds of the address space, far from heap and stack."""


class NativeModule(AbiModule):
    """Loads native programs."""

    def __init__(self) -> None:
        super().__init__("native")

    def recognise(self, image: Image) -> Evidence:
        evidence = Evidence()
        if not is_elf(image):
            evidence.rule_out("not an ELF file")
            return evidence
        elf = parse(image)
        if elf.os_abi == NATIVE_OSABI:
            evidence.support(Strength.CERTAIN, f"OSABI is {NATIVE_OSABI}, Scarlet")
        else:
            evidence.rule_out(f"OSABI is {elf.os_abi}, not {NATIVE_OSABI}")
        _look_further(evidence, elf)
        return evidence

    def load(self, request: Request, previous: Abi) -> Program:
        elf = parse(request.image)
        space = limited_space(request.limits)
        bias = map_program(space, request.image, elf, POSITION_INDEPENDENT_BASE, request.path)
        space.start_break(page_ceiling(elf.highest + bias))
        stack = build_stack(space, request)
        program = Program(space, u64(elf.entry + u64(bias)), stack.block, NativeAbi())
        program.a0 = stack.block
        program.arguments = stack.arguments
        program.environment = stack.environment
        return program


def _look_further(evidence: Evidence, elf: Elf) -> None:
    """Marks of other systems in a file that calls itself native."""
    if elf.interpreter is not None:
        evidence.rule_out("it asks for an interpreter")
    if elf.has_tls:
        evidence.rule_out("it has thread-local storage, which nobody would set up")
    if not elf.congruent:
        evidence.rule_out("a segment's address and offset differ within the page")
