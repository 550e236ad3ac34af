"""Whether two objects are of one class: what a container asks before it reads another's items, which lie as the class of both says."""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import address, inline, load64

CLASS_OFFSET: Final = 8
"""Where an object keeps its class, behind the count of references (compiler/emit/prelude.py)."""


@inline
def same_class(a: object, b: object) -> bool:
    return load64(u64(address(a) + CLASS_OFFSET)) == load64(u64(address(b) + CLASS_OFFSET))
