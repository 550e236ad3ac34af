"""`python -m tests.powercut --rounds 200`: kill QEMU at random moments of a write load; nothing that was made safe may be lost."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.powercut import campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.powercut", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="power cuts (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the whole campaign (default 1)")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave the disks there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="powercut-") as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            campaign.run(options.rounds, options.seed, folder, print)
        except AssertionError as error:
            print(f"powercut: {error}", file=sys.stderr)
            return 1
    print(f"{options.rounds} power cuts, nothing lost, every disk sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
