"""python -m tests.pagecache COUNT [FIRST]: many runs of interleave.py."""

import sys

from tests.pagecache.interleave import run

count = int(sys.argv[1])
first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
for seed in range(first, first + count):
    try:
        run(seed)
    except BaseException:
        print(f"seed {seed}", flush=True)
        raise
print(f"{count} runs")
