"""Sound that a program makes: a tone for each word, and the words themselves in the place that a file has for remarks.

So what the stand-in said aloud it can write down again, though it hears nothing.

Sources: Multimedia Programming Interface and Data Specifications 1.0 (RIFF, WAVE); ISO 13818-3 (MPEG-2, layer III);
ID3v2.4.
"""

import hashlib
import struct
import wave
from array import array
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

from jackfield_openai.sandbox.words import tokens_of

__all__ = ["FORMATS", "duration_of", "heard_in", "parts_of", "said_aloud"]

RATE = 24_000
"""Samples a second; each has 16 bits."""

_WORD_S = 0.1
_LOUDNESS = 6_000
_REMARK = b"ICMT"
_ID3_REMARK = b"\x03eng\x00"
_MP3_FRAME = b"\xff\xf3\x84\xc4" + bytes(188)
"""24 milliseconds of silence: MPEG-2, layer III, 64 kbit/s, 24 kHz, one channel."""
_MP3_FRAME_S = 0.024
_BYTES_A_SECOND = 8_000
"""Of a recording whose length nobody reads here."""


def said_aloud(text: str, speed: float, kind: str) -> bytes:
    """Say a text, as the content of a file.

    Args:
        text: What is said.
        speed: 2 is twice as fast.
        kind: One of ``FORMATS``.
    """
    return FORMATS[kind][1](text, _WORD_S / speed)


def _pcm(text: str, word_s: float) -> bytes:
    samples = array("h")
    for word in tokens_of(text):
        period = 40 + hashlib.sha256(word.strip().encode()).digest()[0] % 120
        wave_form = array("h", [_LOUDNESS * (1 if place * 2 < period else -1) for place in range(period)])
        samples.extend((wave_form * (round(RATE * word_s) // period + 1))[: round(RATE * word_s)])
    return struct.pack(f"<{len(samples)}h", *samples)


def _wav(text: str, word_s: float) -> bytes:
    data, remark = _pcm(text, word_s), text.encode() + b"\0"
    remark += bytes(len(remark) % 2)
    chunks = (
        _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)),
        _chunk(b"LIST", b"INFO" + _chunk(_REMARK, remark)),
        _chunk(b"data", data),
    )
    return _chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data


def _mp3(text: str, word_s: float) -> bytes:
    """Be silent as long as the words take."""
    remark = _ID3_REMARK + text.encode()
    frame = b"COMM" + _safe(len(remark)) + b"\0\0" + remark
    frames = max(1, round(len(tokens_of(text)) * word_s / _MP3_FRAME_S))
    return b"ID3\x04\x00\x00" + _safe(len(frame)) + frame + _MP3_FRAME * frames


def _safe(size: int) -> bytes:
    """Write a size with seven bits to a byte, as ID3 does."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


FORMATS = {"mp3": ("audio/mpeg", _mp3), "pcm": ("audio/pcm", _pcm), "wav": ("audio/wav", _wav)}
"""The media type and the maker of each format that a program of the standard library alone can write."""


def heard_in(data: bytes) -> str:
    """Give the words that ``said_aloud`` left in a file; of any other recording how long it is."""
    remark = b""
    if data.startswith(b"RIFF") and _REMARK in data:
        place = data.index(_REMARK) + 8
        remark = data[place : place + struct.unpack_from("<I", data, place - 4)[0]].rstrip(b"\0")
    elif data.startswith(b"ID3") and _ID3_REMARK in data:
        place = data.index(_ID3_REMARK)
        size = sum(byte << shift for byte, shift in zip(data[place - 6 : place - 2], (21, 14, 7, 0), strict=True))
        remark = data[place + len(_ID3_REMARK) : place + size]
    with suppress(UnicodeDecodeError):
        if remark:
            return remark.decode()
    return f"{duration_of(data):.1f} seconds of sound"


def duration_of(data: bytes) -> float:
    """Give how long a recording is, in seconds; of other formats than WAV about."""
    with suppress(EOFError, wave.Error), wave.Wave_read(BytesIO(data)) as opened:
        return float(opened.getnframes() / opened.getframerate())
    return max(0.1, len(data) / _BYTES_A_SECOND)


def parts_of(text: str, duration_s: float) -> Sequence[tuple[str, float, float]]:
    """Give each word with its start and end, in seconds."""
    words = tokens_of(text)
    step = duration_s / max(1, len(words))
    return [(word, round(place * step, 3), round((place + 1) * step, 3)) for place, word in enumerate(words)]
