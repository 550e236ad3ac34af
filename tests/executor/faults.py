"""Faults on demand, counted: the n-th step of an operation that could fail does.

Steps are what can fail in the kernel: taking a page frame, making an object, growing a container, reading or mapping a file, and,
while the executor or an ABI module prepares, entering any of its functions (which stands for the allocations that Python hides:
bytes, slices, strings). The commit is held to more: it may make nothing at all, so there only true allocations are steps.

    faults = Faults(fail_at=17)
    with faults: execute(...)        # MemoryError or EIO at step 17
    faults.steps                     # how many there were

A constructor fails as it is entered, and CPython then runs the destructor of the empty object, which finds none of its attributes: that
destructor's AttributeError is expected (`expects`), no other exception in a destructor is.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from objects.inode import Inode
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EIO, Errno

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("executor", "objects", "vfs", "abi_modules", "scarlet/kernel", "tests/executor", "tests/kernel")
KERNEL = tuple(str(ROOT / folder) + "/" for folder in FOLDERS)
PREPARING = tuple(str(ROOT / folder) + "/" for folder in ("executor", "abi_modules"))
GROWING = {"append", "appendleft", "extend", "insert", "join", "copy", "to_bytes", "setdefault"}
COMMIT = "commit"


class Faults:
    """A context in which step number `fail_at` fails; -1 only counts."""

    def __init__(self, fail_at: int = -1) -> None:
        self.fail_at = fail_at
        self.steps = 0
        self.committing = False
        self.half_made: set[str] = set()
        """The classes of the objects whose constructors were under way when the step failed."""
        self.kinds: list[str] = []
        """What each step was, for messages."""
        self.files: list[Inode] = []
        """Reading and mapping these are steps."""
        self._undo: list[Callable[[], None]] = []

    @property
    def what(self) -> str:
        """The step that failed; nothing when there were fewer."""
        return self.kinds[self.fail_at] if 0 <= self.fail_at < len(self.kinds) else ""

    def __str__(self) -> str:
        return f"step {self.fail_at} ({self.what})"

    def __enter__(self) -> "Faults":
        take = frames._take

        def failing_take(order: int) -> int:
            self._step("frame")
            return take(order)

        frames._take = failing_take
        self._undo.append(lambda: setattr(frames, "_take", take))
        for inode in self.files:
            self._wrap_reads(inode)
        sys.setprofile(self._profile)
        return self

    def expects(self, problem: "sys.UnraisableHookArgs") -> bool:
        """Is this the destructor of an object that was not completely made?"""
        owner = getattr(problem.object, "__qualname__", "?").removesuffix(".__del__")
        return problem.exc_type is AttributeError and owner in self.half_made

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        sys.setprofile(None)
        while self._undo:
            self._undo.pop()()

    def _wrap_reads(self, inode: Inode) -> None:
        read, page = inode.read_at, inode.page

        def failing_read(buffer: Buffer, offset: int) -> int:
            self._step("read")
            return read(buffer, offset)

        def failing_page(index: int, *, write: bool) -> int:
            self._step("page")
            return page(index, write=write)

        inode.read_at = failing_read  # type: ignore[method-assign]
        inode.page = failing_page  # type: ignore[method-assign]
        self._undo.append(lambda: (inode.__dict__.pop("read_at"), inode.__dict__.pop("page"), None)[-1])

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call":
            if code.co_name == COMMIT and code.co_filename.startswith(PREPARING):
                self.committing = True
            elif code.co_name == "__init__" and code.co_filename.startswith(KERNEL):
                made = frame.f_locals["self"]
                if type(made).__init__.__code__ is code:
                    self._maybe(frame, f"making {type(made).__name__}")
            elif not self.committing and code.co_filename.startswith(PREPARING) and not code.co_name.startswith("<"):
                self._maybe(frame, f"entering {code.co_name}")
        elif (
            event == "c_call"
            and code.co_filename != __file__
            and getattr(argument, "__name__", "") in GROWING
            and code.co_filename.startswith(KERNEL)
        ):
            self._maybe(frame, f"{argument.__name__} in {code.co_name}")  # type: ignore[attr-defined]

    def _maybe(self, frame: FrameType, what: str) -> None:
        """Destructors do not fail: what they do on the way is no step."""
        above: FrameType | None = frame
        half_made: set[str] = set()
        while above is not None:
            if above.f_code.co_name in ("__del__", "__exit__"):
                return
            if above.f_code.co_name == "__init__":
                half_made.update(base.__qualname__ for base in type(above.f_locals["self"]).__mro__)
            above = above.f_back
        if self.steps == self.fail_at:
            self.half_made = half_made
        self._step(what)

    def _step(self, what: str) -> None:
        number = self.steps
        self.steps += 1
        self.kinds.append(what)
        if number != self.fail_at:
            return
        if what in ("read", "page"):
            raise Errno(EIO, "a bad block")
        raise MemoryError(f"step {number}: {what}")


@contextmanager
def watched_destructors(faults: Callable[[], Faults]) -> Iterator[list[str]]:
    """What goes wrong in destructors meanwhile, but for what the present faults expect."""
    problems: list[str] = []

    def keep(problem: "sys.UnraisableHookArgs") -> None:
        if not faults().expects(problem):
            problems.append(f"{problem.exc_type.__name__} in {getattr(problem.object, '__qualname__', '?')}: {problem.exc_value}")

    hook = sys.unraisablehook
    sys.unraisablehook = keep
    try:
        yield problems
    finally:
        sys.unraisablehook = hook
