"""Programs of the host that tests ask for a second opinion; scripts/setup installs them."""

from scarlet.cli.diskimage import find_tool


def tool(name: str) -> str:
    """Its path."""
    path = find_tool(name)
    assert path is not None, f"{name} is missing: scripts/setup installs it"
    return path
