"""Whole hosted machines: switching on and off, threads, time, idling, input, and that a run repeats exactly."""

from io import BytesIO

import pytest

from scarlet.cli.assembler import Code
from scarlet.machine import context, cpu, mmio, platform, power, timer
from scarlet.machine.context import Context
from scarlet.machine.cpu import Deadlock
from scarlet.machine.frame import Cause
from scarlet.machine.hosted.layout import UART_BASE
from scarlet.machine.hosted.run import Machine
from tests.machine.support import Program, on_machine


def endless() -> Code:
    code = Code()
    code.label("again")
    code.addi("a0", "a0", 1)
    code.j("again")
    return code


@pytest.mark.parametrize("status", [0, 1, 42, 255, 130])
def test_exit_status_comes_out(status: int) -> None:
    assert on_machine(lambda: power.exit(status)) == status


def test_kernel_exception_comes_out_with_its_type() -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        on_machine(broken)


def test_exception_in_another_thread_comes_out() -> None:
    class Broken(Context):
        def run(self) -> None:
            raise KeyError("in a thread")

    def boot() -> None:
        thread = Broken()
        thread.start()
        context.switch(Context(), thread)

    with pytest.raises(KeyError, match="in a thread"):
        on_machine(boot)


def test_boot_that_returns_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="without switching off"):
        Machine(stdout=BytesIO()).run(lambda: None)


def test_contexts_take_turns_on_their_own_stacks() -> None:
    trace: list[str] = []

    class Worker(Context):
        def __init__(self, name: str, other: Context) -> None:
            super().__init__()
            self.name, self.other = name, other

        def run(self) -> None:
            for turn in range(3):
                trace.append(f"{self.name}{turn}")
                context.switch(self, self.other)

    def boot() -> None:
        main = Context()
        worker = Worker("w", main)
        worker.start()
        for _ in range(3):
            context.switch(main, worker)
        assert cpu.this_hart().current is main
        assert cpu.this_hart().switches == 6

    assert on_machine(boot) == 0
    assert trace == ["w0", "w1", "w2"]


def test_timer_interrupts_user_code_at_its_deadline() -> None:
    def boot() -> None:
        program = Program(endless())
        deadline = timer.ticks() + 1000
        timer.set_deadline(deadline)
        assert program.enter() == Cause.TIMER_INTERRUPT
        assert deadline <= timer.ticks() < deadline + 10
        assert program.enter() == Cause.TIMER_INTERRUPT, "it is pending until the deadline is moved"
        timer.set_deadline(0)
        assert cpu.pending_interrupt() == 0

    assert on_machine(boot) == 0


def test_idle_hart_jumps_to_the_deadline() -> None:
    def boot() -> None:
        timer.set_deadline(timer.frequency() * 3600)
        assert cpu.wait_for_interrupt() == Cause.TIMER_INTERRUPT
        assert timer.ticks() >= timer.frequency() * 3600

    assert on_machine(boot) == 0


def test_idle_for_ever_is_an_error() -> None:
    with pytest.raises(Deadlock):
        on_machine(lambda: print(cpu.wait_for_interrupt()))


def test_interrupted_program_goes_on_where_it_was() -> None:
    def steps() -> list[int]:
        out: list[int] = []

        def boot() -> None:
            program = Program(endless())
            for _ in range(5):
                timer.set_deadline(timer.ticks() + 500)
                program.enter()
                out.append(int(program.frame.a0))

        on_machine(boot)
        return out

    first = steps()
    assert first == sorted(first)
    assert first[0] > 100
    assert steps() == first, "time is counted instructions: a second run is the same"


def test_entropy_comes_from_the_seed() -> None:
    def seed_of(seed: int) -> bytes:
        out: list[bytes] = []
        on_machine(lambda: out.append(platform.boot_info().rng_seed), seed=seed)
        return out[0]

    assert seed_of(1) == seed_of(1)
    assert seed_of(1) != seed_of(2)
    assert len(seed_of(1)) == 32


def test_initrd_and_command_line_arrive() -> None:
    def boot() -> None:
        info = platform.boot_info()
        assert info.initrd is not None
        from scarlet.machine import physmem

        assert physmem.read(info.initrd.base, info.initrd.size) == b"archive" * 1000
        assert info.initrd.base % 4096 == 0
        assert info.command_line == b"quiet"

    assert on_machine(boot, initrd=b"archive" * 1000, command_line=b"quiet") == 0


def test_serial_line_reaches_the_host() -> None:
    output = BytesIO()

    def boot() -> None:
        for value in b"hello\r\n":
            mmio.write8(UART_BASE, value)

    assert on_machine(boot, stdout=output) == 0
    assert output.getvalue() == b"hello\r\n"


def test_machines_do_not_see_each_others_memory() -> None:
    from scarlet.machine import physmem

    def first() -> None:
        physmem.store64(0x8000_0000, 7)

    def second() -> None:
        assert physmem.load64(0x8000_0000) == 0

    assert on_machine(first) == 0
    assert on_machine(second) == 0
