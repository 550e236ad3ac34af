"""A build that is interrupted: no process of the compiler is left, and it had its chance to put the terminal in order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

DRIVER = """
import sys
from pathlib import Path
from scarlet.cli import compiling
compiling.ROOT = Path(sys.argv[1])
compiling.run_compiler("nothing", [])
"""
COMPILER = """
import os, signal, sys, time
child = os.fork()
if child == 0:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one that will not hear
    time.sleep(1000)
try:
    print(os.getpid(), child, flush=True)
    time.sleep(1000)
except KeyboardInterrupt:
    print("in order", flush=True)
"""


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupted_build_leaves_no_process(tmp_path: Path) -> None:
    package = tmp_path / "scarlet" / "compiler"
    package.mkdir(parents=True)
    for file in (package.parent / "__init__.py", package / "__init__.py"):
        file.touch()
    (package / "__main__.py").write_text(COMPILER)
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(tmp_path)], stderr=subprocess.PIPE)  # where the compiler's output goes
    assert driver.stderr is not None
    assert driver.stderr.readline() == b"scarlet: compiling nothing\n"
    processes = [int(word) for word in driver.stderr.readline().split()]
    assert len(processes) == 2 and all(is_running(process) for process in processes)
    os.kill(driver.pid, signal.SIGINT)
    assert driver.stderr.readline() == b"in order\n"
    driver.stderr.read()  # until the last process has closed it
    driver.wait()
    while any(is_running(process) for process in processes):
        time.sleep(0.01)
