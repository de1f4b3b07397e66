"""Bodies from anywhere are counted on the wire and when decompressed."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from jackfield._http.body import decoded, pieces, read_start, read_whole
from jackfield._http.limits import HttpSettings
from jackfield.errors import AnswerError, BrokenAnswerError, LimitError

SETTINGS = HttpSettings()
SMALL = HttpSettings(max_wire_bytes=1000, max_body_bytes=2000, max_error_bytes=10)


def from_memory(body: bytes, encoding: str = "") -> requests.Response:
    """What a recorder gives: a response of requests over one of urllib3."""
    response = requests.Response()
    response.status_code = 200
    response.headers = CaseInsensitiveDict({"Content-Encoding": encoding} if encoding else {})
    response.raw = urllib3.HTTPResponse(body=io.BytesIO(body), headers=dict(response.headers), preload_content=False)
    return response


def from_file(body: bytes, encoding: str = "") -> requests.Response:
    """What a test gives: a response over a file."""
    response = from_memory(b"", encoding)
    response.raw = io.BytesIO(body)
    return response


@pytest.mark.parametrize("make", [from_memory, from_file])
def test_a_body_from_memory_is_read(make: Any) -> None:
    """Whoever answered."""
    assert read_whole(make(b"x" * 200_000), SETTINGS) == b"x" * 200_000
    assert read_whole(make(b""), SETTINGS) == b""


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_decompressed(encoding: str) -> None:
    """Under all its names."""
    assert read_whole(from_memory(gzip.compress(b"text" * 1000), encoding), SETTINGS) == b"text" * 1000


def test_a_file_is_taken_for_decompressed() -> None:
    """As requests does: a recorder that kept the headers kept the body that was read."""
    assert read_whole(from_file(b"plain", "gzip"), SETTINGS) == b"plain"


def test_a_body_that_was_read_by_a_plugin_is_used() -> None:
    """A recorder may have asked for .content."""
    response = from_memory(gzip.compress(b"text"), "gzip")
    assert response.content == b"text"

    assert read_whole(response, SETTINGS) == b"text"
    empty = requests.Response()
    assert read_whole(empty, SETTINGS) == b""


def test_joined_members_and_padding() -> None:
    """Files of gzip files may follow each other; what follows and is none is ignored."""
    data = gzip.compress(b"one") + gzip.compress(b"two") + b"\0" * 20

    assert read_whole(from_memory(data, "gzip"), SETTINGS) == b"onetwo"


def reading(pieces: list[bytes]) -> Callable[[int], bytes]:
    """Make what gives one piece after the other, whatever size is asked for."""
    left = iter(pieces)
    return lambda _: next(left, b"")


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(1, 50))
def test_gzip_comes_in_any_pieces(members: list[bytes], size: int) -> None:
    """Cut anywhere, also inside headers and checksums."""
    data = b"".join(map(gzip.compress, members))
    wire = [data[start : start + size] for start in range(0, len(data), size)]

    assert b"".join(decoded(reading(wire), "gzip", SETTINGS)) == b"".join(members)


def test_compressed_events_are_given_as_they_come() -> None:
    """What a server has flushed is not held back until more comes."""
    squeeze = zlib.compressobj(wbits=31)
    first = squeeze.compress(b"data: 1\n\n") + squeeze.flush(zlib.Z_SYNC_FLUSH)
    stream = decoded(reading([first]), "gzip", SETTINGS)

    assert next(stream) == b"data: 1\n\n"


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "canary" * 100])
def test_other_encodings_are_refused(encoding: str) -> None:
    """They were not asked for, and some of them cannot be bounded."""
    with pytest.raises(AnswerError, match="only gzip was asked for") as caught:
        read_whole(from_memory(b"x", encoding), SETTINGS)

    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"no gzip at all", "is not"), (gzip.compress(b"x" * 100)[:-9], "ends in the middle")],
    ids=["none", "cut"],
)
def test_broken_gzip_is_a_broken_answer(data: bytes, reason: str) -> None:
    """Half of a body is none."""
    with pytest.raises(BrokenAnswerError, match=reason):
        read_whole(from_memory(data, "gzip"), SETTINGS)


@pytest.mark.parametrize("make", [from_memory, from_file])
def test_a_body_that_is_too_large_is_refused(make: Any) -> None:
    """At the limit it is whole; one byte more and it is not."""
    assert len(read_whole(make(b"x" * 1000), SMALL)) == 1000
    with pytest.raises(LimitError) as caught:
        read_whole(make(b"x" * 1001), SMALL)
    assert caught.value.limit == "max_wire_bytes"


def test_a_body_that_is_too_large_when_decompressed_is_refused() -> None:
    """However small it was on the wire."""
    with pytest.raises(LimitError) as caught:
        read_whole(from_memory(gzip.compress(b"x" * 2001), "gzip"), SMALL)
    assert caught.value.limit == "max_body_bytes"


def test_a_bomb_stops_early() -> None:
    """200 kB of gzip do not become 200 MB, nor does a small part of them a large piece."""
    bomb = gzip.compress(bytes(200 << 20))
    sizes: list[int] = []

    with pytest.raises(LimitError) as caught:
        sizes.extend(map(len, pieces(from_memory(bomb, "gzip"), SETTINGS)))

    assert caught.value.limit == "max_ratio"
    assert max(sizes) <= 64 << 10
    assert sum(sizes) < 16 << 20


def test_a_bomb_from_the_network_stops_early(serve: Any, go: Any) -> None:
    """Its connection is closed with it."""
    bomb = gzip.compress(bytes(64 << 20))

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(bomb, Content_Encoding="gzip")

    server = serve(script)

    with pytest.raises(LimitError):
        read_whole(go(f"{server.url}/"), SETTINGS)


def test_the_start_of_a_failure_is_enough() -> None:
    """As much as may tell something, and whatever came before it broke."""
    whole = gzip.compress(b"0123456789abcdef")

    assert read_start(from_memory(b"0123456789abcdef"), SMALL) == b"0123456789"
    assert read_start(from_memory(whole, "gzip"), SMALL) == b"0123456789"
    assert read_start(from_memory(b"x", "br"), SMALL) == b""
    assert read_start(from_memory(b"no gzip", "gzip"), SMALL) == b""


def test_a_failure_that_is_cut_still_tells_what_came(serve: Any, go: Any) -> None:
    """The status is known; half a message is better than none."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf")

    server = serve(script)

    assert read_start(go(f"{server.url}/"), SETTINGS) == b"half"


