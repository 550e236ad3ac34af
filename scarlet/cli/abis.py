"""`scarlet abi list` and `scarlet abi show`: the ABIs of the next build, read from their source."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scarlet.cli import plugins
from scarlet.cli.declarations import Call, DeclarationError
from scarlet.cli.errors import Status, UserError
from scarlet.cli.plugins import AbiPlugin


def find(name: str) -> AbiPlugin:
    """The ABI that is given in full or by its beginning."""
    known = plugins.found()
    matching = [plugin for plugin in known if plugin.name.startswith(name.replace("_", "-"))]
    exact = [plugin for plugin in matching if plugin.name == name]
    if len(exact or matching) != 1:
        names = ", ".join(plugin.name for plugin in known)
        raise UserError(f"there is {'no ABI' if not matching else 'more than one ABI'} {name}; there are {names}", Status.USAGE)
    return (exact or matching)[0]


def calls(plugin: AbiPlugin) -> list[Call]:
    """What the ABI declares, by number."""
    try:
        return plugin.source.reader.calls(plugin.package)
    except DeclarationError as error:
        raise UserError(str(error)) from None


def list_all() -> None:
    """Print what the next build links, in the order in which they are asked whether a file is theirs."""
    table = _table("ABI", "calls", "from", "source")
    for plugin in plugins.linked():
        table.add_row(plugin.name, str(len(calls(plugin))), plugin.distribution, escape(str(plugin.source.folder)))
    Console().print(table)


def show(name: str) -> None:
    """Print an ABI's calls."""
    table = _table("number", "call", "file", "what it does here")
    for call in calls(find(name)):
        parameters = ", ".join(parameter.name for parameter in call.parameters)
        table.add_row(str(call.number), f"{call.name}({parameters})", f"{call.module}.py", escape(" ".join(call.documentation.split())))
    Console().print(table)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, justify="right" if title in ("number", "calls") else "left")
    return table
