"""`python -m tests.qemu.fuzz --seed 7`: random system calls, random code with random registers (programs/fuzz.c).

The arguments fit the declarations of the Linux ABI, which are read from their source: a new call is tried without a line here.
Every child of a seed repeats alone: `--first N --children 1`. What is a failure: a panic, a machine that hangs, a line "the kernel failed
in", a child that SIGKILL does not end, a call that is ENOSYS though it is declared, memory that is not given back.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scarlet.cli.declarations import Parameter
from scarlet.cli.generated_files import ours
from tests import programs
from tests.qemu.test_leaks import in_use

LETTERS = {
    "fd": "f", "dirfd": "d", "path": "p", "string": "p", "signal": "s", "vector": "i", "filled_vector": "i",
    "message": "m", "filled_message": "m", "sockaddr": "a", "filled_sockaddr": "a", "strings": "v", "environment": "v",
    "timespec": "t", "timespec_pair": "t", "timeval": "t", "itimerval": "t", "address": "A",
}  # fmt: skip
"""What fuzz.c calls a kind of parameter; other pointers lead to a structure ("b"), other values are numbers ("n", sizes "z")."""
UNTRIED = ("reboot",)
"""Calls that would do what they are asked, were it not for the missing capability: an honest kernel is not tempted."""
PER_RUN = 100
"""Children between two looks at the memory."""
LOST = ("frames_free", "processes", "tasks")
"""What must be as before at the end. Of objects there may be a few more: the unknown calls that code made are remembered."""

OBJECTS_PER_LINE = 2
"""That a line of the kernel's log stays for."""


def kind(parameter: Parameter) -> str:
    """A word of the table."""
    type = parameter.type
    if type.flags:
        mask = 0
        for _name, value in type.members:
            mask |= value
        return f"F{mask}"
    if type.members:
        return "E" + ",".join(str(value) for _name, value in type.members)
    if type.kind in LETTERS:
        return LETTERS[type.kind]
    return "b" if type.integer == "UserPtr" else "z" if type.integer == "usize" else "n"


def table() -> str:
    """A line for each system call of Linux: its number, the kinds of its parameters."""
    linux = next(package for package in ours() if package.name.endswith("linux_riscv64"))
    calls = [call for call in linux.reader.calls(linux.name) if call.name not in UNTRIED]
    return "".join(f"{call.number} {' '.join(kind(parameter) for parameter in call.parameters)}\n" for call in calls)


def script(what: str, seed: int, first: int, children: int, free: str) -> str:
    """For the guest's shell: the children in runs, each followed by what is in use. The first run is there to let every table grow."""
    runs = [(first, min(children, PER_RUN))] + [(at, min(PER_RUN, first + children - at)) for at in range(first, first + children, PER_RUN)]
    look = "rm -rf /tmp/fuzz; sync; sleep 0.2; cat /proc/scarlet/memory; echo ==;"
    calls = "while read count abi number name; do echo unknown $number; done </proc/scarlet/calls;"
    return (
        f"exec 2>&1; cd /; {' '.join(f'fuzz {what} {seed} {at} {count} /etc/fuzz {free}; {look}' for at, count in runs)} {calls} echo alive"
    )


def options(folder: Path) -> list[str]:
    """Of `scarlet run`: the program and its table, and the log."""
    (folder / "table").write_text(table())
    return ["--log", "--add", f"{programs.build('fuzz')}:/bin/fuzz", "--add", f"{folder / 'table'}:/etc/fuzz"]


def complaints(status: int, output: str, log: str, children: int) -> list[str]:
    """What was found: lines that say it."""
    found = [] if status == 0 and output.rstrip().endswith("alive") else [f"the machine ended with status {status}"]
    found += [line for line in log.splitlines() if "kernel failed" in line or "kernel panic" in line]
    found += [line for line in output.splitlines() if line.startswith("immortal")]
    declared = {int(line.split()[0]) for line in table().splitlines()}
    found += [f"ENOSYS from call {number}" for number in re.findall(r"^unknown (\d+)", output, re.MULTILINE) if int(number) in declared]
    looks = [in_use(look) for look in output.split("==\n")[:-1] if "tasks" in look]  # else memory was too short for a look
    for name in LOST if len(looks) > 1 else ():
        if looks[0][name] != looks[-1][name]:
            found.append(f"{name}: {looks[0][name]}, then {looks[-1][name]}")
    logged = OBJECTS_PER_LINE * len(log.splitlines())
    if looks and looks[-1]["objects"] > looks[0]["objects"] + children + logged:
        found.append(f"objects: {looks[0]['objects']}, then {looks[-1]['objects']}")
    return found


def fuzz(
    what: str, seed: int, first: int, children: int, more: Sequence[str] = (), free: str = "", limit_s: int = 3600
) -> tuple[list[str], str]:
    """One boot; what was found, and all that was said."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        command = [sys.executable, "-m", "scarlet.cli.main", "run", "--net", "none", "--timeout", str(limit_s)]
        command += [*options(Path(scratch)), *more]
        command += ["--", "sh", "-c", script(what, seed, first, children, free)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return complaints(done.returncode, done.stdout, done.stderr, children), f"{done.stdout}{done.stderr}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.qemu.fuzz", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["calls", "code"], help="only one of both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first child")
    parser.add_argument("--children", type=int, default=1000, help="how many; each makes up to 150 calls (default 1000)")
    parser.add_argument("--hosted", action="store_true", help="under CPython")
    parser.add_argument("--memory", default="256M", help="of the machine (default 256M)")
    parser.add_argument(
        "--free", default="", help="pages: fill the memory before, until only these are free (with --memory 24M, 100 to 400)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="print all that was said")
    given = parser.parse_args()
    failed = False
    more = ["--memory", given.memory, *(["--hosted"] if given.hosted else [])]
    for what in [given.what] if given.what else ["calls", "code"]:
        found, said = fuzz(what, given.seed, given.first, given.children, more, given.free)
        print(said if given.verbose else "\n".join(line for line in said.splitlines() if line.endswith(" stalled")))
        print("\n".join([*found, f"{what}: {len(found)} complaints"]))
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