@pytest.mark.parametrize("kind", [urllib3.exceptions.ProtocolError, ConnectionResetError, requests.ConnectionError])
def test_what_other_adapters_raise_is_told_in_our_words(kind: type[Exception]) -> None:
    """Without their text, which may show a URL with a key in its query."""

    class Broken(io.BytesIO):
        def read1(self, _size: int | None = -1, /) -> bytes:
            text = "https://x.example/?key=canary"
            raise kind(text)

    response = from_file(b"")
    response.raw = Broken()

    with pytest.raises(BrokenAnswerError) as caught:
        read_whole(response, SETTINGS)

    assert "canary" not in str(caught.value)
    assert kind.__name__ in str(caught.value)


def test_reading_lets_the_connection_go() -> None:
    """Also when it fails."""
    closed: list[bool] = []

    class Raw:
        def read(self, _size: int) -> bytes:
            raise ConnectionResetError

        def close(self) -> None:
            closed.append(True)

        def stream(self) -> Iterator[bytes]:
            return iter(())

        def read1(self, _size: int, *, decode_content: bool) -> bytes:
            assert not decode_content
            raise ConnectionResetError

    response = from_file(b"")
    response.raw = Raw()

    with pytest.raises(BrokenAnswerError):
        read_whole(response, SETTINGS)

    assert closed == [True]


def test_what_may_not_be_written_is_held_up_to_its_own_limit() -> None:
    """The announced size counts as well as what comes, decompressed."""
    settings = HttpSettings(max_confidential_bytes=1000)

    assert read_whole(from_memory(b"x" * 1000), settings, in_memory=True) == b"x" * 1000
    for response in (from_memory(b"x" * 1001), from_memory(gzip.compress(b"x" * 1001), "gzip"), from_file(b"x" * 1001)):
        with pytest.raises(LimitError) as error:
            read_whole(response, settings, in_memory=True)
        assert error.value.limit == "max_confidential_bytes"
