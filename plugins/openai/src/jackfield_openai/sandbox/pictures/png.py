"""PNG (W3C recommendation, third edition): true color, and alpha where something is transparent."""

import struct
import zlib

from jackfield_openai.sandbox.pictures.scene import SQUARE, Picture

__all__ = ["png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOR, _WITH_ALPHA = 2, 6
_UNFILTERED = b"\0"


def png(picture: Picture) -> bytes:
    """Encode a picture."""
    channels = 4 if picture.is_transparent else 3
    squares = [bytes(color[:channels]) * SQUARE for color in picture.colors]
    lines = [(_UNFILTERED + b"".join(squares[color] for color in row)) * SQUARE for row in picture.rows]
    kind = _WITH_ALPHA if picture.is_transparent else _TRUE_COLOR
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, kind, 0, 0, 0)
    body = zlib.compress(b"".join(lines), 6)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
