"""`scarlet abi show`: the system calls of an ABI, read from the declarations in its source."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scarlet.cli.declarations import Call, DeclarationError, Reader
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import ROOT

ABIS = ROOT / "abi_modules"


def names() -> list[str]:
    """The ABI modules of this checkout, as the command names them: linux-riscv64."""
    return sorted(path.parent.name.replace("_", "-") for path in ABIS.glob("*/__init__.py"))


def find(name: str) -> str:
    """The full name of an ABI that is given in full or by its beginning."""
    found = [known for known in names() if known.startswith(name.replace("_", "-"))]
    if len(found) != 1:
        raise UserError(f"there is {'no ABI' if not found else 'more than one ABI'} {name}; there are {', '.join(names())}", Status.USAGE)
    return found[0]


def calls(name: str) -> list[Call]:
    """What the ABI declares, by number."""
    try:
        return Reader(ROOT).calls(f"abi_modules.{name.replace('-', '_')}")
    except DeclarationError as error:
        raise UserError(str(error)) from None


def show(name: str | None) -> None:
    """Print the table of an ABI, or the names of all."""
    console = Console()
    if name is None:
        for known in names():
            console.print(f"{known}  {len(calls(known))} calls", highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("number", "call", "file", "what it does here"):
        table.add_column(title, justify="right" if title == "number" else "left")
    for call in calls(find(name)):
        parameters = ", ".join(parameter.name for parameter in call.parameters)
        table.add_row(str(call.number), f"{call.name}({parameters})", f"{call.module}.py", escape(" ".join(call.documentation.split())))
    console.print(table)
