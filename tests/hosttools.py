"""Programs of the host that tests ask for a second opinion; scripts/setup installs them."""

import os
import shutil


def tool(name: str) -> str:
    """Its path, also where only root's search path leads."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert path is not None, f"{name} is missing: scripts/setup installs it"
    return path
