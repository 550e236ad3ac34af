"""uname: which system this is."""

from typing import Final

from scarlet.user.options import Options
from scarlet.user.program import program, run
from scarlet.user.system import HOST_NAME, MACHINE, RELEASE, SYSTEM_NAME, VERSION, names

USAGE: Final = """
usage: uname [-amnrsv]

  -a, --all              everything
  -m, --machine          the processor's architecture
  -n, --nodename         the machine's name
  -r, --kernel-release   the kernel's release
  -s, --kernel-name      the system's name, also without an option
  -v, --kernel-version   the kernel's version
"""


def main(options: Options) -> int:
    known = names()
    chosen = [("s", SYSTEM_NAME), ("n", HOST_NAME), ("r", RELEASE), ("v", VERSION), ("m", MACHINE)]
    words = [known[place] for letter, place in chosen if options.has("a") or options.has(letter)]
    program.output.write_line(" ".join(words) if len(words) > 0 else known[SYSTEM_NAME])
    return 0


if __name__ == "__main__":
    run(USAGE, main)
