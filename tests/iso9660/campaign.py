"""`python -m tests.iso9660.campaign [COUNT [FIRST]]`: discs with damage, as many as wanted; the seed of what went wrong."""

import sys
import traceback

from scarlet.kernel import scheduler
from scarlet.kernel.memory import frames
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from tests.iso9660.damage import use, with_random_bytes, with_random_fields

MEMORY = 64 << 20


def main(count: int, first: int) -> int:
    """How many seeds went wrong."""
    world.install(world.World(MEMORY))
    frames.init([MemoryRange(world.RAM_BASE, MEMORY)], [])
    scheduler.prepare()
    verdicts: dict[str, int] = {}
    wrong = 0
    for seed in range(first, first + count):
        try:
            for verdict in (use(*with_random_bytes(seed)), use(with_random_fields(seed))):
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
        except Exception:
            wrong += 1
            print(f"seed {seed}")
            traceback.print_exc()
    print(f"{count} seeds, {wrong} wrong; {', '.join(f'{verdict} {times}' for verdict, times in verdicts.items())}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(*[int(word) for word in [*sys.argv[1:], "1000", "0"][:2]]) > 0)
