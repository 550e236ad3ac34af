"""Terminals among processes: reading, writing, signals, job control, hang-up. (tty(4), termios(3), credentials(7))"""

from collections.abc import Callable

import pytest

from objects.event import Interest, poll_many
from objects.jobcontrol import new_session, set_group
from objects.object import PollEvents, Rights, Status
from objects.process import Process
from objects.restart import Interrupted
from objects.signalling import change_action, from_user, kill
from objects.task import Task
from objects.terminal import Terminal, controlling_terminal
from objects.terminal_file import TerminalFile, open_terminal
from objects.termios import Control, Flow, LocalMode, When, WindowSize
from objects.wait import WaitOptions
from scarlet.kernel import clock
from scarlet.kernel.signals import CLD_EXITED, CLD_KILLED, CLD_STOPPED, Signal, SignalAction, signal_bit
from tests.objects.support import data, exit_with, outcome, pause, read, run, spawn, to_user, wait
from tests.objects.test_terminal_input import Screen

IGNORE = SignalAction(1)
Session = Callable[[Task, Terminal, Screen], None]


def in_session(body: Session) -> None:
    """Run the body as a session leader whose terminal is open in slot 0."""
    screen = Screen()
    terminal = Terminal(screen, 0, b"ttyT")

    def leader(task: Task) -> None:
        new_session(task.process)
        task.handles.allocate(open_terminal(terminal, Status.NONE), Rights.READ | Rights.WRITE)
        body(task, terminal, screen)

    def first(task: Task) -> None:
        child = spawn(task, leader)
        event = wait(task, child.pid)
        assert (event.code, event.status) == (CLD_EXITED, 0)
        del child
        while len(task.process.children) > 0:
            wait(task)

    run(first)


def tty(task: Task) -> TerminalFile:
    file = task.handles.object(0)
    assert isinstance(file, TerminalFile)
    return file


def job(task: Task, body: Callable[[Task], None], *, foreground: bool = False) -> Process:
    """A child in a group of its own, as a shell starts it."""
    child = spawn(task, body)
    set_group(task.process, child.pid, 0)
    if foreground:
        terminal = tty(task).live()
        change_action(task.process, Signal.SIGTTOU, IGNORE)
        terminal.set_foreground(task, child.pid)
    return child


def stopped(task: Task, child: Process) -> int:
    """The signal that stops the child."""
    event = wait(task, child.pid, WaitOptions.STOPPED | WaitOptions.EXITED)
    assert event.code == CLD_STOPPED
    return event.status


def finish(task: Task, child: Process) -> None:
    kill(task, child.pid, from_user(task, Signal.SIGKILL))
    wait(task, child.pid)


def sleeper(task: Task) -> None:
    while True:
        pause()
        to_user(task)


# --- whose terminal it is ---


def test_first_terminal_a_leader_opens_becomes_its_own() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        assert controlling_terminal(task.process) is terminal
        assert terminal.session_of(task) == task.process.pid
        assert terminal.foreground_of(task) == task.process.pid
        other = Terminal(Screen(), 1, b"ttyU")
        open_terminal(other, Status.NONE)
        assert other.session() is None
        assert outcome(lambda: other.acquire(task, steal=False)) == "EPERM"
        assert outcome(lambda: other.foreground_of(task)) == "ENOTTY"

        def elsewhere(child: Task) -> None:
            new_session(child.process)
            open_terminal(terminal, Status.NONE)
            assert controlling_terminal(child.process) is None
            assert outcome(lambda: terminal.acquire(child, steal=False)) == "EPERM"
            open_terminal(other, Status.NOCTTY)
            assert controlling_terminal(child.process) is None
            terminal.acquire(child, steal=True)
            assert controlling_terminal(child.process) is terminal

        spawn(task, elsewhere)
        assert wait(task).code == CLD_EXITED
        assert controlling_terminal(task.process) is None

    in_session(body)


def test_foreground_must_be_a_group_of_the_session() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        child = job(task, sleeper)
        terminal.set_foreground(task, child.pid)
        assert terminal.foreground_of(task) == child.pid
        assert outcome(lambda: terminal.set_foreground(task, 1)) == "ENOTTY"  # in the background now, in an orphaned group
        change_action(task.process, Signal.SIGTTOU, IGNORE)
        assert outcome(lambda: terminal.set_foreground(task, 1)) == "EPERM"
        assert outcome(lambda: terminal.set_foreground(task, 9999)) == "ESRCH"
        assert outcome(lambda: terminal.set_foreground(task, -1)) == "EINVAL"
        finish(task, child)
        assert terminal.foreground_of(task) == child.pid  # as tcgetpgrp(3) says: a number that is no group any more

    in_session(body)


