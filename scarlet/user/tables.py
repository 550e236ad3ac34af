"""Text in columns, and what a listing shows of a file."""

from abi_modules.native.interface import FileKind


def columns(words: list[bytes], width: int) -> list[bytes]:
    """Lines of words, sorted downwards, in as many columns as fit; widths count characters."""
    if len(words) == 0:
        return []
    sizes = [len(word.decode(errors="replace")) for word in words]
    rows = 1
    widths = sizes
    while rows < len(words) and sum(widths) + 2 * (len(widths) - 1) > width:
        rows += 1
        widths = [max(sizes[at : at + rows]) for at in range(0, len(words), rows)]
    lines: list[bytes] = []
    for row in range(rows):
        line = b""
        for column in range(len(widths)):
            at = column * rows + row
            if at < len(words):
                last = at + rows >= len(words)
                line += words[at] if last else words[at] + b" " * (widths[column] + 2 - sizes[at])
        lines.append(line)
    return lines


def table(rows: list[list[str]], right: list[bool]) -> list[str]:
    """Rows whose cells line up; `right` says which columns stand at the right. The last column is not filled up."""
    widths = [0] * len(right)
    for row in rows:
        for column in range(len(row)):
            widths[column] = max(widths[column], len(row[column]))
    return [" ".join([_cell(row, column, widths, right) for column in range(len(row))]) for row in rows]


def _cell(row: list[str], column: int, widths: list[int], right: list[bool]) -> str:
    text = row[column]
    space = " " * (widths[column] - len(text))
    if right[column]:
        return space + text
    return text if column == len(row) - 1 else text + space


def kind_letter(kind: int) -> str:
    """As the first letter of a listing."""
    match kind:
        case FileKind.DIRECTORY:
            return "d"
        case FileKind.SYMBOLIC_LINK:
            return "l"
        case FileKind.CHARACTER_DEVICE:
            return "c"
        case FileKind.BLOCK_DEVICE:
            return "b"
        case FileKind.FIFO:
            return "p"
        case FileKind.SOCKET:
            return "s"
        case _:
            return "-"


def mode_text(kind: int, mode: int) -> str:
    """`-rwxr-xr-x`; s and t for the bits above."""
    out = kind_letter(kind)
    for place in range(3):
        bits = mode >> (6 - 3 * place)
        special = mode & (0o4000 >> place) != 0
        letter = "t" if place == 2 else "s"
        out += "r" if bits & 4 else "-"
        out += "w" if bits & 2 else "-"
        if special:
            out += letter if bits & 1 else letter.upper()
        else:
            out += "x" if bits & 1 else "-"
    return out


def size_text(size: int) -> str:
    """A size for people: three digits and a unit of 1024."""
    if size < 1024:
        return str(size)
    tenths = size * 10
    unit = ""
    for larger in ["K", "M", "G", "T"]:
        unit = larger
        tenths = (tenths + 1023) // 1024
        if tenths < 10240:
            break
    return f"{(tenths + 9) // 10}{unit}" if tenths >= 100 else f"{tenths // 10}.{tenths % 10}{unit}"
