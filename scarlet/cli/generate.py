"""`scarlet abi generate`, `python -m scarlet.cli.generate`: writes what follows from declarations: the files of the ABI modules
(generated_files.py), and scarlet/linked.py from the entry points in pyproject.toml (plugins.py).

With --check nothing is written, and the exit status is 1 when a file is not what it would be now.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from scarlet.cli import plugins
from scarlet.cli.declarations import DeclarationError
from scarlet.cli.errors import Status, UserError
from scarlet.cli.generated_files import Package, ours, stale
from scarlet.cli.paths import ROOT

LINKED = ROOT / "scarlet" / "linked.py"


def generate(what: str | None, *, check: bool) -> int:
    """Write, or check, all of the checkout and of the installed ABIs; or only one: an ABI's name, or the folder of its project."""
    failed = False
    for package in _packages(what):
        try:
            files = stale(package)
        except DeclarationError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        failed = _write(files, check=check) or failed
    if what is None:
        text = plugins.linking_source(plugins.own())
        if not LINKED.exists() or LINKED.read_text() != text:
            failed = _write({LINKED: text}, check=check) or failed
    return int(failed)


def _packages(what: str | None) -> Sequence[Package]:
    if what is None:
        return [*ours(), *(plugin.source for plugin in plugins.found() if not plugin.own)]
    if Path(what, "pyproject.toml").is_file():
        return [plugin.source for plugin in plugins.from_project(Path(what).resolve())]
    named = {plugin.name: plugin.source for plugin in plugins.found()}
    if what not in named:
        raise UserError(f"there is no ABI {what}, and no project in a folder of that name; there are {', '.join(named)}", Status.USAGE)
    return [named[what]]


def _write(files: dict[Path, str], *, check: bool) -> bool:
    """True when something is stale that is only checked."""
    for path, text in files.items():
        if not check:
            path.write_text(text)
        print(f"{os.path.relpath(path)}: {'is stale; run scarlet abi generate' if check else 'written'}")
    return check and bool(files)


def main() -> int:
    try:
        return generate(None, check=sys.argv[1:] == ["--check"])
    except UserError as error:
        print(error.message, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
