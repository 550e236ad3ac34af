"""What an ABI module is to the executor, and how the right one is found for a file.

Detection is by evidence (evidence.py): every module looks at the file, never at its path, and says how strongly it believes that it
understands it, and why. The strongest belief wins; between equals the module that was registered first: the built-in ones in
the order linux-riscv64, xv6-riscv64, native, then plug-ins by name. The marks are kept, so that a choice can be explained (inspect.py).
"""

from typing import Final

from executor.evidence import Evidence, Strength
from executor.image import Image
from objects.abi import Abi
from objects.ceilings import NO_CEILINGS, Ceilings
from objects.credentials import Credentials
from objects.handle import HandleTable
from objects.limits import Limits
from objects.process import Region
from objects.view import View
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOEXEC
from vfs.views import for_abi

_SYSTEMS: Final = b"/scarlet/system/linux-riscv64/bin:/scarlet/system/scarlet/bin:/scarlet/system/xv6-riscv64"
SEARCH_PATH: Final = b"/bin:/sbin:/usr/bin:/usr/sbin:" + _SYSTEMS
"""Where shells of every ABI look for programs: first in their own root, then in those of all systems, which every view shows."""
DEFAULT_ENVIRONMENT: Final = [b"PATH=" + SEARCH_PATH, b"HOME=/home", b"TERM=vt100"]
"""What a program finds whose ancestors never had an environment, unless its module has something better."""


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
        """NAME=value strings; a module whose programs have no environment leaves them alone (environment.py keeps them)."""
        self.view = view
        self.credentials = credentials
        """As they will be after the exec, set-user-ID bits applied."""
        self.limits = limits
        """With the ceilings of the module's ABI."""
        self.handles: HandleTable | None = None
        """What the program will find open, if it is known: those that exec closes are still there, marked."""

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
        self.a0: u64 = u64(0)
        """What the program finds in its first two argument registers; all others are 0."""
        self.a1: u64 = u64(0)
        self.arguments = Region()
        self.environment = Region()
        """Where its strings lie: /proc/pid/cmdline and environ."""


class AbiModule:
    """The base of every ABI's loading part. One instance a module, registered at boot. The attributes say what programs of the ABI
    expect of the world; a module sets those that differ."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.has_environment = True
        """Its programs receive NAME=value strings and pass them on. If not, exec keeps them for the next program that has them."""
        self.default_environment: list[bytes] = DEFAULT_ENVIRONMENT
        """For the first program of a line that never had one."""
        self.default_cwd: bytes = b"/"
        """Where a program begins when its view does not show the directory it was started in."""
        self.ceilings: Ceilings = NO_CEILINGS
        """The limits that its programs rely on."""

    def recognise(self, image: Image) -> Evidence:
        """Judge the file. ENOEXEC when the headers are damaged, which rules it out; whatever reading the file raises."""
        raise NotImplementedError("AbiModule.recognise")

    def view(self, current: View) -> View:
        """How a program of this ABI sees names; `current` is the view of the process that calls exec, which stays as it is."""
        return for_abi(self.name, current, self.default_cwd)

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


def judge(module: AbiModule, image: Image) -> Evidence:
    """One module's judgement; damaged headers rule the file out. Raises what reading the file raises: then nobody can judge."""
    try:
        return module.recognise(image)
    except Errno as error:
        if error.code != ENOEXEC:
            raise
        evidence = Evidence()
        evidence.rule_out(error.reason if error.reason else "damaged")
        return evidence


def choose(image: Image) -> AbiModule:
    """The module that understands the file best. ENOEXEC, with the reasons, when none does."""
    best: AbiModule | None = None
    best_strength = Strength.NONE
    for module in modules:
        strength = judge(module, image).strength
        if strength > best_strength:
            best = module
            best_strength = strength
    if best is None:
        raise Errno(ENOEXEC, "; ".join([f"{module.name}: {judge(module, image).summary()}" for module in modules]))
    return best
