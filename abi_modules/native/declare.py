"""The parameter types of native calls, beside those that every ABI has (executor/declare.py).

An address is always followed by a length in bytes, unless it points to a structure of interface.py, whose name the kind bears
("out task_info" is a TaskInfo). From that rule the user library's functions are made (scarlet/user/calls.py): an "in" address and its
length are one parameter of type bytes, an "out" one a bytearray, an "out" structure is the function's result.
"""

from typing import Annotated, TypeAlias

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32, i64, u32, u64

# Handles and places.
Handle: TypeAlias = Annotated[i32, "handle"]
DirectoryHandle: TypeAlias = Annotated[i32, "place"]
"""A directory's handle, or CURRENT; a path and its length follow."""
TaskHandle: TypeAlias = Annotated[i32, "place"]
"""A task's handle, or CURRENT for the caller."""
ObjectHandle: TypeAlias = Annotated[i32, "place"]
"""An object's handle, or CURRENT for none."""
NewHandle: TypeAlias = i32
"""A result: the slot that the new handle is in."""

# Texts and data.
TextIn: TypeAlias = Annotated[UserPtr, "in text"]
StringsIn: TypeAlias = Annotated[UserPtr, "in strings"]
"""Several texts, each ended by a NUL."""
DataIn: TypeAlias = Annotated[UserPtr, "in data"]
DataOut: TypeAlias = Annotated[UserPtr, "out filled"]
"""Filled by the call; its result is the number of bytes."""
HandlesIn: TypeAlias = Annotated[UserPtr, "in handles"]
"""An array of i32 slots."""
HandlesOut: TypeAlias = Annotated[UserPtr, "out handles"]
NumbersOut: TypeAlias = Annotated[UserPtr, "out numbers"]
"""An array of i32; the result is how many there are."""
WaitEntries: TypeAlias = Annotated[UserPtr, "out wait_entries"]
"""An array of WaitEntry, read and filled in."""
SpawnRequest: TypeAlias = Annotated[UserPtr, "in spawn_request"]

# Structures of interface.py.
OutHandleInfo: TypeAlias = Annotated[UserPtr, "out handle_info"]
OutTerminalInfo: TypeAlias = Annotated[UserPtr, "out terminal_info"]
OutMetadata: TypeAlias = Annotated[UserPtr, "out metadata"]
OutHandlePair: TypeAlias = Annotated[UserPtr, "out handle_pair"]
OutMessageSize: TypeAlias = Annotated[UserPtr, "out message_size"]
OutSpawnResult: TypeAlias = Annotated[UserPtr, "out spawn_result"]
OutChildChange: TypeAlias = Annotated[UserPtr, "out child_change"]
OutTaskInfo: TypeAlias = Annotated[UserPtr, "out task_info"]
OutLimitPair: TypeAlias = Annotated[UserPtr, "out limit_pair"]
OutSystemInfo: TypeAlias = Annotated[UserPtr, "out system_info"]

# Numbers.
Deadline: TypeAlias = Annotated[i64, "deadline"]
Nanoseconds: TypeAlias = i64
Device: TypeAlias = Annotated[u64, "hexadecimal"]
UserNumber: TypeAlias = Annotated[u32, "identity"]
"""A user or group; 0xffffffff leaves it as it is."""
