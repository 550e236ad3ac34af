"""What a run needs on the host: not the kernel's modules, which would cost half of its start."""

import subprocess
import sys

WHAT_IT_LOADS = "import sys, scarlet.cli.commands, scarlet.cli.run; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def test_the_kernel_is_not_imported_to_start_it() -> None:
    loaded = subprocess.run([sys.executable, "-c", WHAT_IT_LOADS], capture_output=True, text=True, check=True).stdout.split()
    assert not {"vfs", "objects", "drivers", "net", "construct", "unicorn", "mypy"} & set(loaded)
