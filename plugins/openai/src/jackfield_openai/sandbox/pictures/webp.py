"""Lossless WebP (RFC 9649): indexed colors, and each line a copy of the one above it where it can be."""

import struct
from collections.abc import Iterator
from itertools import groupby

from jackfield_openai.sandbox.pictures.scene import SQUARE, Picture

__all__ = ["webp"]

_COLORS = 40
"""More than 16, so that each pixel has a byte of its own; with the 24 lengths that is 64 codes of 6 bits."""
_LENGTHS = 24
_FIRST_LENGTH = 256
_LONGEST_COPY = 4096
_ABOVE, _LEFT = "0", "1"
_CODE_LENGTH_ORDER = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8)
_ZEROS = 18
"""The code length code for 11 to 138 zeros."""


def webp(picture: Picture) -> bytes:
    """Encode a picture."""
    bits = "".join(_stream(picture))
    bits += "0" * (-len(bits) % 8)
    data = b"\x2f" + int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")
    padding = b"\0" * (len(data) % 2)
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + padding
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _stream(picture: Picture) -> Iterator[str]:
    """Give the bits in the order in which they are read."""
    yield _number(picture.width - 1, 14) + _number(picture.height - 1, 14)
    yield "1" if picture.is_transparent else "0"
    yield _number(0, 3)  # the version
    yield "1" + _number(3, 2) + _number(_COLORS - 1, 8)  # a transform: colors by index
    yield from _color_table(picture)
    yield "0"  # no more transforms
    yield "00"  # no cache of colors, the same codes everywhere
    yield _code_lengths(6, _COLORS, _FIRST_LENGTH - _COLORS, _LENGTHS)
    yield _single(0) + _single(0) + _single(255)
    yield "1" + "1" + "0" + "0" + _number(1, 8)  # two codes for distances: the pixel above, the pixel to the left
    for row in picture.rows:
        for color, run in groupby(row):
            yield _code(color, 6)
            yield from _copies(len(list(run)) * SQUARE - 1, _LEFT)
        yield from _copies((SQUARE - 1) * picture.width, _ABOVE)


def _color_table(picture: Picture) -> Iterator[str]:
    """Give the colors, each by its difference to the one before."""
    yield "0"  # no cache of colors
    yield _code_lengths(8, 256, _LENGTHS, 0)
    yield _code_lengths(8, 256, 0, 0) * 3
    yield _single(0)
    last = (0, 0, 0, 0)
    for color in (*picture.colors, *[(0, 0, 0, 0)] * (_COLORS - len(picture.colors))):
        red, green, blue, alpha = ((now - before) % 256 for now, before in zip(color, last, strict=True))
        yield "".join(_code(value, 8) for value in (green, red, blue, alpha))
        last = color


def _copies(length: int, where: str) -> Iterator[str]:
    while length > 0:
        part = min(length, _LONGEST_COPY)
        prefix, extra = _prefixed(part)
        yield _code(_COLORS + prefix, 6) + extra + where
        length -= part


def _prefixed(value: int) -> tuple[int, str]:
    """Give the prefix code of a length, and the bits that follow it (RFC 9649, section 5.2.2)."""
    value -= 1
    plain = 4
    if value < plain:
        return value, ""
    extra = value.bit_length() - 2
    return 2 * extra + 2 + ((value >> extra) & 1), _number(value & ((1 << extra) - 1), extra)


def _number(value: int, bits: int) -> str:
    """Give a number, lowest bit first; of no bits, nothing."""
    return format(value, f"0{bits}b")[::-1] if bits else ""


def _code(position: int, bits: int) -> str:
    """Give the code at a place among codes of one length; codes come highest bit first."""
    return format(position, f"0{bits}b")


def _single(symbol: int) -> str:
    """Say that there is only one symbol, which then takes no bits."""
    return "1" + "0" + "1" + _number(symbol, 8)


def _code_lengths(length: int, first: int, zeros: int, last: int) -> str:
    """Say that so many symbols have codes of one length, then so many none, then so many again."""
    used = [1 if symbol in (length, _ZEROS) else 0 for symbol in _CODE_LENGTH_ORDER]
    head = "0" + _number(len(used) - 4, 4) + "".join(_number(value, 3) for value in used) + "0"
    gap = ""
    while zeros:
        part = min(zeros, 138)
        gap += "1" + _number(part - 11, 7)
        zeros -= part
    return head + "0" * first + gap + "0" * last
