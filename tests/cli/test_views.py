"""initramfs/views.toml: read on the host as the kernel reads what the host made of it."""

from pathlib import Path

import pytest

from scarlet.cli import views
from scarlet.cli.errors import UserError
from scarlet.cli.image import seen_by_linux
from scarlet.cli.paths import VIEWS
from vfs.views import parse

RECIPES = views.read(VIEWS)
LINUX = RECIPES.of(views.LINUX)


def test_the_kernel_reads_the_recipes_as_they_are_written() -> None:
    read = parse(RECIPES.encode())
    assert list(read) == ["base", "disk", *RECIPES.recipes]
    for name, steps in RECIPES.all.items():
        written = [(step.kind, step.at, list(step.arguments)) for step in steps]
        assert [(s.kind.decode(), s.at.decode(), [word.decode() for word in s.arguments]) for s in read[name]] == written


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        ("/", "/system/linux-riscv64"),
        ("/bin/ls", "/system/linux-riscv64/bin/ls"),
        ("/home/user", "/home/user"),
        ("/homes", "/system/linux-riscv64/homes"),
        ("/tmp", "/tmp"),
        ("/scarlet", "/"),
        ("/scarlet/scarlet/run", "/scarlet/run"),
    ],
)
def test_what_is_seen_lies_somewhere_in_the_base(seen: str, place: str) -> None:
    assert LINUX.base_path(seen) == place


@pytest.mark.parametrize("path", ["/proc/x", "/dev/x", "/dev", "/scarlet/dev/x"])
def test_what_would_be_covered_when_the_machine_runs_has_no_place(path: str) -> None:
    with pytest.raises(UserError, match=f"{path} lies in a file system that is made when the machine starts"):
        LINUX.base_path(path)


def test_every_abi_has_its_own_root_and_shares_the_rest() -> None:
    assert RECIPES.of("native").base_path("/bin/sh") == "/system/scarlet/bin/sh"
    assert RECIPES.of("xv6-riscv64").base_path("/sh") == "/system/xv6-riscv64/sh"
    assert RECIPES.of("never-heard-of").base_path("/x") == "/system/never-heard-of/x"
    assert {RECIPES.of(abi).base_path("/home/x") for abi in ("native", "xv6-riscv64", "linux-riscv64")} == {"/home/x"}


def test_a_disk_takes_the_place_of_a_root() -> None:
    changed = RECIPES.with_disk("xv6-riscv64", "xv6fs", "/scarlet/xv6.img")
    text = changed.encode().decode()
    assert "disk\t/system/xv6-riscv64\txv6fs\t/scarlet/xv6.img\n" in text
    assert "bind\t/\t/system/xv6-riscv64\t\n" in text
    assert changed.of("xv6-riscv64").base_path("/home") == "/home"
    parse(changed.encode())


def test_the_image_has_a_place_for_every_mount() -> None:
    seen = seen_by_linux()
    for step in LINUX.steps:
        entry = seen.entries.get(step.at)
        assert entry is not None and entry.is_directory, step.at


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[base]\n", "view"),
        ("[base]\n[view.x]\n", "default"),
        ('[base]\n"/dev" = { old = "tmpfs" }\n[view.default]\n', "new"),
        ('[base]\n"/dev" = { bind = "/dev", readonly = true }\n[view.default]\n', "readonly"),
        ('[base]\n"/a\\tb" = { bind = "/dev" }\n[view.default]\n', "tab"),
        ('[base]\n"/" = { overlay = "/a", work = "/b" }\n[view.default]\n', "changes"),
    ],
)
def test_a_wrong_file_is_an_error_that_says_where(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "views.toml").write_text(text)
    with pytest.raises(UserError, match=words):
        views.read(tmp_path / "views.toml")
