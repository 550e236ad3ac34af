"""Where the files of cp, mv and ln go: under the name that was given or, when that is a directory, into it under their own."""

from scarlet.user.errors import Failure
from scarlet.user.files import is_directory
from scarlet.user.options import shown
from scarlet.user.paths import base_name, join


def destinations(sources: list[bytes], target: bytes) -> list[tuple[bytes, bytes]]:
    """Each source with its new name. Failure when several would get one name."""
    if is_directory(target):
        return [(source, join(target, base_name(source))) for source in sources]
    if len(sources) > 1:
        raise Failure(f"{shown(target)} is not a directory")
    return [(source, target) for source in sources]
