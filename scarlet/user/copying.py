"""Copying and removing files with all that lies below them."""

from abi_modules.native.interface import CURRENT, FileKind, Metadata, OpenFlags, RemoveFlags, Rights
from scarlet.user import calls, files
from scarlet.user.errors import Failure
from scarlet.user.options import shown
from scarlet.user.paths import join
from scarlet.user.streams import Writer, copy


def copy_tree(source: bytes, target: bytes, *, keep: bool, directories: bool) -> None:
    """Copy a file to `target`; `keep` keeps mode, owner and times, without `directories` a directory is refused.

    A symbolic link is followed, unless whole directories are copied: then it is copied as a link.
    """
    about = files.metadata(source, follow=not directories)
    there = files.found(target)
    if there is not None and there.device == about.device and there.inode == about.inode:
        raise Failure(f"{shown(source)} and {shown(target)} are the same file")
    match int(about.kind):
        case FileKind.DIRECTORY:
            if not directories:
                raise Failure(f"{shown(source)} is a directory (-r copies it with all that is in it)")
            _copy_directory(source, target, about, keep)
        case FileKind.SYMBOLIC_LINK:
            calls.file_make_link(CURRENT, target, files.link_text(source))
        case FileKind.REGULAR:
            _copy_bytes(source, target, about)
        case _:
            if not directories:
                _copy_bytes(source, target, about)
            else:
                calls.file_make(CURRENT, target, int(about.kind), int(about.mode), int(about.represents))
    if keep and about.kind != FileKind.SYMBOLIC_LINK:
        _keep(target, about)


def remove_tree(path: bytes) -> None:
    """Remove a file, or a directory with all that is in it."""
    if files.metadata(path, follow=False).kind != FileKind.DIRECTORY:
        calls.file_remove(CURRENT, path, RemoveFlags.NONE)
        return
    for name in files.names(path):
        remove_tree(join(path, name))
    calls.file_remove(CURRENT, path, RemoveFlags.DIRECTORY)


def _copy_directory(source: bytes, target: bytes, about: Metadata, keep: bool) -> None:
    if (files.working_path(target) + b"/").startswith(files.working_path(source) + b"/"):
        raise Failure(f"{shown(source)} cannot be copied into itself")
    if not files.is_directory(target):
        calls.file_make(CURRENT, target, FileKind.DIRECTORY, int(about.mode) | 0o700, 0)
    for name in files.names(source):
        copy_tree(join(source, name), join(target, name), keep=keep, directories=True)


def _copy_bytes(source: bytes, target: bytes, about: Metadata) -> None:
    reader = files.reader(source)
    opened = files.open_file(target, Rights.WRITE, OpenFlags.CREATE | OpenFlags.TRUNCATE, int(about.mode) & 0o777)
    copy(reader, Writer(opened))


def _keep(target: bytes, about: Metadata) -> None:
    here = files.metadata(target)
    if here.user != about.user or here.group != about.group:
        calls.file_set_owner(CURRENT, target, int(about.user), int(about.group), 0)
    calls.file_set_mode(CURRENT, target, int(about.mode), 0)
    calls.file_set_times(CURRENT, target, int(about.accessed_ns), int(about.modified_ns))
