"""Names of files as texts; nothing here looks at a file system."""


def join(directory: bytes, name: bytes) -> bytes:
    """`name` as seen from `directory`; an absolute name stays what it is."""
    if name.startswith(b"/") or len(directory) == 0:
        return name
    return directory + name if directory.endswith(b"/") else directory + b"/" + name


def base_name(path: bytes) -> bytes:
    """The last part of a path, without slashes after it; "/" for the root."""
    stripped = path.rstrip(b"/")
    if len(stripped) == 0:
        return b"/" if len(path) > 0 else b""
    return stripped[stripped.rfind(b"/") + 1 :]


def parent(path: bytes) -> bytes:
    """The directory in which the last part of a path lies; "." when the path names none."""
    stripped = path.rstrip(b"/")
    slash = stripped.rfind(b"/")
    if slash < 0:
        return b"/" if len(stripped) == 0 and len(path) > 0 else b"."
    kept = stripped[:slash].rstrip(b"/")
    return kept if len(kept) > 0 else b"/"


def parts(path: bytes) -> list[bytes]:
    """The names in a path, without empty ones and "."."""
    return [part for part in path.split(b"/") if len(part) > 0 and part != b"."]


def normal(path: bytes) -> bytes:
    """A path without "." and "..", as texts go: what `cd` remembers."""
    kept: list[bytes] = []
    for part in parts(path):
        if part != b"..":
            kept.append(part)
        elif len(kept) > 0 and kept[-1] != b"..":
            kept.pop()
        elif not path.startswith(b"/"):
            kept.append(part)
    text = b"/".join(kept)
    if path.startswith(b"/"):
        return b"/" + text
    return text if len(text) > 0 else b"."
