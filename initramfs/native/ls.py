"""ls: what is in a directory."""

from typing import Final

from abi_modules.native.interface import FileKind, Metadata
from scarlet.user import files
from scarlet.user.calendar import Date
from scarlet.user.errors import StatusError
from scarlet.user.options import Options, shown
from scarlet.user.paths import join
from scarlet.user.program import program, run
from scarlet.user.tables import columns, mode_text, size_text, table
from scarlet.user.terminal import width

USAGE: Final = """
usage: ls [-aAdFhilRrSt1] [FILE...]

  -a, --all         names that begin with a dot too, and "." and ".."
  -A, --almost-all  names that begin with a dot too
  -d, --directory   a directory itself, not what is in it
  -F, --classify    / after directories, * after programs, @ after links
  -h, --human       sizes in K, M, G
  -i, --inode       with the inode's number
  -l, --long        kind, mode, links, owner, size, time of change
  -R, --recursive   directories in directories too
  -r, --reverse     the other way round
  -S, --size        the largest first
  -t, --time        the newest first
  -1, --one         one name a line
"""


class Listed:
    """One line of the listing."""

    def __init__(self, name: bytes, path: bytes, follow: bool) -> None:
        self.name = name
        self.path = path
        self.about = files.metadata(path, follow=follow)

    @property
    def is_directory(self) -> bool:
        return self.about.kind == FileKind.DIRECTORY


class Listing:
    """What the options ask for."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._blank = False

    def show_operands(self, paths: list[bytes]) -> None:
        """Files first, then what is in the directories."""
        listed = [item for item in [self._look(path, path, not self._options.has("l")) for path in paths] if item is not None]
        plain = [item for item in listed if self._options.has("d") or not item.is_directory]
        if len(plain) > 0:
            self._show(plain)
            self._blank = True
        for item in self._sorted([item for item in listed if not self._options.has("d") and item.is_directory]):
            self._show_directory(item.path, len(paths) > 1 or self._options.has("R"))

    def _show_directory(self, path: bytes, heading: bool) -> None:
        try:
            names = files.names(path)
        except StatusError as error:
            program.complain(f"{shown(path)}: {error}")
            return
        if self._options.has("a"):
            names = [b".", b"..", *names]
        elif not self._options.has("A"):
            names = [name for name in names if not name.startswith(b".")]
        if heading:
            program.output.write((b"\n" if self._blank else b"") + path + b":\n")
        self._blank = True
        found = [item for item in [self._look(name, join(path, name), False) for name in names] if item is not None]
        self._show(found)
        if self._options.has("R"):
            for item in self._sorted(found):
                if item.is_directory and item.name != b"." and item.name != b"..":
                    self._show_directory(item.path, True)

    def _look(self, name: bytes, path: bytes, follow: bool) -> Listed | None:
        try:
            return Listed(name, path, follow)
        except StatusError as error:
            if follow:
                return self._look(name, path, False)
            program.complain(f"{shown(path)}: {error}")
            return None

    def _sorted(self, items: list[Listed]) -> list[Listed]:
        out = sorted(items, key=lambda item: item.name)
        if self._options.has("S"):
            out = sorted(out, key=lambda item: -int(item.about.size))
        elif self._options.has("t"):
            out = sorted(out, key=lambda item: -int(item.about.modified_ns))
        if self._options.has("r"):
            out.reverse()
        return out

    def _show(self, items: list[Listed]) -> None:
        ordered = self._sorted(items)
        if self._options.has("l"):
            self._show_long(ordered)
            return
        names = [self._inode(item.about) + item.name + self._mark(item.about) for item in ordered]
        if program.output.prompt and not self._options.has("1"):
            names = columns(names, width(program.output.handle.slot))
        for name in names:
            program.output.write(name + b"\n")

    def _show_long(self, items: list[Listed]) -> None:
        rows = table([self._facts(item.about) for item in items], [True, False, True, True, True, True, False])
        for row, item in zip(rows, items):
            line = row.lstrip() if not self._options.has("i") else row
            target = b""
            if item.about.kind == FileKind.SYMBOLIC_LINK:
                target = b" -> " + files.link_text(item.path)
            program.output.write(line.encode() + b" " + item.name + (target if len(target) > 0 else self._mark(item.about)) + b"\n")

    def _facts(self, about: Metadata) -> list[str]:
        size = size_text(int(about.size)) if self._options.has("h") else str(int(about.size))
        if about.kind == FileKind.CHARACTER_DEVICE or about.kind == FileKind.BLOCK_DEVICE:
            size = f"{(int(about.represents) >> 8) & 0xFFF}, {int(about.represents) & 0xFF}"
        return [
            str(int(about.inode)) if self._options.has("i") else "",
            mode_text(int(about.kind), int(about.mode)),
            str(int(about.links)),
            str(int(about.user)),
            str(int(about.group)),
            size,
            Date(int(about.modified_ns)).text(),
        ]

    def _inode(self, about: Metadata) -> bytes:
        return f"{int(about.inode)} ".encode() if self._options.has("i") else b""

    def _mark(self, about: Metadata) -> bytes:
        if not self._options.has("F"):
            return b""
        if about.kind == FileKind.DIRECTORY:
            return b"/"
        if about.kind == FileKind.SYMBOLIC_LINK:
            return b"@"
        return b"*" if about.kind == FileKind.REGULAR and int(about.mode) & 0o111 else b""


def main(options: Options) -> int:
    Listing(options).show_operands(options.operands if len(options.operands) > 0 else [b"."])
    return 0


if __name__ == "__main__":
    run(USAGE, main)
