"""`python -m tests.equivalence [NAME...]`: run checks on the hosted kernel in this process, print what differs from Linux.

Names are the beginnings of checks' names (`shell`, `text-awk`). Being one process, it can run under coverage, pdb or a profiler.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scarlet.cli import image, run
from tests.equivalence import corpus, guest
from tests.equivalence.oracle import ENVIRONMENT, Oracle


def main(names: list[str]) -> int:
    checks = [check for check in corpus.load() if not names or str(check).startswith(tuple(names))]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        busybox = image.seen_by_linux().entries["/bin/busybox"].data
        (folder / "oracle").mkdir()
        expected = Oracle(folder / "oracle", busybox).answers(checks)
        guest.write_files(folder / "checks", checks, limit_s=600)
        output = folder / "output"
        with _standard_streams(os.devnull, output):
            run.run(
                run.Options(
                    command=["sh", "/checks/driver", *map(str, checks)],
                    add=[f"{folder / 'checks'}:/checks"],
                    environment=[f"{name}={value}" for name, value in {**ENVIRONMENT, "BIN": "/bin"}.items()],
                    hosted=True,
                )
            )
        found = guest.parse(output.read_bytes())
    wrong = [name for name, answer in expected.items() if found.get(name) != answer]
    for name in wrong:
        print(f"=== {name}\n--- Linux\n{expected[name]}\n--- Scarlet\n{found.get(name, 'no answer')}")
    print(f"{len(expected) - len(wrong)} of {len(expected)} checks answer as Linux does")
    return int(bool(wrong))


@contextlib.contextmanager
def _standard_streams(stdin: str, stdout: Path) -> Iterator[None]:
    """The process's descriptors 0 and 1 are these files for a while."""
    saved = os.dup(0), os.dup(1)
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600), 1)
    try:
        yield
    finally:
        for number, descriptor in enumerate(saved):
            os.dup2(descriptor, number)
            os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
