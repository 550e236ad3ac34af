"""Contexts that take turns, their floating-point registers, and the timer."""

from scarlet.machine import context, cpu, platform, power, timer
from scarlet.machine.context import Context
from tests.machine.worlds.space import ECALL, TEXT, Frames, Program, say


class Worker(Context):
    def __init__(self, name: str, main: Context) -> None:
        super().__init__()
        self.name = name
        self.main = main
        self.turns = 0

    def run(self) -> None:
        self.work(3)
        say(f"{self.name} ends")
        context.switch(self, self.main)

    def work(self, depth: int) -> None:
        """Give way at every depth, so that stacks are really kept."""
        say(f"{self.name} at depth {depth}")
        self.turns += 1
        context.switch(self, self.main)
        if depth > 0:
            self.work(depth - 1)
        say(f"{self.name} leaves depth {depth}")


def turns() -> None:
    main = Context()
    workers = [Worker("one", main), Worker("two", main)]
    for worker in workers:
        worker.start()
    for _ in range(5):
        for worker in workers:
            context.switch(main, worker)
    for worker in workers:
        say(f"{worker.name} had {worker.turns} turns")
        worker.release()
    hart = cpu.this_hart()
    say(f"hart {hart.id} switches {hart.switches} back {hart.current is main}")


def word(data: bytes, index: int) -> int:
    value = 0
    for offset in range(8):
        value |= data[8 * index + offset] << (8 * offset)
    return value


def floats(frames: Frames) -> None:
    fadd_and_move = [0x02A57553, 0xE2050553, ECALL]  # fadd.d fa0, fa0, fa0; fmv.x.d a0, fa0
    first = Program(frames, fadd_and_move)
    second = Program(frames, fadd_and_move)
    state = bytearray(264)
    state[8 * 10 + 6] = 0xF0
    state[8 * 10 + 7] = 0x3F  # fa0 = 1.0
    first.set_float_registers(bytes(state))
    for _ in range(3):
        for program in (first, second):
            program.frame.pc = TEXT
            say(f"cause {program.enter()} a0 {program.frame.a0:x}")
    say(f"fa0 {word(first.float_registers(), 10):x} {word(second.float_registers(), 10):x}")
    second.copy_float_from(first)
    say(f"copied {second.float_registers() == first.float_registers()}")
    first.clear_float()
    say(f"cleared {word(first.float_registers(), 10)}")
    first.frame.pc = TEXT
    first.enter()
    say(f"zero doubled {first.frame.a0}")


def interrupts(frames: Frames) -> None:
    program = Program(frames, [0x00150513, 0xFFDFF06F])  # again: addi a0, a0, 1; j again
    deadline = timer.ticks() + timer.frequency() // 100
    timer.set_deadline(deadline)
    say(f"timer {program.enter():x} late {timer.ticks() >= deadline} counted {program.frame.a0 > 100}")
    say(f"still pending {cpu.pending_interrupt():x}")
    timer.set_deadline(0)
    say(f"pending {cpu.pending_interrupt()}")
    timer.set_deadline(timer.ticks() + timer.frequency() // 100)
    say(f"idle {cpu.wait_for_interrupt():x}")
    timer.set_deadline(0)


def main() -> None:
    platform.boot_info()
    frames = Frames()
    turns()
    floats(frames)
    interrupts(frames)
    power.exit(7)


if __name__ == "__main__":
    main()
