"""Running the native shell hosted: many scripts in one boot."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

from scarlet.cli import image

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 240
MARK = "=====script "


def run(arguments: list[str], files: dict[str, str], shell: str = "native") -> "subprocess.CompletedProcess[str]":
    """`scarlet run --hosted` with files in /home/test."""
    image.base_archive()  # so that the run does not say that it makes it
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        command = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--shell", shell, "--timeout", str(LIMIT_S)]
        command += ["--add", f"{folder}:/home/test", "--cwd", "/home/test", "--", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S + 30, stdin=subprocess.DEVNULL)


def outcomes(scripts: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Each script run by a native shell of its own, all in one boot: standard output (errors included) and exit status by name."""
    return _outcomes(tuple(scripts.items()))


@functools.cache
def _outcomes(scripts: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, int]]:
    files = {f"script{number}": text for number, (_name, text) in enumerate(scripts)}
    files["all"] = "".join(f"echo '{MARK}{number}'; sh ./script{number} 2>&1; s=$?; echo; echo $s\n" for number in range(len(scripts)))
    done = run(["sh", "./all"], files)
    found: dict[str, tuple[str, int]] = {name: (f"never ran: {done.stderr}", -1) for name, _text in scripts}
    for part in done.stdout.split(MARK)[1:]:
        number, _, rest = part.partition("\n")
        output, _, status = rest.rstrip("\n").rpartition("\n")
        found[scripts[int(number)][0]] = (output, int(status))
    return found
