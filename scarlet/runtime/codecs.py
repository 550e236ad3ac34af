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
from scarlet.runtime.bytetext import represent
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
        raise decode_error("utf-8", start, size, wrong, -utf8.sequence_at(start, size, wrong), error_reason(start, size, wrong))
    return make_text(start, size) if size > 0 else ""


def error_reason(text: Ptr[u8], size: int, at: int) -> str:
    first = text[at]
    if first < 0xC2 or first > 0xF4:
        return "invalid start byte"
    length = -utf8.sequence_at(text, size, at)
    return "unexpected end of data" if at + length >= size else "invalid continuation byte"


@noinline
def decode_error(name: str, text: Ptr[u8], size: int, at: int, length: int, reason: str) -> ValueError:
    """UnicodeDecodeError: these bytes are none of the encoding's."""
    what = f"byte 0x{int(text[at]):02x} in position {at}" if length == 1 else f"bytes in position {at}-{at + length - 1}"
    error = UnicodeDecodeError()
    error.set_shown(f"'{name}' codec can't decode {what}: {reason}", f"'{name}', {represent(text, size)}, {at}, {at + length}, '{reason}'")
    return unchecked_cast(ValueError, error)


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
            raise decode_error("ascii", text, size, at, 1, "ordinal not in range(128)")
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
        refuse_surrogates(text)
    return make(payload(text), text.size)


@noinline
def refuse_surrogates(text: Str) -> None:
    """UnicodeEncodeError for text with a surrogate: ED A0..BF."""
    data = payload(text)
    at = spans.find_byte(data, 0xED, 0, text.size)
    while at >= 0:
        if data[at + 1] >= 0xA0:
            end = at
            while end < text.size and data[end] == 0xED and data[end + 1] >= 0xA0:
                end = text.next_offset(end)
            raise encode_error("utf-8", text, at, end, "surrogates not allowed")
        at = spans.find_byte(data, 0xED, at + 1, text.size)


@noinline
def encode_error(name: str, text: Str, at: int, end: int, reason: str) -> ValueError:
    """UnicodeEncodeError: the encoding lacks the characters from one offset to another."""
    first, after = utf8.count(payload(text), at), utf8.count(payload(text), end)
    what = f"characters in position {first}-{after - 1}"
    if first + 1 == after:
        escape = ByteArray()
        utf8.escaped(escape, utf8.code_at(payload(text), at))
        what = f"character '{text_of(escape)}' in position {first}"
    error = UnicodeEncodeError()
    error.set_shown(f"'{name}' codec can't encode {what}: {reason}", f"'{name}', {text.__repr__()}, {first}, {after}, '{reason}'")
    return unchecked_cast(ValueError, error)


def encode_narrow(text: Str, kind: int) -> bytes:
    """Text with characters beyond ASCII as ASCII or Latin-1."""
    limit = 128 if kind == ASCII else 256
    out = ByteArray()
    at = 0
    while at < text.size:
        code = utf8.code_at(payload(text), at)
        if code >= limit:
            end = at
            while end < text.size and utf8.code_at(payload(text), end) >= limit:
                end = text.next_offset(end)
            raise encode_error("ascii" if kind == ASCII else "latin-1", text, at, end, f"ordinal not in range({limit})")
        out.append(code)
        at = text.next_offset(at)
    return make(out.start(), len(out))
