"""What earlier builds left may be damaged - a full disk, a power cut, another hand: the next build makes it again, and says nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scarlet.compiler import Options, build
from scarlet.compiler.emit.texts import Text, Texts
from scarlet.compiler.errors import Damaged

PROGRAM = 'print("all is well")\n'


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil(path: Path) -> None:
    path.write_bytes(b"\xf5garbage\n" * 20)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Callable[[], bytes], Path]:
    """A build, by a function that does it again and gives the program, and the folder of what it leaves."""
    folder = tmp_path_factory.mktemp("damage")
    program = folder / "well.py"
    program.write_text(PROGRAM)

    def again() -> bytes:
        output = build([program], Options(target="linux-user", output=folder / "well", folder=folder / "build")).output
        assert output is not None
        return output.read_bytes()

    again()
    return again, folder / "build"


@pytest.mark.parametrize("damage", [cut, spoil])
@pytest.mark.parametrize("pattern", ["objects/well-*.o", "@plugins_snapshot.json"])
def test_a_damaged_file_is_made_again(built: tuple[Callable[[], bytes], Path], pattern: str, damage: Callable[[Path], None]) -> None:
    again, folder = built
    before = again()
    (damaged,) = folder.rglob(pattern)
    damage(damaged)
    assert again() == before


@pytest.mark.parametrize("damage", [cut, spoil])
def test_a_damaged_text_is_not_compiled(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    texts = Texts(tmp_path)
    texts.put("part-1", Text.of("int x;\n" * 100))
    kept = texts.get("part-1")
    assert kept is not None
    assert kept.read() == "int x;\n" * 100
    damage(tmp_path / "part-1")
    with pytest.raises(Damaged):
        kept.read()


def test_a_text_without_its_digest_is_none(tmp_path: Path) -> None:
    texts = Texts(tmp_path)
    texts.put("part-1", Text.of("int x;\n"))
    spoil(tmp_path / "part-1")
    assert texts.get("part-1") is None