# --- signals from the keyboard ---


@pytest.mark.parametrize(("key", "number"), [(b"\x03", Signal.SIGINT), (b"\x1c", Signal.SIGQUIT)])
def test_keys_end_the_foreground_group_only(key: bytes, number: Signal) -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        back = job(task, sleeper)
        front = job(task, sleeper, foreground=True)
        terminal.received(b"typed ahead" + key)
        event = wait(task, front.pid)
        assert (event.code, event.status) == (CLD_KILLED, number)
        assert not task.has_signal() and not back.zombie
        assert bytes(screen.shown).endswith(b"^" + bytes([key[0] ^ 0x40]))
        terminal.set_foreground(task, task.process.pid)
        terminal.received(b"x\n")
        assert read(tty(task), 100) == b"x\n"
        finish(task, back)

    in_session(body)


def test_suspend_key_stops_and_continue_resumes() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        front = job(task, sleeper, foreground=True)
        terminal.received(b"\x1a")
        assert stopped(task, front) == Signal.SIGTSTP
        kill(task, -front.pid, from_user(task, Signal.SIGCONT))
        assert front.stop_signal == 0
        finish(task, front)

    in_session(body)


def test_noflsh_keeps_what_was_typed() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        change_action(task.process, Signal.SIGINT, IGNORE)
        wanted = terminal.settings.copy()
        wanted.local = wanted.local | LocalMode.NOFLSH
        terminal.set_attributes(wanted, When.NOW)
        terminal.received(b"ab\x03c\n")
        assert read(tty(task), 100) == b"abc\n"

    in_session(body)


def test_interrupt_restarts_stopped_output_and_drops_what_waits() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        change_action(task.process, Signal.SIGINT, IGNORE)
        terminal.received(b"\x13")
        terminal.put(b"never seen")
        terminal.received(b"\x03")
        assert terminal.writable() and bytes(screen.shown) == b"^C"

    in_session(body)


def test_window_change_is_signalled_once() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        task.set_mask(signal_bit(Signal.SIGWINCH))
        change_action(task.process, Signal.SIGWINCH, SignalAction(0x1000))
        terminal.set_window(WindowSize(24, 80))
        assert task.take_awaited(signal_bit(Signal.SIGWINCH)) is not None
        terminal.set_window(WindowSize(24, 80))
        assert task.take_awaited(signal_bit(Signal.SIGWINCH)) is None

    in_session(body)


# --- the background ---


def test_reading_in_the_background_stops_with_sigttin() -> None:
    def reader(child: Task) -> None:
        while True:
            try:
                assert read(tty(child), 100) == b"line\n"
                exit_with(child, 4)
            except Interrupted:
                to_user(child)

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        child = job(task, reader)
        assert stopped(task, child) == Signal.SIGTTIN
        change_action(task.process, Signal.SIGTTOU, IGNORE)
        terminal.set_foreground(task, child.pid)
        kill(task, child.pid, from_user(task, Signal.SIGCONT))
        pause()
        terminal.received(b"line\n")
        assert wait(task, child.pid).status == 4

    in_session(body)


def test_reading_in_the_background_without_caring_is_eio() -> None:
    def blocked(child: Task) -> None:
        child.set_mask(signal_bit(Signal.SIGTTIN))
        assert outcome(lambda: read(tty(child), 1)) == "EIO"

    def ignored(child: Task) -> None:
        change_action(child.process, Signal.SIGTTIN, IGNORE)
        assert outcome(lambda: read(tty(child), 1)) == "EIO"

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        for reader in (blocked, ignored):
            child = job(task, reader)
            assert wait(task, child.pid).code == CLD_EXITED

    in_session(body)


def test_reading_in_an_orphaned_group_is_eio() -> None:
    codes: list[str] = []

    def reader(child: Task) -> None:
        set_group(child.process, 0, 0)
        pause(3)
        codes.append(outcome(lambda: read(tty(child), 1)))

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        middle = job(task, lambda child: None if spawn(child, reader) else None)
        wait(task, middle.pid)
        pause(8)

    in_session(body)
    assert codes == ["EIO"]


