"""The files that a pattern names: directory by directory, only where a part is a pattern."""

from scarlet.user import files
from scarlet.user.errors import StatusError
from scarlet.user.patterns import is_pattern, matches, unescaped


def matching(pattern: bytes) -> list[bytes]:
    """The paths that match, sorted; a name that begins with a dot only when the pattern does."""
    found = [b"/"] if pattern.startswith(b"/") else [b""]
    parts = [part for part in pattern.split(b"/") if len(part) > 0]
    for index in range(len(parts)):
        last = index == len(parts) - 1
        found = [path for base in found for path in _step(base, parts[index], last and not pattern.endswith(b"/"))]
    return sorted([path + b"/" for path in found] if pattern.endswith(b"/") else found)


def _step(base: bytes, part: bytes, last: bool) -> list[bytes]:
    """The paths below `base` whose next name matches; between the parts only directories count."""
    prefix = base if len(base) == 0 or base.endswith(b"/") else base + b"/"
    if not is_pattern(part):
        path = prefix + unescaped(part)
        return [path] if files.found(path, follow=not last) is not None else []
    try:
        names = files.names(base if len(base) > 0 else b".")
    except StatusError:
        return []
    kept = [prefix + name for name in names if matches(part, name) and (not name.startswith(b".") or part.startswith(b"."))]
    return kept if last else [path for path in kept if files.is_directory(path)]
