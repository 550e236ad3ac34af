"""Names in UTF-16, as file systems of other systems keep them."""


def from_units(units: list[int]) -> bytes:
    """UTF-16 to UTF-8; half a pair becomes a replacement character."""
    out: list[str] = []
    index = 0
    while index < len(units):
        unit = units[index]
        index += 1
        if 0xD800 <= unit < 0xE000:
            low = units[index] if unit < 0xDC00 and index < len(units) else 0
            if 0xDC00 <= low < 0xE000:
                unit = 0x10000 + (unit - 0xD800 << 10) + low - 0xDC00
                index += 1
            else:
                unit = 0xFFFD
        out.append(chr(unit))
    return "".join(out).encode()
