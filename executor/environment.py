"""The environment across exec, in one neutral form: a list of NAME=value strings.

A program hands its environment to exec as it likes; the list is never changed once it was given, so processes share it. Where an
ABI has none, the process keeps the list unseen (Process.kept_environment, inherited by fork) until a program comes that has one; so PATH,
HOME and TERM survive a detour through a program that has never heard of them.
"""

from executor.protocol import AbiModule
from objects.process import Process


def environment_for(module: AbiModule, process: Process, given: list[bytes] | None) -> list[bytes]:
    """What the new program's environment is made of: what the caller gave, else what was kept, else the module's own.

    `given` is None when the caller's ABI has no environment."""
    if given is not None:
        return given
    kept = process.kept_environment
    return module.default_environment if kept is None else kept


def environment_to_keep(module: AbiModule, process: Process, given: list[bytes] | None) -> list[bytes] | None:
    """What the process keeps while the new program runs: nothing when that has the environment itself."""
    if module.has_environment:
        return None
    return process.kept_environment if given is None else given
