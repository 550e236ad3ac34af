"""env: the environment, or a program with another one."""

from typing import Final

from scarlet.user.errors import StatusError
from scarlet.user.options import Options, shown
from scarlet.user.processes import NOT_FOUND, Launch, status_of_failure
from scarlet.user.program import program, run
from scarlet.user.search import USUAL_PATH, find_program

USAGE: Final = """
usage: env [-i] [-u NAME]... [NAME=VALUE]... [PROGRAM [ARGUMENT...]]

  -i, --ignore-environment   begin with none
  -u, --unset NAME           without this variable

Without a PROGRAM the environment is shown.
"""


def main(options: Options) -> int:
    environment = program.environment
    path = environment.value(b"PATH", USUAL_PATH)
    if options.has("i"):
        environment.clear()
    for name in options.values("u"):
        environment.remove(name)
    words = options.operands
    while len(words) > 0 and words[0].find(b"=") > 0:
        name, _equals, value = words.pop(0).partition(b"=")
        environment.set(name, value)
    if len(words) == 0:
        for setting in environment.settings():
            program.output.write(setting + b"\n")
        return 0
    place = find_program(words[0], environment.value(b"PATH", path))
    if place is None:
        program.complain(f"{shown(words[0])}: not found")
        return NOT_FOUND
    try:
        Launch(place, words, environment.settings()).replace()
    except StatusError as error:
        program.complain(f"{shown(words[0])}: {error}")
        return status_of_failure(error)
    return 0


if __name__ == "__main__":
    run(USAGE, main, interspersed=False)
