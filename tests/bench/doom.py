"""scripts/bench doom: how fast DOOM draws, on Scarlet and on Debian's Linux kernel, side by side.

The same program plays the demos of Freedoom as fast as it can on a virtio GPU of the same QEMU, through the framebuffer that it maps: on
Linux that of its virtio-gpu driver. Always the same pictures; what is measured is milliseconds a picture, the median of the rounds.
"""

import argparse
import re
import sys

from scarlet.cli import doom
from scarlet.cli.errors import UserError
from tests.bench import report
from tests.bench.machines import Contestant, Linux, Result, Scarlet

DEMOS = ("demo1", "demo2", "demo3")
PICTURES = 200
BARS = dict.fromkeys(DEMOS, 1.0)
MODULES = ["virtio_mmio", "virtio_gpu", "virtio_input", "evdev"]
HARDWARE = ["-device", "virtio-gpu-device", "-device", "virtio-keyboard-device"]
FOUND = re.compile(r"^frames (\d+) ms (\d+)$", re.MULTILINE)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench doom", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*DEMOS, []], help="demos (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="boots of each kernel (default 3)")
    parser.add_argument("--only", choices=["scarlet", "linux"], help="measure one side")
    parser.add_argument("--memory", default="256M", help="memory of both machines (default 256M)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    return parser.parse_args()


def figures(contestant: Contestant, names: list[str]) -> dict[str, Result]:
    """Milliseconds a picture for each demo, in one boot."""
    plays = [" ".join([*doom.command(["-timedemo", name]), "-frames", str(PICTURES)]) for name in names]
    text = contestant.output(["/bin/sh", "-c", "cd /tmp; export HOME=/tmp; " + "; ".join(plays)])
    found = FOUND.findall(text)
    if len(found) != len(names):
        raise UserError(f"{contestant.name} did not play to the end; its last words: {text[-400:]!r}")
    return {name: Result(int(ms) / int(pictures), "ms") for name, (pictures, ms) in zip(names, found, strict=True)}


def main() -> int:
    options = arguments()
    names = options.names or list(DEMOS)
    try:
        contestants: list[Contestant] = []
        if options.only != "linux":
            contestants.append(Scarlet(options.memory, instructions=False, hardware=HARDWARE))
        if options.only != "scarlet":
            contestants.append(Linux(options.memory, instructions=False, hardware=HARDWARE, needs=MODULES))
        for contestant in contestants:
            contestant.files = doom.additions(None)
        results = report.take_turns(contestants, lambda contestant: figures(contestant, names), options.rounds)
    except UserError as error:
        print(f"bench: {error.message}", file=sys.stderr)
        return error.status
    kept = report.show(results, BARS)
    return int(options.check and not kept)
