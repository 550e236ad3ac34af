"""The processes that a shell has started: each pipeline is a job, in an interactive shell with a process group of its own."""

from enum import Enum
from typing import Final

from abi_modules.native.interface import NEVER, ChildChange, ChildState, EventChoice, EventSet, TaskEvent, WaitOptions
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import Failure, StatusError
from scarlet.user.processes import Child, status_of
from scarlet.user.system import event_name

CHANGES: Final = WaitOptions.ENDED | WaitOptions.STOPPED | WaitOptions.CONTINUED


class JobState(Enum):
    """What a job as a whole is doing."""

    RUNNING = 1
    STOPPED = 2
    DONE = 3


class Member:
    """One process of a job."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.state = JobState.RUNNING
        self.status = 0


class Job:
    """One pipeline. Its status is that of its last process."""

    def __init__(self, number: int, text: bytes) -> None:
        self.number = number
        self.text = text
        self.group = 0
        self.members: list[Member] = []
        self.announced = JobState.RUNNING
        self.fixed_status = -1
        """The status when the last command could not be started."""

    def add(self, child: Child) -> None:
        self.members.append(Member(child))

    @property
    def state(self) -> JobState:
        stopped = False
        for member in self.members:
            if member.state == JobState.RUNNING:
                return JobState.RUNNING
            stopped = stopped or member.state == JobState.STOPPED
        return JobState.STOPPED if stopped else JobState.DONE

    @property
    def status(self) -> int:
        if self.fixed_status >= 0 or len(self.members) == 0:
            return max(self.fixed_status, 0)
        return self.members[-1].status

    def line(self) -> bytes:
        """As `jobs` shows it."""
        match self.state:
            case JobState.RUNNING:
                state = "Running"
            case JobState.STOPPED:
                state = "Stopped"
            case _:
                state = "Done" if self.status == 0 else _ending(self.status)
        return f"[{self.number}] {state:<12} ".encode() + self.text.split(b"\n")[0] + b"\n"


def _ending(status: int) -> str:
    return f"Ended ({event_name(status - 128)})" if status > 128 else f"Exit {status}"


class Jobs:
    """All jobs, and the terminal that they take turns in (-1 when there is no job control)."""

    def __init__(self) -> None:
        self.all: list[Job] = []
        self.terminal = -1
        self.own_group = 0

    def new(self, text: bytes) -> Job:
        number = max([job.number for job in self.all]) + 1 if len(self.all) > 0 else 1
        job = Job(number, text)
        self.all.append(job)
        return job

    def find(self, word: bytes) -> Job:
        """`%2`, `%%`, or the number of one of its processes. Failure when there is none."""
        if word == b"%%" or word == b"%+" or word == b"":
            if len(self.all) == 0:
                raise Failure("there is no job")
            return self.all[-1]
        wanted = word[1:] if word.startswith(b"%") else word
        number = int(wanted) if wanted.isdigit() and len(wanted) < 10 else -1
        for job in self.all:
            if word.startswith(b"%") and job.number == number:
                return job
            for member in job.members:
                if not word.startswith(b"%") and member.child.number == number:
                    return job
        raise Failure(f"{word.decode(errors='replace')}: no such job")

    def wait(self, job: Job) -> int:
        """Wait until a job has ended or stopped: its status."""
        while job.state == JobState.RUNNING:
            for member in job.members:
                if member.state == JobState.RUNNING:
                    options = WaitOptions.ENDED | WaitOptions.STOPPED if self.terminal >= 0 else WaitOptions.ENDED
                    self._note(calls.task_wait(member.child.handle.slot, options, NEVER))
                    break
        if job.state == JobState.DONE:
            self.all.remove(job)
        return job.status

    def collect(self) -> None:
        """Take note of what became of children, without waiting."""
        while True:
            try:
                self._note(calls.task_wait_any(0, CHANGES, 0))
            except StatusError as error:
                if error.status == Status.TIMED_OUT or error.status == Status.NO_CHILD or error.status == Status.WOULD_WAIT:
                    return
                raise

    def news(self) -> list[bytes]:
        """Lines about the jobs that ended or stopped since the last time; those that ended are forgotten."""
        self.collect()
        lines: list[bytes] = []
        for job in list(self.all):
            if job.state != job.announced and job.state != JobState.RUNNING:
                lines.append(job.line())
            self.told(job)
        return lines

    def told(self, job: Job) -> None:
        """The user knows of the job's state."""
        job.announced = job.state
        if job.state == JobState.DONE:
            self.all.remove(job)

    def _note(self, change: ChildChange) -> None:
        for job in self.all:
            for member in job.members:
                if member.child.number == change.process:
                    match int(change.state):
                        case ChildState.STOPPED:
                            member.state = JobState.STOPPED
                        case ChildState.CONTINUED:
                            member.state = JobState.RUNNING
                        case _:
                            member.state = JobState.DONE
                    member.status = status_of(change)

    def go_on(self, job: Job) -> None:
        """Let a stopped job run again."""
        for member in job.members:
            if member.state == JobState.STOPPED:
                member.state = JobState.RUNNING
        job.announced = JobState.RUNNING
        calls.task_send_group(job.group, TaskEvent.CONTINUE)

    def to_foreground(self, group: int) -> None:
        """Give the terminal to a group. Who is in the background may do so only while BACKGROUND_WRITE is ignored."""
        if self.terminal < 0 or group == 0:
            return
        calls.event_choose(EventSet.BACKGROUND_WRITE, EventChoice.IGNORE)
        try:
            calls.terminal_set_foreground(self.terminal, group)
        except StatusError as error:
            if error.status != Status.NO_SUCH_TASK and error.status != Status.NOT_PERMITTED:
                raise  # that the group is gone already is no error
        finally:
            calls.event_choose(EventSet.BACKGROUND_WRITE, EventChoice.DEFAULT)
