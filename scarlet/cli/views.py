"""initramfs/views.toml: how programs of each ABI see names.

Written into the image as the record file that vfs/views.py reads, and used on the host to find out where in the image a file must lie for
a program to see it under a path.
"""

import posixpath
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scarlet.cli.errors import Status, UserError

RECORDS = "/scarlet/views"
DEFAULT = "default"
LINUX = "linux-riscv64"
XV6 = "xv6-riscv64"


@dataclass(frozen=True)
class Step:
    """One mount: the record's kind, where it goes, and its other fields."""

    kind: str
    at: str
    arguments: tuple[str, ...]

    @property
    def source(self) -> str:
        """The directory of the base whose files are seen there; empty when it is none."""
        return self.arguments[0] if self.kind in ("overlay", "bind") else ""

    def for_abi(self, name: str) -> "Step":
        return replace(self, arguments=tuple(argument.replace("{abi}", name) for argument in self.arguments))


@dataclass(frozen=True)
class Recipe:
    """The mounts of one view, the root first; `base` are those of the base itself."""

    name: str
    steps: tuple[Step, ...]
    base: tuple[Step, ...] = ()

    def base_path(self, path: str) -> str:
        """Where in the base the file lies that a program sees under this path. UserError when it lies in no directory of the base."""
        place = path
        for steps in (self.steps, self.base):
            step = max((step for step in steps if _is_below(place, step.at)), key=lambda step: len(step.at), default=None)
            if step is not None and not step.source:
                raise UserError(f"{path} lies in a file system that is made when the machine starts", Status.USAGE)
            if step is not None:
                place = posixpath.normpath(posixpath.join(step.source, posixpath.relpath(place, step.at)))
        return place


@dataclass(frozen=True)
class Views:
    """Every recipe of the file."""

    base: tuple[Step, ...]
    disk: tuple[Step, ...]
    recipes: dict[str, tuple[Step, ...]]

    @property
    def all(self) -> dict[str, tuple[Step, ...]]:
        """Every recipe under the name that the kernel knows it by."""
        return {"base": self.base, "disk": self.disk, **self.recipes}

    @property
    def kept(self) -> tuple[str, ...]:
        """The directories that lie on the disk if there is one."""
        return tuple(step.at for step in self.disk if step.kind == "bind")

    def of(self, abi: str) -> Recipe:
        """What programs of an ABI see."""
        return Recipe(abi, tuple(step.for_abi(abi) for step in self.recipes.get(abi, self.recipes[DEFAULT])), self.base)

    def with_disk(self, abi: str, kind: str, image: str) -> "Views":
        """The same, but the root of that ABI is the file system in an image, to be written as it is."""
        folder = root_of(abi)
        own = (Step("bind", "/", (folder, "")), *self.of(abi).steps[1:])
        return replace(self, base=(*self.base, Step("disk", folder, (kind, image))), recipes={**self.recipes, abi: own})

    def encode(self) -> bytes:
        """The record file."""
        lines: list[str] = []
        for name, steps in self.all.items():
            lines.append(f"view\t{name}")
            lines += ["\t".join((step.kind, step.at, *step.arguments)) for step in steps]
        return "".join(line + "\n" for line in lines).encode()


def root_of(abi: str) -> str:
    """Where in the base the root of an ABI's programs lies."""
    return f"/system/{abi}"


def read(path: Path) -> Views:
    """The file; UserError says what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text())
        views = table["view"]
        default = views[DEFAULT]
        return Views(_steps(table["base"]), _steps(table["disk"]), {name: _steps({**default, **own}) for name, own in views.items()})
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError, ValueError) as error:
        raise UserError(f"{path.name}: {error}") from None


def _steps(mounts: dict[str, dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(_step(at, dict(rule)) for at, rule in mounts.items())


def _step(at: str, rule: dict[str, Any]) -> Step:
    if "overlay" in rule:
        step = Step("overlay", at, (rule.pop("overlay"), rule.pop("changes"), rule.pop("work")))
    elif "bind" in rule:
        options = [option for option, key in (("ro", "read_only"), ("rec", "recursive")) if rule.pop(key, False)]
        step = Step("bind", at, (rule.pop("bind"), ",".join(options)))
    elif "disk" in rule:
        step = Step("disk", at, (rule.pop("disk"), rule.pop("image")))
    else:
        step = Step("new", at, (rule.pop("new"),))
    if rule:
        raise ValueError(f"{at}: nobody knows {', '.join(rule)}")
    for text in (at, *step.arguments):
        if "\t" in text or "\n" in text:
            raise ValueError(f"{at}: a name with a tab or a line break")
    return step


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip("/") + "/")
