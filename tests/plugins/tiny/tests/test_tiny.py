"""A tiny program is recognised, runs, and is traced. (First: pip install -e .; then: pytest)"""

import errno
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSEMBLE = ["-m", "ziglang", "cc", "-target", "riscv64-freestanding-none", "-nostdlib", "-static", "-o"]
TRACE = r"""
tiny: write\(1, "hello\\n", 6\) += 6
tiny: whoami\(\) += \d+
tiny: letter\(26\) += -1 ERANGE \(.*\) /\* the alphabet has 26 letters \*/
tiny: exit\(34\) += \?
tiny: \+\+\+ exited with 34 \+\+\+
"""


def test_a_program_runs_and_is_traced(tmp_path: Path) -> None:
    program = tmp_path / "hello"
    subprocess.run([sys.executable, *ASSEMBLE, program, HERE / "hello.S"], check=True)
    run = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--strace", "--add", f"{program}:/bin/hello", "/bin/hello"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (errno.ERANGE, "hello\n")
    assert re.search(TRACE.strip(), done.stderr)
