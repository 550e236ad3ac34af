"""The user loop with real user code: system calls, demand paging, signals' hook, preemption and CPU times."""

from collections.abc import Callable, Iterator

import pytest

from scarlet.kernel import clock, scheduler
from scarlet.kernel.memory import frames, pagetable, user
from scarlet.kernel.memory.area import Access, FaultResult, Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.thread import ThreadState
from scarlet.kernel.trap import UserThread
from scarlet.lang import u64
from scarlet.machine import power
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.frame import Cause
from tests.kernel.conftest import RAM_BASE
from tests.kernel.threads import Run

CODE = 0x10000
DATA = 0x40_0000

ECALL = 0x0000_0073
STORE_T1_T0 = 0x0062_B023  # sd t1, 0(t0)
LOAD_T2_T0 = 0x0002_B383  # ld t2, 0(t0)
ADD_PAGE_T0 = (1 << 12) | 0x337  # lui t1, 1
T0_PLUS_T1 = 0x0062_82B3  # add t0, t0, t1
NOP = 0x0000_0013
JUMP_BACK = 0xFFDF_F06F  # j .-4
ILLEGAL = 0x0000_0000


class Program(UserThread):
    """A program of a few instructions; its calls are recorded, call number 93 ends it."""

    def __init__(self, run: Run, code: list[int], on_call: "Callable[[Program], None] | None" = None) -> None:
        super().__init__(1, b"program")
        self.owner = run
        self.space = AddressSpace()
        self.page_root = self.space.root
        self.space.map_area(CODE, 4096, Protection.READ | Protection.WRITE | Protection.EXEC, fixed=True)
        self.space.map_area(DATA, 16 * 4096, Protection.READ | Protection.WRITE, fixed=True)
        user.store_bytes(self.space, u64(CODE), b"".join(word.to_bytes(4, "little") for word in code))
        self.frame.pc = u64(CODE)
        self.frame.t0 = u64(DATA)
        self.calls: list[int] = []
        self.faults: list[tuple[Cause, int, FaultResult]] = []
        self.work = 0
        self.on_call = on_call
        run.left += 1
        self.start()
        scheduler.make_runnable(self)

    def on_syscall(self) -> None:
        self.calls.append(int(self.frame.a7))
        self.frame.pc = u64(self.frame.pc + 4)
        if self.on_call is not None:
            self.on_call(self)
        else:
            self.leave()

    def on_fault(self, cause: Cause, address: u64) -> None:
        access = {Cause.LOAD_PAGE_FAULT: Access.READ, Cause.STORE_PAGE_FAULT: Access.WRITE, Cause.INSTRUCTION_PAGE_FAULT: Access.EXECUTE}
        result = self.space.fault(address, access[cause]) if cause in access else FaultResult.SEGV_ACCERR
        self.faults.append((cause, int(address), result))
        if result is not FaultResult.OK:
            self.leave()

    def before_user(self) -> None:
        self.work += 1

    def leave(self) -> None:
        self.exiting = True
        self.pending_work = True

    def finish(self) -> None:
        self.owner.left -= 1
        if self.owner.left == 0:
            power.exit(0)


@pytest.fixture
def run() -> Iterator[Run]:
    run = Run()
    frames.init([MemoryRange(RAM_BASE, 8 << 20)], [])
    pagetable.init()
    yield run
    run.close()


def test_system_call_returns_behind_the_ecall(run: Run) -> None:
    def call(task: Program) -> None:
        if len(task.calls) == 3:
            task.leave()
        task.frame.a7 = u64(len(task.calls))

    program = Program(run, [ECALL, ECALL, ECALL, ILLEGAL], call)
    run.go()
    assert program.calls == [0, 1, 2]
    assert program.frame.pc == CODE + 12


def test_touched_pages_appear_and_untouched_do_not(run: Run) -> None:
    program = Program(run, [STORE_T1_T0, ADD_PAGE_T0, T0_PLUS_T1, STORE_T1_T0, LOAD_T2_T0, ECALL])
    run.go()
    assert [(fault[0], fault[1]) for fault in program.faults] == [
        (Cause.STORE_PAGE_FAULT, DATA),
        (Cause.STORE_PAGE_FAULT, DATA + 4096),
    ]
    assert program.frame.t2 == 4096
    assert program.space.resident_pages == 3


def test_bad_address_reaches_the_task_as_a_fault(run: Run) -> None:
    program = Program(run, [LOAD_T2_T0])
    program.frame.t0 = u64(0x7000_0000)
    run.go()
    assert program.faults == [(Cause.LOAD_PAGE_FAULT, 0x7000_0000, FaultResult.SEGV_MAPERR)]


def test_kernel_address_reaches_the_task_as_a_fault(run: Run) -> None:
    program = Program(run, [LOAD_T2_T0])
    program.frame.t0 = u64(0xFFFF_FFC0_8000_0000)
    run.go()
    assert program.faults[0][1:] == (0xFFFF_FFC0_8000_0000, FaultResult.SEGV_MAPERR)


def test_illegal_instruction_reaches_the_task(run: Run) -> None:
    program = Program(run, [ILLEGAL])
    run.go()
    assert program.faults[0][0] is Cause.ILLEGAL_INSTRUCTION


def test_work_is_done_before_user_mode_only_when_pending(run: Run) -> None:
    def call(task: Program) -> None:
        if len(task.calls) == 2:
            task.pending_work = True
        if len(task.calls) == 4:
            task.leave()

    program = Program(run, [ECALL] * 5, call)
    run.go()
    assert program.work == 2  # the second call, and the exit


def test_spinning_program_is_preempted_and_its_time_is_user_time(run: Run) -> None:
    def call(task: Program) -> None:
        if len(task.calls) < 4:
            task.frame.pc = u64(CODE)
            scheduler.sleep(task.turn_began_ns + 30_000_000, interruptible=False)
            return
        spinner.leave()
        task.leave()

    spinner = Program(run, [NOP, JUMP_BACK])
    Program(run, [ECALL], call)
    run.go()
    assert spinner.user_ticks >= 5
    assert spinner.system_ticks <= 1
    assert spinner.user_ns > 50_000_000
    assert spinner.involuntary_switches >= 1


def test_woken_program_does_not_wait_for_the_end_of_the_slice(run: Run) -> None:
    late: list[int] = []

    def call(task: Program) -> None:
        deadline = clock.monotonic_ns() + 1_000_000
        scheduler.sleep(deadline, interruptible=False)
        late.append(clock.monotonic_ns() - deadline)
        if len(late) < 5:
            task.frame.pc = u64(CODE)
            return
        spinner.leave()
        task.leave()

    spinner = Program(run, [NOP, JUMP_BACK])
    Program(run, [ECALL], call)
    run.go()
    assert max(late) < 1_000_000


def test_dead_programs_leave_nothing_behind_even_if_nobody_else_runs_again(run: Run) -> None:
    free = frames.free_frames()
    sleeper = Program(run, [ECALL], lambda task: scheduler.block())
    resting = frames.free_frames()
    programs = [Program(run, [STORE_T1_T0, ECALL]) for _ in range(5)]

    def watch() -> None:
        while any(program.state is not ThreadState.DEAD for program in programs):
            scheduler.yield_now()
        assert frames.free_frames() < resting
        programs.clear()
        assert frames.free_frames() == resting
        sleeper.leave()
        scheduler.make_runnable(sleeper)

    run.thread(watch)
    run.go()
    assert resting < free
