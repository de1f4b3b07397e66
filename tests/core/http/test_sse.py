"""Server-sent events, however the bytes are cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield._http.sse import ServerSentEvent, events
from jackfield.errors import AnswerError, LimitError

ROOMY = 1 << 20
STREAM = (
    ": a comment\n"
    "data: one\n\n"
    "event: named\ndata: two\ndata\ndata:  lines ☃\nid: 7\n\n"
    "retry: 10\nunknown: x\n\n"
    "data:no blank\n\n"
    "id: with\0zero\ndata: still 7\n\n"
    "data: [DONE]\n\n"
    "data: cut off\n"
)
EXPECTED = [
    ("message", "one", ""),
    ("named", "two\n\n lines ☃", "7"),
    ("message", "no blank", "7"),
    ("message", "still 7", "7"),
    ("message", "[DONE]", "7"),
]


def read(chunks: list[bytes], most: int = ROOMY) -> list[tuple[str, str, str]]:
    """Read a stream of chunks to its end."""
    return [(event.event, event.data, event.id) for event in events(chunks, max_event_bytes=most)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_events_are_the_same_wherever_the_bytes_are_cut(end: str, mark: bytes) -> None:
    """At every single place, with every kind of line end."""
    data = mark + STREAM.replace("\n", end).encode()

    for place in range(len(data) + 1):
        assert read([data[:place], data[place:]]) == EXPECTED
    assert read([bytes([byte]) for byte in data]) == EXPECTED


def read_slowly(text: str) -> list[tuple[str, str, str]]:
    """Read a whole stream in the plainest way."""
    found: list[tuple[str, str, str]] = []
    data: list[str] = []
    name = last_id = ""
    for line in re.split("\r\n|\r|\n", text)[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            found += [(name or "message", "\n".join(data), last_id)] if data else []
            data, name = [], ""
        elif field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id":
            last_id = value
    return found


WORDS = ["data: x", "data", ": c", "event: e", "id: 1", "☃", "\n", "\n\n", "\r", "\r\n", "\r\n\r\n"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=20).map("".join), st.lists(st.integers(0, 100), max_size=12).map(sorted)
)
def test_any_number_of_cuts_changes_nothing(text: str, cuts: list[int]) -> None:
    """Mixed line ends, also cut in halves, and characters of several bytes."""
    data = text.encode()
    chunks = [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    assert read(chunks) == read_slowly(text)


def test_an_end_of_line_that_comes_in_halves_is_one() -> None:
    """And the empty line right after it is another, however the bytes come."""
    whole = b"data: one\r\n\ndata: two\n\n"

    assert (
        read([whole[:10], whole[10:11], b"", whole[11:]])
        == read([whole])
        == [("message", "one", ""), ("message", "two", "")]
    )


def test_an_event_is_given_as_soon_as_it_is_whole() -> None:
    """Not only when the next bytes come; also after a lone carriage return."""
    for end in (b"\n\n", b"\r\n\r\n", b"\r\r"):
        chunks = iter([b"data: now" + end, b"data: later" + end])
        stream = events(chunks, max_event_bytes=ROOMY)

        assert next(stream).data == "now"
        assert next(chunks) == b"data: later" + end


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    """As the standard says; a stream does not end for one bad byte."""
    assert read([b"data: \xff!\n\n"]) == [("message", "\ufffd!", "")]


@pytest.mark.parametrize(
    "chunks",
    [[b"data: " + b"x" * 100], [b"data: xxxxxxxxx\n"] * 10, [b": " + b"x" * 20] * 4, [b"data:\n"] * 100],
    ids=["a long line", "many lines", "no end of line", "many empty lines"],
)
def test_an_event_that_is_too_large_is_refused(chunks: list[bytes]) -> None:
    """Before it fills the memory."""
    with pytest.raises(LimitError) as caught:
        read(chunks, most=50)

    assert caught.value.limit == "max_event_bytes"


def test_many_small_events_are_no_large_one() -> None:
    """The limit is for each."""
    assert len(read([b"data: xxxxxxxxx\n\n: ping\n\n"] * 100, most=50)) == 100


def test_an_empty_event_is_one_if_it_has_data() -> None:
    """A line without a value counts; no line does not."""
    assert read([b"data\n\n\n\nevent: x\n\ndata:\ndata:\n\n"]) == [("message", "", ""), ("message", "\n", "")]


def test_an_event_is_read_as_json() -> None:
    """Or said to be none, without its content."""
    assert ServerSentEvent(event="message", data='{"a": [1]}').json() == {"a": [1]}
    with pytest.raises(AnswerError, match="not JSON") as caught:
        ServerSentEvent(event="message", data="canary").json()
    assert "canary" not in str(caught.value)


def test_a_mark_in_the_middle_of_a_stream_is_no_mark() -> None:
    """A byte order mark means nothing but at the very beginning, even if the first event came in one piece."""
    found = list(events([b"data: 1\n\n", b"\xef\xbb\xbfdata: 2\n\n", b"data: 3\n\n"], max_event_bytes=100))

    assert [event.data for event in found] == ["1", "3"]
