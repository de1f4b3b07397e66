"""What the first bytes of a file say of an image: its format, its size, whether it can be transparent.

Sources: PNG third edition; ITU-T T.81, annex B; RFC 9649; GIF89a. Read 2026-11-25.
"""

import struct
from collections.abc import Callable

from attrs import frozen

__all__ = ["ENOUGH", "ImageFacts", "ImageHead", "read_head"]

ENOUGH = 64 * 1024
"""Bytes from the start of a file in which its head stands; only a JPEG with a large preview hides its size behind."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_WITH_ALPHA = (4, 6)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame, which has the size."""


@frozen(kw_only=True)
class ImageHead:
    """What a file is, whatever its name says.

    Attributes:
        media_type: ``image/png``, ``image/jpeg``, ``image/webp`` or ``image/gif``.
        width: Pixels across; 0 if the head does not say it.
        height: Pixels down; 0 if the head does not say it.
        has_alpha: Whether its format has a place for transparency.
    """

    media_type: str
    width: int = 0
    height: int = 0
    has_alpha: bool = False


@frozen(kw_only=True)
class ImageFacts:
    """What can be known of an image before it is sent.

    Attributes:
        head: What its first bytes say; ``None`` if they are of no image.
        size: In bytes; ``None`` while it is unknown.
        over: The image over which it is laid, for a mask.
    """

    head: ImageHead | None
    size: int | None = None
    over: ImageHead | None = None


def read_head(data: bytes) -> ImageHead | None:
    """Read the head of an image; ``None`` if this is no image of these formats.

    Args:
        data: The file, or its first ``ENOUGH`` bytes.
    """
    for starts, read in _READERS:
        if starts(data):
            try:
                return read(data)
            except (struct.error, IndexError):
                return None  # it ends inside its head
    return None


def _png(data: bytes) -> ImageHead:
    width, height, _, color = struct.unpack_from(">IIBB", data, 16)
    pixels = data.find(b"IDAT")
    transparent = color in _PNG_WITH_ALPHA or b"tRNS" in data[: pixels if pixels >= 0 else len(data)]
    return ImageHead(media_type="image/png", width=width, height=height, has_alpha=transparent)


def _jpeg(data: bytes) -> ImageHead:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:  # noqa: PLR2004  the byte before each marker
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return ImageHead(media_type="image/jpeg", width=width, height=height)
        place += 2 + length
    return ImageHead(media_type="image/jpeg")


def _webp(data: bytes) -> ImageHead:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[start : start + 3], "little") + 1 for start in (24, 27))
        return _webp_of(width, height, alpha=bool(data[20] & 0x10))
    if kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return _webp_of((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, alpha=bool(packed >> 28 & 1))
    width, height = struct.unpack_from("<HH", data, 26)
    return _webp_of(width & 0x3FFF, height & 0x3FFF, alpha=False)


def _webp_of(width: int, height: int, *, alpha: bool) -> ImageHead:
    return ImageHead(media_type="image/webp", width=width, height=height, has_alpha=alpha)


def _gif(data: bytes) -> ImageHead:
    width, height = struct.unpack_from("<HH", data, 6)
    return ImageHead(media_type="image/gif", width=width, height=height, has_alpha=True)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], ImageHead]], ...] = (
    (lambda data: data.startswith(_PNG) and data[12:16] == b"IHDR", _png),
    (lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda data: data.startswith(b"RIFF") and data[8:15] == b"WEBPVP8", _webp),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), _gif),
)
