"""`scarlet inspect FILE`: which ABI module takes a file, and why. The kernel's own modules judge it, imported by CPython.

A script's interpreter is looked for in the boot image, as the programs of each ABI see it, in the order in which exec asks them.
"""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path

from executor import protocol
from executor.inspect import Finding, Report, report
from objects.inode import FileSystem, Inode, InodeType
from objects.view import Location, Mount, MountFlags
from scarlet.cli import cpio, image, linking, plugins, views
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.image import Tree
from scarlet.cli.paths import VIEWS
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EACCES, ELOOP, ENOENT, Errno, errno_name

RECOGNISED, NOT_RECOGNISED = 0, 1


class HostFile(Inode):
    """A file of the host, or of an image, to be read by the executor."""

    def __init__(self, filesystem: FileSystem, type: InodeType, data: bytes = b"") -> None:
        super().__init__(filesystem, 1, type, 0o755)
        self.data = data

    def size(self) -> int:
        return len(self.data)

    def read_at(self, buffer: Buffer, offset: int) -> int:
        piece = self.data[offset : offset + buffer.length]
        buffer.write(0, piece)
        return len(piece)


def place_of(type: InodeType, data: bytes = b"") -> Location:
    """A place in a file system of one file."""
    filesystem = FileSystem(b"host", 1)
    inode = HostFile(filesystem, type, data)
    return Location(Mount(filesystem, inode, None, MountFlags.NONE, b"host"), inode)


def host_place(path: Path) -> Location:
    """A file of the host. UserError when it cannot be read."""
    try:
        if path.is_dir():
            return place_of(InodeType.DIRECTORY)
        if path.exists() and not path.is_file():
            return place_of(InodeType.CHARACTER)
        return place_of(InodeType.REGULAR, path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", Status.USAGE) from None


class ImageFiles:
    """The files of a boot image as exec finds them: as the programs of each ABI see names, in the order of the ABIs."""

    def __init__(self, tree: Tree) -> None:
        recipes = views.read(VIEWS)
        self.seen = [image.seen_by(tree, recipes.of(module.name)) for module in protocol.modules]

    def resolve(self, path: bytes) -> Location:
        """As executor.files.open_interpreter for a caller whose own view has no such file. ENOENT, EACCES, ELOOP."""
        entry = self.find(path.decode(errors="surrogateescape"))
        if entry is None:
            raise Errno(ENOENT, "the image has no such interpreter")
        if not entry.is_file or not entry.mode & 0o111:
            raise Errno(EACCES, "the interpreter is not an executable file")
        return place_of(InodeType.REGULAR, entry.data)

    def find(self, path: str) -> Entry | None:
        """The entry at an absolute path in the first view that has one."""
        if not path.startswith("/"):
            return None  # relative to a working directory that nobody here has
        try:
            return next((entry for seen in self.seen if (entry := seen.find(path))), None)
        except UserError:
            raise Errno(ELOOP, "too many symbolic links") from None


def inspect(place: Location, path: str, files: ImageFiles) -> Report:
    """The report on a file whose interpreters are in the image."""
    try:
        return report(place, path.encode(errors="surrogateescape"), files.resolve)
    except Errno as error:
        failed = Report()
        failed.fail(error.code, error.reason)
        return failed


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    path: str
    in_image: bool = False
    as_json: bool = False


def run(options: Options) -> int:
    """Print the report; the exit status."""
    register_modules()
    place = None if options.in_image else host_place(Path(options.path))
    needs_image = place is None or isinstance(place.inode, HostFile) and place.inode.data.startswith(b"#!")
    files = ImageFiles(Tree(cpio.read(image.base_archive())) if needs_image else Tree())
    if place is None:
        place = _image_place(files, options.path)
    result = inspect(place, options.path, files)
    if options.as_json:
        print(json.dumps(as_data(result), indent=2))
    else:
        _print(result)
    return NOT_RECOGNISED if result.code else RECOGNISED


def register_modules() -> None:
    """Let the executor know the ABI modules that the next kernel links, in its order."""
    if protocol.modules:
        return
    linking.import_linked(plugins.linked())
    importlib.import_module(linking.LINKED).link()


def _image_place(files: ImageFiles, path: str) -> Location:
    entry = files.find(path)
    if entry is None:
        raise UserError(f"{path}: not in the boot image", Status.USAGE)
    if entry.is_file:
        return place_of(InodeType.REGULAR, entry.data)
    return place_of(InodeType.DIRECTORY if entry.is_directory else InodeType.CHARACTER)


def as_data(result: Report) -> dict[str, object]:
    """The report as plain data, for --json."""
    return {
        "recognised": result.code == 0,
        "errno": errno_name(result.code) if result.code else None,
        "problem": result.problem or None,
        "files": [_finding_data(finding) for finding in result.findings],
    }


def _finding_data(finding: Finding) -> dict[str, object]:
    return {
        "path": finding.path.decode(errors="replace"),
        "facts": {fact.name: fact.value for fact in finding.facts},
        "winner": finding.winner or None,
        "modules": [
            {
                "name": judgement.module,
                "strength": judgement.evidence.strength.name.lower(),
                "for": judgement.evidence.support_texts,
                "against": judgement.evidence.oppose_texts,
            }
            for judgement in finding.judgements
        ],
    }


def _print(result: Report) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    for finding in result.findings:
        console.print(f"[bold]{escape(finding.path.decode(errors='replace'))}[/bold]")
        facts = Table(box=None, pad_edge=False, show_header=False)
        for fact in finding.facts:
            facts.add_row(f"  {escape(fact.name)}", escape(fact.value))
        console.print(facts)
        if finding.judgements:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for title in ("  module", "sure", "speaks for it", "speaks against it"):
                table.add_column(title)
            for judgement in finding.judgements:
                evidence = judgement.evidence
                mark = "> " if judgement.module == finding.winner else "  "
                table.add_row(
                    mark + judgement.module,
                    evidence.strength.name.lower(),
                    escape("\n".join(evidence.support_texts)),
                    escape("\n".join(evidence.oppose_texts)),
                )
            console.print(table)
    last = result.findings[-1].winner if result.findings else ""
    verdict = f"exec gives {errno_name(result.code)}: {result.problem}" if result.code else f"{last} takes it"
    console.print(f"[bold]{escape(verdict)}[/bold]")
