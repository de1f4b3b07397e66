"""Animated GIF (GIF89a) without compression: a clear code in time keeps each code one byte long."""

import struct
from collections.abc import Sequence
from itertools import pairwise

from jackfield_openai.sandbox.pictures.scene import SQUARE, Picture

__all__ = ["gif"]

_CODE_BITS = 7
_CLEAR, _END = b"\x80", b"\x81"
_BEFORE_CLEAR = 120
"""Codes after which the table of codes is emptied; at 127 a code would take nine bits."""
_BLOCK = 255
_FOR_EVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"


def gif(pictures: Sequence[Picture], delay_ms: int) -> bytes:
    """Encode pictures of one size and one set of colors, to be shown one after the other, again and again.

    Args:
        pictures: At least one.
        delay_ms: How long each is shown; rounded to 10 ms.
    """
    first = pictures[0]
    colors = b"".join(bytes(color[:3]) for color in first.colors).ljust(3 << _CODE_BITS, b"\0")
    screen = struct.pack("<HHBBB", first.width, first.height, 0x80 | 0x70 | (_CODE_BITS - 1), 0, 0)
    frames = [_frame(first, 0, len(first.rows), delay_ms)]
    for before, now in pairwise(pictures):
        changed = [y for y, (old, new) in enumerate(zip(before.rows, now.rows, strict=True)) if old != new] or [0]
        frames.append(_frame(now, changed[0], changed[-1] + 1, delay_ms))
    return b"GIF89a" + screen + colors + _FOR_EVER + b"".join(frames) + b"\x3b"


def _frame(picture: Picture, top: int, bottom: int, delay_ms: int) -> bytes:
    """Encode the rows that are new; the others stay as the frame before left them."""
    delay = min(round(delay_ms / 10), 0xFFFF)
    control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 0x04, delay, 0, 0)
    place = struct.pack("<BHHHHB", 0x2C, 0, top * SQUARE, picture.width, (bottom - top) * SQUARE, 0)
    squares = [bytes([color]) * SQUARE for color in range(len(picture.colors))]
    pixels = b"".join(b"".join(squares[color] for color in row) * SQUARE for row in picture.rows[top:bottom])
    parts = [_CLEAR + pixels[start : start + _BEFORE_CLEAR] for start in range(0, len(pixels), _BEFORE_CLEAR)]
    codes = b"".join(parts) + _END
    blocks = [codes[start : start + _BLOCK] for start in range(0, len(codes), _BLOCK)]
    return control + place + bytes([_CODE_BITS]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
