"""Exec: from a path and strings to a running program (execve(2), execveat(2)).

The file is found and may be executed; scripts are followed, interpreter by interpreter, to a program; then transaction.py prepares
everything aside and commits it at once, or the caller gets the reason and nothing has changed.
"""

from typing import Final

from executor.alone import end_other_tasks
from executor.files import check_executable, open_interpreter, open_program
from executor.image import Image
from executor.script import MAX_SCRIPTS, parse_script
from executor.transaction import Start, commit, prepare
from objects.inode import InodeType
from objects.task import Task
from objects.view import Location
from scarlet.lang import Errno
from scarlet.lang.errno import EACCES, ELOOP, ENOENT, ENOTDIR
from vfs.walk import Walk, walk

AT_FDCWD: Final = -100


def execute(task: Task, path: bytes, arguments: list[bytes], environment: list[bytes] | None) -> None:
    """Replace the program of the calling process by the one at `path`. Raises what stands in the way; nothing has changed then.

    `environment` is None when the caller's ABI has none (environment.py)."""
    location = open_program(task.view, task.credentials, None, path)
    _execute(task, location, path, arguments, environment, reachable=True)


def execute_at(
    task: Task, directory: int, path: bytes, arguments: list[bytes], environment: list[bytes] | None, *, follow: bool, empty_path: bool
) -> None:
    """As execute, relative to the directory that a slot holds, or, with an empty path if that is allowed, the file in the slot itself."""
    if path == b"" and not empty_path:
        raise Errno(ENOENT, "an empty path")
    if directory == AT_FDCWD or path[:1] == b"/":
        if path == b"":
            raise Errno(EACCES, "the working directory is no program")
        if follow:
            execute(task, path, arguments, environment)
            return
        _execute(task, _without_following(task, None, path), path, arguments, environment, reachable=True)
        return
    handle = task.handles.handle(directory)
    start = handle.object.location()
    if start is None:
        raise Errno(EACCES if path == b"" else ENOTDIR, "the descriptor has no place in a file system")
    if path == b"":
        check_executable(task.credentials, start)
        name = b"/dev/fd/" + str(directory).encode()
        location = start
    else:
        name = b"/dev/fd/" + str(directory).encode() + b"/" + path
        location = open_program(task.view, task.credentials, start, path) if follow else _without_following(task, start, path)
    _execute(task, location, name, arguments, environment, reachable=not handle.close_on_exec)


def _without_following(task: Task, start: Location | None, path: bytes) -> Location:
    """ELOOP when the path names a symbolic link."""
    location = walk(task.view, task.credentials, start, path, Walk.NONE)
    if location.inode.type == InodeType.SYMLINK:
        raise Errno(ELOOP, "a symbolic link, under AT_SYMLINK_NOFOLLOW")
    check_executable(task.credentials, location)
    return location


def _execute(
    task: Task, location: Location, name: bytes, arguments: list[bytes], environment: list[bytes] | None, *, reachable: bool
) -> None:
    """`reachable`: the new program can open `name`; a script that cannot be reached has no interpreter that could read it."""
    start = Start(Image(location), name, arguments if arguments else [b""], environment)
    _follow_scripts(task, start, reachable=reachable)
    replacement = prepare(task, start)
    end_other_tasks(task)
    commit(task, replacement)


def _follow_scripts(task: Task, start: Start, *, reachable: bool) -> None:
    """While the image is a script, go on with its interpreter, which gets the script's path as an argument. ENOEXEC, ENOENT, ELOOP ..."""
    called = start.name
    for _depth in range(MAX_SCRIPTS + 1):
        script = parse_script(start.image)
        if script is None:
            return
        if not reachable:
            raise Errno(ENOENT, "the script's descriptor is closed by exec")
        words = [script.interpreter, script.argument] if script.argument else [script.interpreter]
        start.arguments = words + [called] + start.arguments[1:]
        start.script = called
        start.script_location = start.image.location
        called = script.interpreter
        start.image = Image(open_interpreter(task.view, task.credentials, called))
    raise Errno(ELOOP, "too many interpreters that are scripts")
