"""str to bytes and back: UTF-8, ASCII and Latin-1, with the errors that CPython reports (Python reference, "Standard Encodings").

Decoding has the handlers strict, replace and ignore; encoding only strict.
"""

from typing import Final

from scarlet.lang import u8
from scarlet.lang.raw import Ptr, noinline, payload, unchecked_cast
from scarlet.runtime import spans, utf8
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.bytearray import ByteArray
from scarlet.runtime.bytes import make
from scarlet.runtime.exceptions import UnicodeDecodeError, UnicodeEncodeError
from scarlet.runtime.str import Str, make_text, text_of

UTF_8: Final = 0
ASCII: Final = 1
LATIN_1: Final = 2
REPLACEMENT: Final = 0xFFFD


def codec(name: str) -> int:
    match name:
        case "utf-8" | "utf8" | "UTF-8" | "utf_8":
            return UTF_8
        case "ascii" | "us-ascii":
            return ASCII
        case "latin-1" | "latin1" | "iso-8859-1":
            return LATIN_1
    raise LookupError("unknown encoding: " + name)


def only_strict(errors: str) -> None:
    if errors != "strict":
        raise LookupError("unknown error handler name '" + errors + "'")


# --- decoding ---------------------------------------------------------------------------------------------------------


def decode_as(data: Buffer, encoding: str, errors: str) -> str:
    """bytes.decode: UTF-8, ASCII or Latin-1; handlers strict, replace and ignore."""
    kind = codec(encoding)
    if kind == UTF_8 and errors == "strict":
        return decode_span(data.start(), data.count_bytes())
    if errors != "strict" and errors != "replace" and errors != "ignore":
        raise LookupError("unknown error handler name '" + errors + "'")
    return text_of(decode_slowly(data, kind, errors))


def decode_span(start: Ptr[u8], size: int) -> str:
    wrong = utf8.first_error(start, size)
    if wrong >= 0:
        raise unchecked_cast(ValueError, UnicodeDecodeError(error_text(start, size, wrong)))
    return make_text(start, size) if size > 0 else ""


def error_reason(text: Ptr[u8], size: int, at: int) -> str:
    first = text[at]
    if first < 0xC2 or first > 0xF4:
        return "invalid start byte"
    length = -utf8.sequence_at(text, size, at)
    return "unexpected end of data" if at + length >= size else "invalid continuation byte"


@noinline
def error_text(text: Ptr[u8], size: int, at: int) -> str:
    """What UnicodeDecodeError says."""
    length = -utf8.sequence_at(text, size, at)
    reason = error_reason(text, size, at)
    if length == 1:
        return f"'utf-8' codec can't decode byte 0x{int(text[at]):02x} in position {at}: {reason}"
    return f"'utf-8' codec can't decode bytes in position {at}-{at + length - 1}: {reason}"


def decode_slowly(data: Buffer, kind: int, errors: str) -> ByteArray:
    """The UTF-8 of data in another encoding, or with an error handler."""
    out = ByteArray()
    text = data.start()
    size = data.count_bytes()
    at = 0
    while at < size:
        byte = int(text[at])
        length = utf8.sequence_at(text, size, at) if kind == UTF_8 else 1
        if kind == LATIN_1 or byte < 0x80:
            utf8.append_code(out, byte)
        elif kind == UTF_8 and length > 0:
            out.extend_span(text + at, length)
        elif errors == "strict":
            raise unchecked_cast(
                ValueError, UnicodeDecodeError(f"'ascii' codec can't decode byte 0x{byte:02x} in position {at}: ordinal not in range(128)")
            )
        elif errors == "replace":
            utf8.append_code(out, REPLACEMENT)
        at += length if length > 0 else -length
    return out


# --- encoding ---------------------------------------------------------------------------------------------------------


def encode_as(text: Str, encoding: str, errors: str) -> bytes:
    """str.encode."""
    only_strict(errors)
    kind = codec(encoding)
    if text.size != text.length:  # not ASCII, which is the same in all of them
        if kind != UTF_8:
            return encode_narrow(text, kind)
        refuse_surrogates(payload(text), text.size)
    return make(payload(text), text.size)


@noinline
def refuse_surrogates(text: Ptr[u8], size: int) -> None:
    """UnicodeEncodeError for text with a surrogate: ED A0..BF."""
    at = spans.find_byte(text, 0xED, 0, size)
    while at >= 0:
        if text[at + 1] >= 0xA0:
            out = ByteArray()
            utf8.escaped(out, utf8.code_at(text, at))
            shown = text_of(out)
            raise unchecked_cast(
                ValueError,
                UnicodeEncodeError(
                    f"'utf-8' codec can't encode character '{shown}' in position {utf8.count(text, at)}: surrogates not allowed"
                ),
            )
        at = spans.find_byte(text, 0xED, at + 1, size)


def encode_narrow(text: Str, kind: int) -> bytes:
    """Text with characters beyond ASCII as ASCII or Latin-1."""
    limit = 128 if kind == ASCII else 256
    out = ByteArray()
    at = 0
    while at < text.size:
        code = utf8.code_at(payload(text), at)
        if code >= limit:
            raise unchecked_cast(ValueError, UnicodeEncodeError(narrow_error(text, at, limit)))
        out.append(code)
        at = text.next_offset(at)
    return make(out.start(), len(out))


def narrow_error(text: Str, at: int, limit: int) -> str:
    """What UnicodeEncodeError says: the run of characters that the encoding lacks."""
    name = "ascii" if limit == 128 else "latin-1"
    first = utf8.count(payload(text), at)
    end = at
    while end < text.size and utf8.code_at(payload(text), end) >= limit:
        end = text.next_offset(end)
    last = utf8.count(payload(text), end) - 1
    if first == last:
        shown = ByteArray()
        utf8.escaped(shown, utf8.code_at(payload(text), at))
        return f"'{name}' codec can't encode character '{text_of(shown)}' in position {first}: ordinal not in range({limit})"
    return f"'{name}' codec can't encode characters in position {first}-{last}: ordinal not in range({limit})"
