"""The example's own tests are for its installed package: test_plugins.py installs it and runs them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scarlet.cli.paths import ROOT

collect_ignore = ["tiny"]
EXAMPLE = Path(__file__).resolve().parent / "tiny"

Command = Callable[..., subprocess.CompletedProcess[str]]


def install(project: Path, site: Path) -> Path:
    """pip install, from a copy, for setuptools writes beside the source; without a network. Gives the copy."""
    copy = site.parent / f"{site.name}-source"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--no-index", "--no-build-isolation", "--no-deps", "--target", site, copy], check=True)
    return copy


def command_with(site: Path) -> Command:
    """python -m MODULE ARGUMENTS, with the packages of `site` installed."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {"PYTHONPATH": f"{ROOT}:{site}"}
        command = [sys.executable, "-m", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=site, env=_environment() | environment)

    return run


def _environment() -> dict[str, str]:
    """Without what the running pytest leaves for its children: they are tests of their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the example in it."""
    folder = tmp_path_factory.mktemp("plugins") / "site"
    install(EXAMPLE, folder)
    return folder


@pytest.fixture(scope="module")
def command(site: Path) -> Command:
    return command_with(site)
