"""Reading bodies: always counted as they come over the wire and as they are when decompressed, never all at once."""

import contextlib
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from requests import Response

from jackfield._http.breakages import FOREIGN, foreign
from jackfield._http.limits import HttpSettings
from jackfield.errors import AnswerError, BrokenAnswerError, LimitError

_PIECE = 64 * 1024
_RATIO_COUNTS_FROM = 1 << 20
_KEPT = 16 << 20
"""Up to this size a body that is not whole yet is kept in memory; the rest of a larger one waits in a file."""
_GZIP = 31
"""zlib's window bits for: a gzip header, the largest window."""


Read = Callable[[int], bytes]
"""Gives at most so many bytes of what was sent, and waits for at least one; nothing at the end."""


def read_whole(response: Response, settings: HttpSettings, *, in_memory: bool = False) -> bytes:
    """Read the body of any response, decompressed, and let its connection go.

    Args:
        response: Of whom.
        settings: How large it may be.
        in_memory: Whether nothing of it may be written to a file, not even while it comes.

    Raises:
        LimitError: It is larger than the settings allow, on the wire or decompressed; or than may be held in memory.
        BrokenAnswerError: It was cut short.
        AnswerError: It is compressed in a way that was not asked for, or there is no room for it.
    """
    try:
        announced = getattr(response.raw, "length_remaining", None) or 0  # urllib3's name for it, and ours
        _check("max_wire_bytes", announced, settings.max_wire_bytes)
        found = pieces(response, settings)
        return _held(found, settings) if in_memory else _collected(found)
    finally:
        response.close()


def _held(found: Iterator[bytes], settings: HttpSettings) -> bytes:
    kept = bytearray()
    for piece in found:
        kept += piece
        _check("max_confidential_bytes", len(kept), settings.max_confidential_bytes)
    return bytes(kept)


def _collected(found: Iterator[bytes]) -> bytes:
    first = next(found, b"")
    second = next(found, b"")
    if not second:
        return first
    kept = bytearray(first + second)  # not a list: of pieces of one byte it would take many times as much
    for piece in found:
        kept += piece
        if len(kept) > _KEPT:
            return _through_file(kept, found)
    return bytes(kept)


def _through_file(kept: bytearray, found: Iterator[bytes]) -> bytes:
    """Collect a large body in a file: one without end hits its limit there, and takes no memory until then."""
    from tempfile import TemporaryFile  # noqa: PLC0415  its import costs what few need

    try:
        with TemporaryFile() as file:
            file.write(kept)
            kept.clear()
            file.writelines(found)
            file.seek(0)
            return file.read()
    except OSError as error:
        message = f"The answer is large, and cannot be kept in a temporary file ({error.strerror or error})."
        raise AnswerError(message, hint="Make room there, or name another place with the variable TMPDIR.") from error


def read_start(response: Response, settings: HttpSettings) -> bytes:
    """Read the body of a failure as far as it may tell something; what breaks it off is of no interest."""
    found = bytearray()
    try:
        with contextlib.suppress(LimitError, BrokenAnswerError, AnswerError):
            for piece in pieces(response, settings):
                found += piece
                if len(found) >= settings.max_error_bytes:
                    break
    finally:
        response.close()
    return bytes(found[: settings.max_error_bytes])


def pieces(response: Response, settings: HttpSettings) -> Iterator[bytes]:
    """Give the body of any response as it comes, decompressed; raises as ``read_whole``."""
    read_by_others = getattr(response, "_content_consumed", False)  # a recorder may have asked for .content already
    if read_by_others or response.raw is None:
        return iter([response.content] if response.content else [])
    return decoded(_reader_of(response.raw), _encoding(response), settings)


def _encoding(response: Response) -> str:
    if not hasattr(response.raw, "stream"):
        return "identity"  # a plain file: requests takes what is in it for decoded, and so do we
    return response.headers.get("Content-Encoding", "").strip().lower() or "identity"


def _reader_of(raw: Any) -> Read:
    """Give what reads what was sent, before decompression: of our raw body, urllib3's, or any file."""
    if hasattr(raw, "stream"):
        return partial(raw.read1, decode_content=False)  # urllib3 decodes by default, and without our limits
    read: Read = getattr(raw, "read1", raw.read)
    return read


def decoded(read: Read, encoding: str, settings: HttpSettings) -> Iterator[bytes]:
    """Decompress what is read, counting on both sides; raises as ``read_whole``."""
    if encoding == "identity":
        return _counted(read, settings)
    if encoding in {"gzip", "x-gzip"}:
        return _gunzipped(read, settings)
    message = f"The answer is compressed with {encoding[:40]!r}, and only gzip was asked for."
    raise AnswerError(message, hint="Whatever stands at the base URL does not keep to HTTP.")


def _counted(read: Read, settings: HttpSettings) -> Iterator[bytes]:
    count, most = 0, min(settings.max_wire_bytes, settings.max_body_bytes)
    try:
        while piece := read(_PIECE):
            count += len(piece)
            if count > most:
                _check("max_wire_bytes", count, settings.max_wire_bytes)
                _check("max_body_bytes", count, settings.max_body_bytes)
            yield piece
    except FOREIGN as error:
        raise foreign(error) from None


def _gunzipped(read: Read, settings: HttpSettings) -> Iterator[bytes]:
    taken = given = 0
    gunzip = _Gunzip()
    for compressed in _read_by_others(read):
        taken += len(compressed)
        _check("max_wire_bytes", taken, settings.max_wire_bytes)
        for piece in gunzip.feed(compressed):
            given += len(piece)
            _check("max_body_bytes", given, settings.max_body_bytes)
            if given > _RATIO_COUNTS_FROM:
                _check("max_ratio", given / taken, settings.max_ratio)
            yield piece
    if taken and not gunzip.whole:
        message = "The compressed body of the answer ends in the middle."
        raise BrokenAnswerError(message)


def _read_by_others(read: Read) -> Iterator[bytes]:
    try:
        yield from iter(partial(read, _PIECE), b"")
    except FOREIGN as error:
        raise foreign(error) from None


def _check(limit: str, found: float, maximum: float) -> None:
    if found > maximum:
        what = "expands more than {:g} times" if limit == "max_ratio" else "is larger than {:g} bytes"
        side = " on the wire" if limit == "max_wire_bytes" else ""
        message = f"The body of the answer {what.format(maximum)}{side}."
        raise LimitError(message, limit=limit, maximum=maximum)


class _Gunzip:
    """Decompresses piece by piece; never more than 64 KiB at once, whatever goes in."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._later = False
        self._padding = False

    @property
    def whole(self) -> bool:
        """Whether the last member came to its end."""
        return self._padding or self._member.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._padding:
            if self._member.eof:  # gzip files may be joined: another member may follow
                if not data:
                    return
                self._member, self._later = zlib.decompressobj(_GZIP), True
            piece = self._decompress(data)
            if piece:
                yield piece
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if not data and len(piece) < _PIECE:
                return

    def _decompress(self, data: bytes) -> bytes:
        try:
            return self._member.decompress(data, _PIECE)
        except zlib.error:
            if self._later:  # what follows a whole member and is no other is padding
                self._padding = True
                return b""
            message = "The body of the answer says that it is gzip, and is not."
            raise BrokenAnswerError(message) from None
