"""How calls of the native ABI look in the trace: a status where Linux has an errno."""

from typing import Final

from abi_modules.native.failures import status_of
from abi_modules.native.status import meaning
from abi_modules.native.trace_calls import DeclaredCalls
from scarlet.lang import Errno


class NativeText(DeclaredCalls):
    """The text of native calls."""

    def failure(self, error: Errno) -> str:
        status = status_of(error)
        reason = f" /* {error.reason} */" if error.reason else ""
        return f"{status.name} ({meaning(status)}){reason}"


TEXT: Final = NativeText("native", "native: ")
