"""`scarlet abi new`: the project of a new ABI module, which builds, runs and passes its own test.

It is the worked example of docs/writing-an-abi.md, tests/plugins/tiny, under another name.
"""

import re
from pathlib import Path

from scarlet.cli import generate, plugins
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import ROOT, require_checkout

EXAMPLE = ROOT / "tests" / "plugins" / "tiny"
FILES = (
    "pyproject.toml",
    "tiny_abi/__init__.py",
    "tiny_abi/abi.py",
    "tiny_abi/calls.py",
    "tiny_abi/module.py",
    "tests/hello.S",
    "tests/test_tiny.py",
)
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(name: str, folder: Path) -> None:
    """Write the project into the folder, which must be empty or new."""
    require_checkout()
    if not NAME.fullmatch(name):
        raise UserError(f"{name}: an ABI's name is small letters, digits and hyphens, and begins with a letter", Status.USAGE)
    if name in [plugin.name for plugin in plugins.found()]:
        raise UserError(f"{name}: there is an ABI of that name already (scarlet abi list)", Status.USAGE)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already", Status.USAGE)
    for file in FILES:
        path = folder / renamed(file, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(renamed((EXAMPLE / file).read_text(), name))
    generate.generate(str(folder), check=False)


def renamed(text: str, name: str) -> str:
    """The example's text as that of another ABI: its package, its classes, and its name."""
    package = name.replace("-", "_")
    text = text.replace("tiny_abi", f"{package}_abi").replace("test_tiny", f"test_{package}")
    return text.replace("Tiny", "".join(part.capitalize() for part in name.split("-"))).replace("tiny", name)
