"""What an ABI module is to the executor, and how the right one is found for a file.

Detection is by evidence: every module looks at the file and says how strongly it believes that it understands it, and
why. The strongest belief wins; between equals the module that was registered first. The reasons are kept, so that a
choice can be explained (scarlet inspect, the kernel log).
"""

from enum import IntEnum
from typing import Final

from executor.image import Image
from objects.abi import Abi
from objects.credentials import Credentials
from objects.limits import Limits
from objects.process import Region
from objects.view import View
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOEXEC


class Strength(IntEnum):
    """How sure a module is."""

    NONE = 0
    """Not a program of this ABI, with the reason."""
    POSSIBLE = 1
    """Nothing speaks against it."""
    LIKELY = 2
    """Several marks speak for it, none of them alone is proof."""
    CERTAIN = 3
    """The file says so itself (OSABI, ABI note, interpreter)."""


class Evidence:
    """One module's judgement of one file."""

    def __init__(self, strength: Strength, reason: str) -> None:
        self.strength = strength
        self.reason = reason


class Request:
    """What is to be loaded, and for whom; a module reads it and changes nothing."""

    def __init__(
        self,
        image: Image,
        name: bytes,
        path: bytes,
        arguments: list[bytes],
        environment: list[bytes],
        view: View,
        credentials: Credentials,
        limits: Limits,
    ) -> None:
        self.image = image
        self.name = name
        """The name that exec was called with: a script's own name, though its interpreter is what is loaded (AT_EXECFN)."""
        self.path = path
        """The path of the image, for /proc/pid/maps."""
        self.arguments = arguments
        self.environment = environment
        self.view = view
        self.credentials = credentials
        """As they will be after the exec, set-user-ID bits applied."""
        self.limits = limits

    @property
    def secure(self) -> bool:
        """Whether the program runs with more than its caller's identity (AT_SECURE)."""
        who = self.credentials
        return who.uid != who.euid or who.gid != who.egid


class Program:
    """A program that is completely built and not yet visible to anyone. Dropping it undoes everything."""

    def __init__(self, space: AddressSpace, entry: u64, stack_pointer: u64, abi: Abi) -> None:
        self.space = space
        self.entry = entry
        self.stack_pointer = stack_pointer
        self.abi = abi
        self.arguments = Region()
        self.environment = Region()
        """Where its strings lie: /proc/pid/cmdline and environ."""


class AbiModule:
    """The base of every ABI's loading part. One instance a module, registered at boot."""

    def __init__(self, name: str) -> None:
        self.name = name

    def recognise(self, image: Image) -> Evidence:
        """Judge the file. An Errno means that the file is damaged: no module could run it."""
        raise NotImplementedError("AbiModule.recognise")

    def view(self, current: View) -> View:
        """How a program of this ABI sees names; `current` is the view of the process that calls exec."""
        return current

    def load(self, request: Request, previous: Abi) -> Program:
        """Build the program aside. `previous` is the Abi of the process until now; settings such as tracing may be taken over from it.

        ENOEXEC, ENOMEM, E2BIG, ENOENT or EACCES (of an interpreter); nothing outside of the Program may change.
        """
        raise NotImplementedError("AbiModule.load")


modules: Final[list[AbiModule]] = []
"""In order of registration."""


def register(module: AbiModule) -> None:
    """Let the executor know a module (scarlet/boot.py)."""
    modules.append(module)


def choose(image: Image) -> AbiModule:
    """The module that understands the file best. ENOEXEC, with the reasons, when none does."""
    best: AbiModule | None = None
    best_strength = Strength.NONE
    for module in modules:
        strength = module.recognise(image).strength
        if strength > best_strength:
            best = module
            best_strength = strength
    if best is None:
        raise Errno(ENOEXEC, "; ".join(explain(image)))
    return best


def explain(image: Image) -> list[str]:
    """Every module's judgement of the file, a line each."""
    lines: list[str] = []
    for module in modules:
        evidence = module.recognise(image)
        lines.append(f"{module.name}: {evidence.strength.name.lower()} ({evidence.reason})")
    return lines
