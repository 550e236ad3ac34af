"""The shell's commands for its jobs. (POSIX, Shell and Utilities: jobs, fg, bg, wait, kill)"""

from abi_modules.native.interface import TaskEvent
from scarlet.user import calls
from scarlet.user.errors import Failure, StatusError
from scarlet.user.handles import Handle
from scarlet.user.options import shown
from scarlet.user.processes import NOT_FOUND
from scarlet.user.shell.jobs import Job
from scarlet.user.shell.machine import Builtin, Shell
from scarlet.user.shell.streams import Streams
from scarlet.user.system import event_number


class ShowJobs(Builtin):
    """`jobs`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        shell.jobs.collect()
        for job in list(shell.jobs.all):
            shell.write(1, job.line(), streams)
            shell.jobs.told(job)
        return 0


class Foreground(Builtin):
    """`fg [job]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        job = _controlled(shell, words)
        shell.write(1, job.text + b"\n", streams)
        shell.jobs.to_foreground(job.group)
        shell.jobs.go_on(job)
        shell.wait_in_foreground(job, streams)
        return shell.status


class Background(Builtin):
    """`bg [job]`"""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        job = _controlled(shell, words)
        shell.jobs.go_on(job)
        shell.write(1, f"[{job.number}] ".encode() + job.text + b" &\n", streams)
        return 0


def _controlled(shell: Shell, words: list[bytes]) -> Job:
    if shell.jobs.terminal < 0:
        raise Failure("there is no job control")
    shell.jobs.collect()
    return shell.jobs.find(words[1] if len(words) > 1 else b"")


class Wait(Builtin):
    """`wait [job or process...]`: until they have ended."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        if len(words) == 1:
            for job in list(shell.jobs.all):
                shell.jobs.wait(job)
            return 0
        status = 0
        for word in words[1:]:
            try:
                status = shell.jobs.wait(shell.jobs.find(word))
            except Failure as error:
                shell.complain(f"wait: {error}", streams)
                status = NOT_FOUND
        return status


class Kill(Builtin):
    """`kill [-EVENT] job or process...`; the program kill does not know jobs."""

    def run(self, shell: Shell, words: list[bytes], streams: Streams) -> int:
        rest = words[1:]
        event = int(TaskEvent.TERMINATE)
        if len(rest) > 0 and rest[0].startswith(b"-"):
            event = event_number(shown(rest.pop(0)[1:]))
        if event == 0 or len(rest) == 0:
            raise Failure("kill [-EVENT] process... (env kill -l lists the events)")
        status = 0
        for word in rest:
            try:
                self._send(shell, word, event)
            except (Failure, StatusError) as error:
                shell.complain(f"kill: {shown(word)}: {error}", streams)
                status = 1
        return status

    def _send(self, shell: Shell, word: bytes, event: int) -> None:
        if word.startswith(b"%"):
            job = shell.jobs.find(word)
            if job.group != 0:
                calls.task_send_group(job.group, event)
            else:
                for member in job.members:
                    calls.task_send(member.child.handle.slot, event)
            return
        digits = word[1:] if word.startswith(b"-") else word
        if not digits.isdigit() or len(digits) > 9:
            raise Failure("not a process")
        if word.startswith(b"-"):
            calls.task_send_group(int(digits), event)
        else:
            process = Handle(calls.task_open(int(digits)))
            calls.task_send(process.slot, event)
