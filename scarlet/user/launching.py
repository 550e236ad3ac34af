"""`linux PROGRAM`, `xv6 PROGRAM`, `native PROGRAM`: a program of one system by name, whatever others have a program of that name."""

from typing import Final

from scarlet.user.errors import StatusError
from scarlet.user.options import shown
from scarlet.user.paths import join
from scarlet.user.processes import NOT_FOUND, Launch, status_of_failure
from scarlet.user.program import program
from scarlet.user.search import is_program

MISUSED: Final = 2


def launch(folders: list[bytes]) -> None:
    """Go on as the program that our first argument names, found in one of the folders; end when it cannot be started."""
    words = program.arguments[1:]
    if len(words) == 0 or words[0].startswith(b"-"):
        program.say(f"usage: {program.name} PROGRAM [ARGUMENT...]\n".encode())
        program.exit(0 if words == [b"--help"] else MISUSED)
    for folder in folders:
        path = join(folder, words[0].lstrip(b"/"))
        if is_program(path):
            try:
                Launch(path, words, program.environment.settings()).replace()
            except StatusError as error:
                program.complain(f"{shown(words[0])}: {error}")
                program.exit(status_of_failure(error))
    program.complain(f"{shown(words[0])}: not found in {', '.join([shown(folder) for folder in folders])}")
    program.exit(NOT_FOUND)
