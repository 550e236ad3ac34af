"""Compares many scripts and prints the shortest form of each that differs.

python -m tests.abi.campaign --seed 1 --count 1000
"""

import argparse
import sys

from tests.abi.campaign.compare import Difference, campaign, shortened

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.abi.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--length", type=int, default=12, help="calls a script")
    parser.add_argument("--only", default="", help="the calls to make, with commas")
    options = parser.parse_args()
    found: dict[tuple[object, ...], Difference] = {}
    for difference in campaign(options.seed, options.count, options.length, options.only.split(",") if options.only else []):
        if difference.key() not in found:
            found[difference.key()] = difference
            print(shortened(difference).text(), flush=True)
    print(f"{options.count} scripts, {len(found)} differences")
    sys.exit(1 if found else 0)
