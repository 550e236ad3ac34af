"""A native program that makes every call with registers of every bad kind, thousands of times, and is still there at the end.

`hostile SEED ROUNDS` prints how many calls were refused. The kernel ends a program in which it has failed itself, so that a line at the end
is the proof. What may end or stop the program by right is left out: ending it, waiting for ever, taking its own memory away, lowering its
limits, tracing itself.
"""

from abi_modules.native.interface import CURRENT, FileKind, OpenFlags, Resource, Rights, StreamFlags
from scarlet.machine.nativecall import address_of_array, ecall
from scarlet.user import calls
from scarlet.user.program import program

NUMBERS = [
    100, 101, 102, 103, 104, 105, 106, 200, 201, 202, 203, 204, 205, 206, 207, 208, 210, 211, 212, 213, 214,
    300, 301, 302, 303, 304, 305, 306, 310, 311, 312, 313, 314, 315, 400, 401, 402, 403, 404, 500, 501, 502, 503, 504,
    600, 601, 602, 603, 610, 611, 612, 613, 614, 615, 620, 621, 700, 701, 702, 703,
    800, 803, 804, 810, 811, 812, 815, 816, 817, 818, 819,
    900, 901, 902, 910, 911, 912, 913, 915, 916, 917, 0, 64, 999, -1,
]  # fmt: skip
SLOTS = 40
LOWEST = -(1 << 62) * 2
SIZES = [0, 1, 2, 4, 7, 8, 16, 24, 32, 40, 64, 100, 4095, 4096, 65536, 65537, 1 << 20, 1 << 31, 1 << 32, 1 << 40]
SIZES += [1 << 62, LOWEST, LOWEST + 1, -1]
SMALL = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 31, 32, 63, 64, 255, 256, 511, 512, 1023, 1024, 1 << 31]
DEADLINES = [0, 1, -1, LOWEST]
WAITING = {803: 2, 804: 2, 615: 2}
"""Where the deadline is."""
MEMORY = [700, 701, 702]


class Chance:
    """Numbers that repeat. (The linear congruential generator of the C standard)"""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % (1 << 31)
        return (self.state >> 8) % limit

    def of(self, values: list[int]) -> int:
        return values[self.below(len(values))]


def handles(place: bytes) -> None:
    """One of each kind, none of which makes a call wait."""
    both = Rights.SAME | Rights.READ | Rights.WRITE
    calls.file_make(CURRENT, place, FileKind.DIRECTORY, 0o755, 0)
    calls.view_change(CURRENT, place)
    calls.file_open(CURRENT, b"f", both, OpenFlags.CREATE, 0o755)
    calls.file_open(CURRENT, b".", both, OpenFlags.DIRECTORY, 0)
    calls.file_open(CURRENT, b"f", Rights.METADATA, OpenFlags.PLACE, 0)
    calls.pipe_make(0)
    calls.channel_make(0)
    calls.timer_make(0)
    calls.event_queue(0)
    calls.event_make(0)
    calls.memory_make(b"m", 4096, 0)
    calls.task_open(1)


def wait_for_nothing() -> None:
    """A call may have put something new into a slot, or made a stream wait again."""
    for slot in range(3, SLOTS):
        ecall(208, slot, StreamFlags.NO_WAIT)


def main(seed: int, rounds: int) -> None:
    calls.task_set_limit(Resource.HANDLES, SLOTS, SLOTS)
    handles(b"/tmp/hostile" + str(seed).encode())
    chance = Chance(seed)
    room = bytearray(65536)
    here = address_of_array(room)
    addresses = [0, 1, 4096, here, here + 1, here + 4096, (1 << 38) - 8, 1 << 38, 1 << 62, LOWEST, -1]
    refused = 0
    for _ in range(rounds):
        number = chance.of(NUMBERS)
        words: list[int] = []
        for _ in range(6):
            match chance.below(4):
                case 0:
                    words.append(chance.of(addresses))
                case 1:
                    words.append(chance.of(SIZES))
                case _:
                    words.append(chance.of(SMALL))
        if number in WAITING:
            words[WAITING[number]] = chance.of(DEADLINES)
        elif number == 901:
            words[0] = chance.of(DEADLINES)
        elif number in MEMORY:
            words[0] = chance.of([1, 1 << 38, LOWEST, -1])
        elif number == 801 or number == 800:
            for at in range(32):
                room[at] = chance.below(256)
        if words[0] & 0xFFFFFFFF < 3 and number < 620:
            words[0] = 3  # its own streams are left alone
        if number == 101 and words[2] & 0xFFFFFFFF < 3:
            words[2] = 3
        if number == 310 and words[3] & 0xFFFFFFFF == FileKind.FIFO:
            words[3] = FileKind.REGULAR  # opening a FIFO waits
        wait_for_nothing()
        status, value = ecall(number, words[0], words[1], words[2], words[3], words[4], words[5])
        if status < 0 or status > 37:
            print(f"status {status} of call {number}, value {value}")
        if status != 0:
            refused += 1
    print(f"{refused} of {rounds} refused")


if __name__ == "__main__":
    main(int(program.arguments[1].decode()), int(program.arguments[2].decode()))
