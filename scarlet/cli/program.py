"""Find the program a run starts and see beforehand whether this machine can run it: a clear word on the host is worth more
than ENOEXEC from the guest."""

import posixpath

from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.image import Tree

ELF_MAGIC = b"\x7fELF"
CLASS_64, LITTLE_ENDIAN = 2, 1
TYPE_EXECUTABLE, TYPE_SHARED = 2, 3
MACHINE_RISCV = 243
PROGRAM_HEADER_SIZE = 56
SEGMENT_INTERPRETER = 3
MACHINES = {3: "i386", 8: "MIPS", 20: "PowerPC", 21: "ppc64", 22: "s390x", 40: "32-bit ARM", 62: "x86-64", 183: "arm64", 258: "LoongArch"}
MAX_SCRIPTS = 4
"""A script's interpreter may be a script, as deep as Linux allows."""


def locate(tree: Tree, command: str, path: str, cwd: str) -> str:
    """The program's path in the image: `command` itself when it has a slash, else the first hit along PATH."""
    if not command:
        raise UserError("the program's name is empty", Status.NOT_FOUND)
    if "/" in command:
        found = posixpath.join(cwd, command)
        if tree.find(found) is None:
            raise UserError(f"{command} is not in the image; put it there with --add HOST:{found}", Status.NOT_FOUND)
        return found
    for folder in path.split(":"):
        found = posixpath.join(folder or cwd, command)
        entry = tree.find(found)
        if entry is not None and entry.is_file and entry.mode & 0o111:
            return found
    raise UserError(f"{command} is not in the image (looked in {path}); put it there with --add HOST:/bin/{command}", Status.NOT_FOUND)


def check(tree: Tree, path: str, depth: int = 0) -> None:
    """UserError when the program at `path` cannot run here, with the reason."""
    entry = tree.find(path)
    if entry is None:
        raise UserError(f"{path} is not in the image", Status.NOT_FOUND)
    if not entry.is_file:
        raise UserError(f"{path} is not a file", Status.NOT_RUNNABLE)
    if not entry.mode & 0o111:
        raise UserError(f"{path} is not executable (mode {entry.mode & 0o7777:o}); chmod +x the file on the host", Status.NOT_RUNNABLE)
    if entry.data.startswith(b"#!"):
        _check_script(tree, entry, path, depth)
    elif entry.data.startswith(ELF_MAGIC):
        _check_elf(tree, entry, path)
    else:
        raise UserError(f"{path} is neither an ELF program nor a script with #!", Status.NOT_RUNNABLE)


def _check_script(tree: Tree, entry: Entry, path: str, depth: int) -> None:
    words = entry.data[2:].split(b"\n", 1)[0].split()
    if not words:
        raise UserError(f"{path}: the #! line names no interpreter", Status.NOT_RUNNABLE)
    interpreter = words[0].decode(errors="surrogateescape")
    if depth == MAX_SCRIPTS:
        raise UserError(f"{path}: too many levels of interpreters", Status.NOT_RUNNABLE)
    if tree.find(interpreter) is None:
        raise UserError(f"{path} needs {interpreter}, which is not in the image", Status.NOT_RUNNABLE)
    check(tree, interpreter, depth + 1)


def _check_elf(tree: Tree, entry: Entry, path: str) -> None:
    data = entry.data

    def number(offset: int, size: int) -> int:
        return int.from_bytes(data[offset : offset + size], "little")

    if len(data) < 64:
        raise UserError(f"{path} is a truncated ELF file ({len(data)} bytes)", Status.NOT_RUNNABLE)
    machine = int.from_bytes(data[18:20], "little" if data[5] == LITTLE_ENDIAN else "big")
    if machine != MACHINE_RISCV:
        kind = MACHINES.get(machine, f"ELF machine {machine}")
        raise UserError(
            f"{path} is a program for {kind}; this machine runs riscv64 (build it with a riscv64-linux target)", Status.NOT_RUNNABLE
        )
    if data[4] != CLASS_64 or data[5] != LITTLE_ENDIAN:
        raise UserError(f"{path} is a 32-bit RISC-V program; this machine runs riscv64", Status.NOT_RUNNABLE)
    if number(16, 2) not in (TYPE_EXECUTABLE, TYPE_SHARED):
        raise UserError(f"{path} is an ELF file but not a program (an object or core file; link it first)", Status.NOT_RUNNABLE)
    table, size, count = number(32, 8), number(54, 2), number(56, 2)
    if size != PROGRAM_HEADER_SIZE or count == 0 or table + size * count > len(data):
        raise UserError(f"{path} is a damaged ELF file: its program headers are not there", Status.NOT_RUNNABLE)
    for offset in range(table, table + size * count, size):
        file_offset, file_size = number(offset + 8, 8), number(offset + 32, 8)
        if number(offset, 4) != SEGMENT_INTERPRETER:
            continue
        loader = data[file_offset : file_offset + file_size].rstrip(b"\0").decode(errors="surrogateescape")
        if tree.find(loader) is None:
            raise UserError(
                f"{path} is dynamically linked and its loader {loader} is not in the image; link it statically", Status.NOT_RUNNABLE
            )
