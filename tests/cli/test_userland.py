"""The programs of the boot image: compiled when a source changed, put where their systems look."""

from pathlib import Path

import pytest

from scarlet.cli import userland
from scarlet.cli.errors import UserError
from scarlet.cli.userland import NATIVE, USERLANDS, XV6, Userland


def test_the_key_is_that_of_the_contents_and_not_of_the_kernel() -> None:
    assert userland.key(NATIVE) == userland.key(NATIVE) != userland.key(XV6)
    names = {str(path.relative_to(userland.ROOT)) for path in userland.sources(NATIVE)}
    assert {"scarlet/user/streams.py", "initramfs/native/ls.py", "scarlet/compiler/targets.py", "abi_modules/native/status.py"} <= names
    assert not [name for name in names if name.startswith(("objects/", "vfs/", "scarlet/kernel/"))]


def test_the_key_changes_with_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "programs").mkdir()
    program = tmp_path / "programs" / "a.py"
    program.write_text("print(1)\n")
    monkeypatch.setattr(userland, "ROOT", tmp_path)
    monkeypatch.setattr(userland, "COMMON", ())
    ours = Userland("native", "programs", "/bin", ())
    before = userland.key(ours)
    program.write_text("print(2)\n")
    assert userland.key(ours) != before


def test_every_program_of_the_source_is_in_the_image() -> None:
    paths = {entry.path: entry for entry in userland.entries(mtime=0)}
    assert "/system/scarlet/bin/init" in paths and "/system/xv6-riscv64/sh" in paths
    assert len(paths) == sum(len(found.programs()) for found in USERLANDS)
    native = paths["/system/scarlet/bin/hello"]
    assert native.data[:4] == b"\x7fELF" and native.data[7] == 83 and native.mode & 0o111


def test_a_program_that_does_not_compile_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    broken = Userland("native", "tests/compiler/refused", "/bin", ())
    monkeypatch.setattr(userland, "BUILD", Path(userland.BUILD) / "broken")
    with pytest.raises(UserError, match="do not compile"):
        userland.ensure(broken)
    assert "error: " in capfd.readouterr().err
