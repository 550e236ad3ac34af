"""Scarlet's answers: all the checks in one boot, driven by a script in the guest.

For each check the driver prints `@@ NAME STATUS SIZE` and SIZE bytes of output. A check that hangs is ended by timeout(1) in the
guest and answers with its status; one that takes the machine down leaves it, and those behind it, without an answer.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.equivalence.corpus import Answer, Check
from tests.equivalence.oracle import ENVIRONMENT

DRIVER = """\
umask 022
for check in "$@"; do
    mkdir -p /tmp/checks/$check/work; cp /checks/$check.sh /tmp/checks/$check/check.sh; cd /tmp/checks/$check/work
    { timeout -s KILL LIMIT sh ../check.sh 2>/tmp/errors </dev/null; echo $? >/tmp/status; } | cat >/tmp/output
    read status </tmp/status
    set -- $(wc -c </tmp/output)
    printf '@@ %s %d %d\\n' $check $status $1; cat /tmp/output
    [ -z "$VERBOSE" ] || { echo "== $check"; cat /tmp/errors; } >&2
    cd /; rm -rf /tmp/checks/$check /tmp/output /tmp/errors
done
echo @@ end
"""
RECORD = re.compile(rb"@@ (\S+) (\d+) (\d+)\n")


def write_files(folder: Path, checks: list[Check], limit_s: int) -> None:
    """The driver and the scripts, to be added to the image as /checks."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "driver").write_text(DRIVER.replace("LIMIT", str(limit_s)))
    for check in checks:
        (folder / f"{check}.sh").write_text(check.script)


def parse(output: bytes) -> dict[str, Answer]:
    """The answers in the driver's output."""
    answers = {}
    position = 0
    while match := RECORD.match(output, position):
        name, status, size = match[1].decode(), int(match[2]), int(match[3])
        position = match.end() + size
        answers[name] = Answer(output[match.end() : position], status)
    return answers


def ask(folder: Path, checks: list[Check], *options: str, limit_s: int = 60, timeout_s: float = 900) -> tuple[dict[str, Answer], str]:
    """Run the checks on Scarlet; the answers, and what the run wrote to standard error."""
    write_files(folder, checks, limit_s)
    environment = [argument for name, value in {**ENVIRONMENT, "BIN": "/bin"}.items() for argument in ("--env", f"{name}={value}")]
    command = [
        sys.executable, "-m", "scarlet.cli.main", "run", "--timeout", str(timeout_s), "--add", f"{folder}:/checks", *environment, *options,
        "--", "sh", "/checks/driver", *map(str, checks),
    ]  # fmt: skip
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s + 60, env=dict(os.environ))
    return parse(done.stdout), done.stderr.decode(errors="backslashreplace")
