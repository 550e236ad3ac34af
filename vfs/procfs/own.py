"""/proc/scarlet: counters and the log of this kernel, for tests and for people who work on it."""

from objects.processes import processes
from scarlet.kernel import counters, log
from scarlet.kernel.memory import frames, objectheap
from vfs.procfs.accounts import pages_in_files
from vfs.procfs.tree import add_file


def announce() -> None:
    """Put the files into /proc."""
    add_file(b"scarlet/memory", memory)
    add_file(b"scarlet/log", log_text, mode=0o400)


def memory() -> bytes:
    """`name value` lines: what is in use, then every counter of events."""
    rows = [
        f"frames_total {frames.total_frames()}",
        f"frames_free {frames.free_frames()}",
        f"frames_in_files {pages_in_files()}",
        f"objects {objectheap.objects_in_use()}",
        f"object_bytes {objectheap.bytes_in_use()}",
        f"processes {len(processes)}",
        f"tasks {sum([len(process.threads) for process in processes.all()])}",
    ]
    for counter in counters.all_counters():
        rows.append(f"{counter.name.decode()} {counter.value}")
    return ("\n".join(rows) + "\n").encode()


def log_text() -> bytes:
    """The lines still in the ring, as dmesg(1) prints them."""
    return "".join([line.format() + "\n" for line in log.lines()]).encode()
