"""The tiny ABI to the executor: its programs carry an ELF note of owner `tiny`; they get a stack and no arguments."""

from typing import Final

from executor.elf import ET_EXEC, is_elf, parse
from executor.evidence import Evidence, Strength
from executor.image import Image
from executor.mapping import map_program
from executor.protocol import AbiModule, Program, Request
from objects.abi import Abi
from objects.limits import Resource
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import u64
from tiny_abi.abi import TinyAbi

OWNER: Final = b"tiny"
STACK_BYTES: Final = 64 << 10


class TinyModule(AbiModule):
    """Loads tiny programs."""

    def __init__(self) -> None:
        super().__init__("tiny")
        self.has_environment = False

    def recognise(self, image: Image) -> Evidence:
        evidence = Evidence()
        if not is_elf(image):
            evidence.rule_out("not an ELF file")
        elif not parse(image).has_note_of(OWNER):
            evidence.rule_out("no note of owner tiny")
        elif parse(image).type != ET_EXEC:
            evidence.rule_out("position-independent")
        else:
            evidence.support(Strength.CERTAIN, "a note of owner tiny")
        return evidence

    def load(self, request: Request, previous: Abi) -> Program:
        elf = parse(request.image)
        space = AddressSpace()
        space.limit_address_space = request.limits.soft(Resource.ADDRESS_SPACE)
        map_program(space, request.image, elf, 0, request.path)
        stack = space.map_area(u64(0), u64(STACK_BYTES), Protection.READ | Protection.WRITE, name=b"[stack]")
        return Program(space, elf.entry, u64(stack + STACK_BYTES), TinyAbi())
