"""What the first bytes of a file say of a recording: its format, whatever its name says.

Sources: RFC 2361 and RFC 3533, RFC 7845, RFC 9639; ISO 11172-3, 13818-7 and 14496-12; the Matroska specification.
Read 2026-11-25.
"""

from attrs import frozen

from jackfield import File

__all__ = ["ENOUGH", "SoundHead", "head_of", "read_sound_head"]

ENOUGH = 64
"""Bytes from the start of a file that tell its format."""

_SYNC = 0xE0
_LAYER = 0x06


@frozen(kw_only=True)
class SoundHead:
    """What a recording is.

    Attributes:
        media_type: ``audio/wav``, say.
        extension: How its name ends, without the dot.
    """

    media_type: str
    extension: str


_WAV = SoundHead(media_type="audio/wav", extension="wav")
_MP3 = SoundHead(media_type="audio/mpeg", extension="mp3")
_AAC = SoundHead(media_type="audio/aac", extension="aac")
_FLAC = SoundHead(media_type="audio/flac", extension="flac")
_OGG = SoundHead(media_type="audio/ogg", extension="ogg")
_OPUS = SoundHead(media_type="audio/ogg", extension="opus")
_M4A = SoundHead(media_type="audio/mp4", extension="m4a")
_WEBM = SoundHead(media_type="audio/webm", extension="webm")
_STARTS = ((b"ID3", _MP3), (b"fLaC", _FLAC), (b"OggS", _OGG), (b"\x1a\x45\xdf\xa3", _WEBM))


def read_sound_head(data: bytes) -> SoundHead | None:
    """Read the head of a recording; ``None`` if it is of none of these formats, or has no head, as raw PCM.

    Args:
        data: The file, or its first ``ENOUGH`` bytes.
    """
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return _WAV
    if data[4:8] == b"ftyp":
        return _M4A
    found = next((head for start, head in _STARTS if data.startswith(start)), None)
    if found is _OGG and b"OpusHead" in data:
        return _OPUS
    if found is None and len(data) > 1 and data[0] == 0xFF and data[1] & _SYNC == _SYNC:  # noqa: PLR2004  a frame's start
        # The layer 0 is no layer of MPEG audio: ADTS has it.
        return _MP3 if data[1] & _LAYER else _AAC
    return found


def head_of(file: File) -> SoundHead | None:
    """Read the head of a file, which must not be pending."""
    with file.open() as opened:
        return read_sound_head(opened.read(ENOUGH))