def test_writing_in_the_background_stops_only_under_tostop() -> None:
    def writer(child: Task) -> None:
        tty(child).write(data(b"one "))
        pause(3)
        while True:
            try:
                tty(child).write(data(b"two"))
                exit_with(child, 4)
            except Interrupted:
                to_user(child)

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        child = job(task, writer)
        pause()
        wanted = terminal.settings.copy()
        wanted.local = wanted.local | LocalMode.TOSTOP
        tty(task).set_attributes(wanted, When.NOW)
        assert stopped(task, child) == Signal.SIGTTOU
        assert bytes(screen.shown) == b"one "
        wanted.local = LocalMode.NONE
        tty(task).set_attributes(wanted, When.NOW)
        kill(task, child.pid, from_user(task, Signal.SIGCONT))
        assert wait(task, child.pid).status == 4
        assert bytes(screen.shown) == b"one two"

    in_session(body)


def test_changing_attributes_in_the_background_stops_unless_sigttou_is_ignored() -> None:
    def changer(child: Task) -> None:
        while True:
            try:
                tty(child).set_attributes(tty(child).live().settings.copy(), When.NOW)
                exit_with(child, 4)
            except Interrupted:
                to_user(child)
                change_action(child.process, Signal.SIGTTOU, IGNORE)

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        child = job(task, changer)
        assert stopped(task, child) == Signal.SIGTTOU
        kill(task, child.pid, from_user(task, Signal.SIGCONT))
        assert wait(task, child.pid).status == 4

    in_session(body)


def test_stopped_jobs_get_hup_and_cont_when_their_shell_goes() -> None:
    def shell(child: Task) -> None:
        new_session(child.process)
        stopped_job = job(child, sleeper)
        kill(child, stopped_job.pid, from_user(child, Signal.SIGSTOP))
        stopped(child, stopped_job)
        exit_with(child, stopped_job.pid)

    def body(task: Task) -> None:
        pid = wait(task, spawn(task, shell).pid).status
        event = wait(task, pid)
        assert (event.code, event.status) == (CLD_KILLED, Signal.SIGHUP)

    run(body)


# --- hang-up ---


def test_leader_exit_hangs_up_the_foreground_and_kills_open_files() -> None:
    def body(task: Task) -> None:
        screen = Screen()
        terminal = Terminal(screen, 0, b"ttyT")
        task.handles.allocate(open_terminal(terminal, Status.NONE, console=True), Rights.READ)
        results: list[str] = []

        def daemon(child: Task) -> None:
            set_group(child.process, 0, 0)
            pause(6)
            results.append(outcome(lambda: tty(child).live()))
            results.append(outcome(lambda: tty(child).write(data(b"x"))))
            results.append(repr(read(tty(child), 5)))
            assert tty(child).poll(None) & PollEvents.HUP

        def leader(child: Task) -> None:
            child.handles.close(0)
            new_session(child.process)
            child.handles.allocate(open_terminal(terminal, Status.NONE), Rights.READ)
            front = job(child, sleeper, foreground=True)
            spawn(child, daemon)
            pause()
            results.append(str(front.pid))

        child = spawn(task, leader)
        wait(task, child.pid)
        assert terminal.session() is None
        ends = [wait(task), wait(task)]
        by_pid = {event.pid: (event.code, event.status) for event in ends}
        assert by_pid[int(results[0])] == (CLD_KILLED, Signal.SIGHUP)
        assert results[1:] == ["EIO", "EIO", "b''"]
        tty(task).write(data(b"console"))
        assert bytes(screen.shown) == b"console"
        task.handles.close(0)

    run(body)


def test_line_hang_up_ends_a_waiting_read() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        change_action(task.process, Signal.SIGHUP, IGNORE)

        def reader(child: Task) -> None:
            change_action(child.process, Signal.SIGHUP, IGNORE)
            assert read(tty(child), 1) == b""

        child = spawn(task, reader)
        pause()
        terminal.hang_up()
        assert wait(task, child.pid).code == CLD_EXITED

    in_session(body)


def test_giving_the_terminal_up() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        def member(child: Task) -> None:
            terminal.give_up(child)
            assert controlling_terminal(child.process) is None
            assert outcome(lambda: terminal.give_up(child)) == "ENOTTY"

        spawn(task, member)
        assert wait(task).status == 0
        assert controlling_terminal(task.process) is terminal
        change_action(task.process, Signal.SIGHUP, IGNORE)
        terminal.give_up(task)
        assert controlling_terminal(task.process) is None

    in_session(body)


# --- reading and writing ---


