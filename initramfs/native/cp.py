"""cp: copy files."""

from typing import Final

from scarlet.user.copying import copy_tree
from scarlet.user.destinations import destinations
from scarlet.user.errors import Failure, StatusError, UsageError
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: cp [-pr] FILE NAME
       cp [-pr] FILE... DIRECTORY

  -p, --preserve    keep mode, owner and times
  -r, --recursive   directories with all that is in them; links are copied as links
"""


def main(options: Options) -> int:
    if len(options.operands) < 2:
        raise UsageError("from where to where?")
    for source, name in destinations(options.operands[:-1], options.operands[-1]):
        try:
            copy_tree(source, name, keep=options.has("p"), directories=options.has("r"))
        except StatusError as error:
            program.complain(f"{shown(source)}: {error}")
        except Failure as error:
            program.complain(str(error))
    return 0


if __name__ == "__main__":
    run(USAGE, main)
