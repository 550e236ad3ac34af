"""The files of an xv6 image as the host sees them: which program a run starts whose root the image is."""

import random
from pathlib import Path

import pytest

from scarlet import runfile
from scarlet.cli import cpio, run, userland, views, xv6disk
from scarlet.cli.errors import Status, UserError
from tests.vfs.xv6image import DIRENT, Builder, content

FOLDER = views.root_of(views.XV6)
TOP = ("ls", "sh")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two programs at the top, one in a directory, a file that is none, the console, a large file."""
    programs = {entry.path.rpartition("/")[2]: entry.data for entry in userland.entries(0) if entry.path.startswith(f"{FOLDER}/")}
    builder = Builder(1000, 200, 30)
    for name in TOP:
        builder.file(name.encode(), programs[name])
    builder.file(b"notes", b"words\n")
    builder.file(b"large", random.Random(1).randbytes(200 * 1024 + 3))
    builder.console()
    builder.slots.append((builder.inode(1, slots((builder.inode(2, programs["cat"]), b"deep"))), b"bin"))
    path = tmp_path_factory.mktemp("disk") / "fs.img"
    path.write_bytes(builder.finish())
    return path


def slots(*names: tuple[int, bytes]) -> bytes:
    """The content of a directory."""
    return b"".join(DIRENT.build({"inum": inum, "name": name.ljust(14, b"\0")}) for inum, name in names)


def started(disk: Path, *command: str, cwd: str = "", add: list[str] | None = None) -> str:
    """The program that a run starts."""
    archive = run.prepare(run.Options(command=list(command), xv6=disk, shell="xv6", terminal=False, cwd=cwd, add=add or []))
    (record,) = [entry.data for entry in cpio.read(archive) if entry.path == runfile.PATH.decode()]
    return runfile.parse(record).path.decode()


def test_every_file_is_there(disk: Path) -> None:
    expected = {path.decode(): data for path, data in content(disk.read_bytes()).items() if path not in (b"/", b"/console")}
    found = {entry.path.removeprefix(FOLDER): None if entry.is_directory else entry.data for entry in xv6disk.entries(disk, FOLDER)}
    assert found.pop("") is None, "the root itself"
    assert found == expected


def test_a_program_of_the_image_goes_before_others(disk: Path) -> None:
    assert started(disk) == "/sh"
    assert started(disk, "ls") == "/ls"
    assert started(disk, "/bin/deep") == started(disk, "bin/deep") == "/bin/deep"
    assert started(disk, "./deep", cwd="/bin") == "/bin/./deep"


def test_what_the_image_lacks_is_looked_for_among_the_programs_of_all_systems(disk: Path) -> None:
    assert started(disk, "busybox", "ls") == "/scarlet/system/linux-riscv64/bin/busybox"
    assert started(disk, "cat") == "/scarlet/system/linux-riscv64/bin/cat", "the boot image's own xv6 programs are covered"


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("nosuch", Status.NOT_FOUND, "nosuch is not in the image"),
        ("bin/ls", Status.NOT_FOUND, "bin/ls is not in the image"),
        ("/notes", Status.NOT_RUNNABLE, "/notes is neither an ELF program nor a script"),
        ("/bin", Status.NOT_RUNNABLE, "/bin is not a file"),
    ],
)
def test_what_cannot_be_started(disk: Path, command: str, status: Status, words: str) -> None:
    with pytest.raises(UserError, match=words) as error:
        started(disk, command)
    assert error.value.status == status


def test_nothing_can_be_put_onto_the_image(disk: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("#!/sh\n")
    (tmp_path / "own").chmod(0o755)
    assert started(disk, "/tmp/own", add=[f"{tmp_path / 'own'}:/tmp/own"]) == "/tmp/own"
    with pytest.raises(UserError, match="/own would lie on the disk of --xv6"):
        started(disk, "ls", add=[f"{tmp_path / 'own'}:/own"])


def test_a_directory_may_lie_in_itself(tmp_path: Path) -> None:
    builder = Builder(1000, 200, 30)
    number = builder.next_inode
    builder.slots.append((builder.inode(1, slots((number, b"again"), (1, b"up"))), b"d"))
    (tmp_path / "fs.img").write_bytes(builder.finish())
    assert [entry.path for entry in xv6disk.entries(tmp_path / "fs.img", "/x")] == ["/x", "/x/d"]


def test_images_that_lie(disk: Path, tmp_path: Path) -> None:
    """Random bytes where the structures are: no traceback, and not more files than names."""
    whole, choice = disk.read_bytes(), random.Random(6)
    path = tmp_path / "fs.img"
    for _round in range(40):
        data = bytearray(whole)
        for _change in range(choice.randint(1, 40)):
            data[choice.randrange(1024, 60 * 1024)] = choice.choice((0, 1, 2, choice.randrange(256)))
        path.write_bytes(data)
        try:
            assert len(xv6disk.entries(path, FOLDER)) < len(whole) // 16
        except UserError as error:
            assert "holds no xv6 file system" in error.message