def raw(terminal: Terminal, minimum: int, time: int) -> None:
    wanted = terminal.settings.copy()
    wanted.local = LocalMode.NONE
    wanted.characters[Control.MIN] = minimum
    wanted.characters[Control.TIME] = time
    terminal.set_attributes(wanted, When.NOW)


def typist(terminal: Terminal, *keys: bytes) -> Callable[[Task], None]:
    def body(task: Task) -> None:
        for key in keys:
            pause()
            terminal.received(key)

    return body


def test_min_without_time_waits_for_so_many() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        raw(terminal, 3, 0)
        spawn(task, typist(terminal, b"a", b"b", b"cd"))
        assert read(tty(task), 10) == b"abcd"
        wait(task)
        terminal.received(b"xy")
        assert read(tty(task), 2) == b"xy"

    in_session(body)


def test_no_min_and_no_time_never_wait() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        raw(terminal, 0, 0)
        assert read(tty(task), 10) == b""
        terminal.received(b"a")
        assert read(tty(task), 10) == b"a"

    in_session(body)


def test_time_without_min_limits_the_wait() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        raw(terminal, 0, 2)
        before = clock.monotonic_ns()
        assert read(tty(task), 10) == b""
        assert clock.monotonic_ns() - before >= 200_000_000
        spawn(task, typist(terminal, b"a"))
        assert read(tty(task), 10) == b"a"
        wait(task)

    in_session(body)


def test_time_with_min_limits_the_gap_after_the_first() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        raw(terminal, 5, 1)
        spawn(task, typist(terminal, b"a", b"b"))
        assert read(tty(task), 10) == b"ab"
        wait(task)

    in_session(body)


def test_nonblocking_and_interrupted_reads() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        tty(task).status = Status.NONBLOCK
        assert outcome(lambda: read(tty(task), 1)) == "EAGAIN"
        raw(terminal, 3, 0)
        terminal.received(b"ab")
        assert read(tty(task), 5) == b"ab"
        tty(task).status = Status.NONE
        change_action(task.process, Signal.SIGUSR1, SignalAction(0x1000))
        parent = task

        def disturb(child: Task) -> None:
            pause()
            kill(child, parent.process.pid, from_user(child, Signal.SIGUSR1))

        spawn(task, disturb)
        assert outcome(lambda: read(tty(task), 1)) == "EINTR"
        task.take_signal()
        wait(task)

    in_session(body)


def test_poll_follows_line_and_room() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        file = tty(task)
        assert file.poll(None) == PollEvents.WRITABLE
        terminal.received(b"abc")
        assert file.poll(None) == PollEvents.WRITABLE
        terminal.received(b"\n\x13")
        assert file.poll(None) == PollEvents.READABLE
        terminal.control_flow(Flow.STOP_OUTPUT)
        terminal.received(b"\x11")
        assert file.poll(None) == PollEvents.READABLE
        terminal.control_flow(Flow.START_OUTPUT)
        assert file.poll(None) == PollEvents.READABLE | PollEvents.WRITABLE
        assert read(file, 100) == b"abc\n"
        spawn(task, typist(terminal, b"x", b"\n"))
        interest = Interest(file, PollEvents.IN)
        assert poll_many([interest]) == 1 and interest.found == PollEvents.IN
        wait(task)

    in_session(body)


def test_writer_waits_for_a_slow_line_and_loses_nothing() -> None:
    content = bytes(65 + i % 26 for i in range(20000))

    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        def writer(child: Task) -> None:
            assert tty(child).write(data(content)) == len(content)
            tty(child).drain()

        screen.room = 100
        child = spawn(task, writer)
        while not child.zombie:
            pause()
            screen.make_room(1000)
        wait(task)
        assert bytes(screen.shown) == content

    in_session(body)


def test_nonblocking_write_takes_what_fits() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        tty(task).status = Status.NONBLOCK
        screen.room = 0
        taken = tty(task).write(data(bytes(100) * 100))
        assert 4096 <= taken < 10000
        assert outcome(lambda: tty(task).write(data(b"x"))) == "EAGAIN"

    in_session(body)


def test_simulated_input_needs_the_own_terminal_or_privilege() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        tty(task).insert(ord("a"))
        tty(task).insert(ord("\n"))
        assert read(tty(task), 9) == b"a\n"
        task.credentials.effective = 0
        tty(task).insert(ord("\n"))
        other = TerminalFile(Terminal(Screen(), 1, b"ttyU"), Status.NONE)
        assert outcome(lambda: other.insert(65)) == "EPERM"

    in_session(body)
