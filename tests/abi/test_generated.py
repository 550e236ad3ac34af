"""The generated files are what the declarations say now, and the declarations cover what they must."""

import pytest

from scarlet.cli import generated_files
from scarlet.cli.paths import ROOT

LINUX = generated_files.Package("abi_modules.linux_riscv64", ROOT)


@pytest.mark.parametrize("package", generated_files.ours(), ids=lambda package: package.name)
def test_generated_files_are_fresh(package: generated_files.Package) -> None:
    assert list(generated_files.stale(package)) == [], "run scarlet abi generate"


def test_declared_names_and_numbers_are_those_of_linux() -> None:
    names = generated_files.names(LINUX)
    wrong = [(call.number, call.name) for call in LINUX.reader.calls(LINUX.name) if names.get(call.number) != call.name]
    assert wrong == []


def test_every_call_that_busybox_makes_is_declared() -> None:
    used = (
        "read write close rt_sigprocmask rt_sigaction wait4 brk newfstatat openat set_robust_list prctl exit_group "
        "clone rt_sigreturn dup3 unlinkat symlinkat fstat fcntl getuid readlinkat getrandom prlimit64 set_tid_address "
        "mprotect execve getpid uname getppid lseek ioctl pipe2 setitimer getdents64 ppoll clock_gettime socket mkdirat "
        "statfs sendfile clock_nanosleep mmap faccessat setsockopt umask recvmsg kill bind pread64 munmap fchownat "
        "fchmodat connect utimensat chdir shutdown pselect6 geteuid accept rt_sigsuspend listen getsockname getcwd "
        "fchmod sysinfo setsid sendto renameat2 recvfrom getgroups getgid getegid futex setpriority sched_getaffinity "
        "mknodat linkat ioprio_set getpeername fchown fallocate chroot"
    ).split()
    declared = {call.name for call in LINUX.reader.calls(LINUX.name)}
    assert sorted(set(used) - declared) == []
