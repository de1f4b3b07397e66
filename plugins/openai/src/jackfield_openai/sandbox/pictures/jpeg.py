"""Baseline JPEG (ITU-T T.81) of squares in one color, which need the first coefficient of each block and no other."""

import struct

from jackfield_openai.sandbox.pictures.scene import Color, Picture

__all__ = ["jpeg"]

_APP0 = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
_DC_LENGTHS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
"""How many codes there are of each length (T.81, table K.3)."""
_DC_CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110")
_AC_LENGTHS = bytes([1] + [0] * 15)
"""The only code for the other coefficients says that all of them are 0."""
_END_OF_BLOCK = "0"
_COMPONENTS = (1, 2, 3)
_FINEST_STEP = 8


def jpeg(picture: Picture, quality: int) -> bytes:
    """Encode a picture.

    Args:
        picture: What to encode; it has no transparency.
        quality: 0 to 100; below 100 colors become coarser.
    """
    step = _FINEST_STEP + (100 - quality)
    tables = b"".join(
        (
            _segment(0xDB, b"\0" + bytes([step]) * 64),
            _segment(0xC4, b"\0" + _DC_LENGTHS + bytes(range(12))),
            _segment(0xC4, b"\x10" + _AC_LENGTHS + b"\0"),
        )
    )
    frame = struct.pack(">BHHB", 8, picture.height, picture.width, 3)
    frame += b"".join(bytes([component, 0x11, 0]) for component in _COMPONENTS)
    scan = b"\x03" + b"".join(bytes([component, 0]) for component in _COMPONENTS) + b"\0\x3f\0"
    head = b"\xff\xd8" + _segment(0xE0, _APP0) + tables + _segment(0xC0, frame) + _segment(0xDA, scan)
    return head + _packed(_coded(picture, step)) + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _coded(picture: Picture, step: int) -> str:
    colors = [_coefficients(color, step) for color in picture.colors]
    last = (0, 0, 0)
    same = "".join(_difference(0) for _ in _COMPONENTS)
    parts = []
    for color in b"".join(picture.rows):
        now = colors[color]
        if now == last:
            parts.append(same)
        else:
            parts += [_difference(value - before) for value, before in zip(now, last, strict=True)]
        last = now
    return "".join(parts)


def _coefficients(color: Color, step: int) -> tuple[int, int, int]:
    """Give the mean of a block of one color, in YCbCr, as its first coefficient (JFIF 1.02)."""
    red, green, blue, _ = color
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    values = (luma - 128, (blue - luma) / 1.772, (red - luma) / 1.402)
    return (round(values[0] * 8 / step), round(values[1] * 8 / step), round(values[2] * 8 / step))


def _difference(value: int) -> str:
    size = abs(value).bit_length()
    bits = format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""
    return _DC_CODES[size] + bits + _END_OF_BLOCK


def _packed(bits: str) -> bytes:
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")
