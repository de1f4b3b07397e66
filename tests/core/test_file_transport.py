"""Files over a real connection: what leaves, what comes, what is sent again and what is not."""

import hashlib
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from file_shelf import (
    MODULES,
    Got,
    Seen,
    Sent,
    Shelf,
    at,
    connection,
    fetch_file,
    fields_of,
    get_file,
    host_with,
    send_file,
    send_form,
    show,
)
from requests import PreparedRequest, Response

from jackfield import (
    Context,
    Effect,
    File,
    FileError,
    FilePart,
    FileSettings,
    Host,
    HttpSettings,
    InvalidInputError,
    LimitError,
    Purpose,
    RemoteError,
    StreamBody,
    UnsafeRequestError,
    hookimpl,
    module,
)
from jackfield.files import InMemory
from jackfield.operations import Operation


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """Start the service."""
    server = Shelf()
    yield server
    server.stop()


def test_a_form_with_files_is_what_any_server_reads(shelf: Shelf, tmp_path: Path) -> None:
    """Texts, lists, and files with their names and types; its exact length is said before it begins."""
    content = bytes(range(256)) * 1000
    (tmp_path / "cat.png").write_bytes(content)
    files = [File.from_path(tmp_path / "cat.png"), File.from_bytes(b"", name='a"b é.jpg')]

    with host_with() as host:
        host.run(send_form, Sent(files=files, title="Zwölf\r\n--x"), **at(shelf))

    (asked,) = shelf.asked
    assert int(asked.headers["content-length"]) == len(asked.body)
    assert "transfer-encoding" not in asked.headers
    boundary = asked.headers["content-type"].partition("boundary=")[2]
    assert re.fullmatch(r"jackfield-[0-9a-f]{32}", boundary)
    assert fields_of(asked) == [
        ("title", "", "", "Zwölf\r\n--x".encode()),
        ("tags", "", "", b"a"),
        ("tags", "", "", b"b"),
        ("image[]", "cat.png", "image/png", content),
        ("image[]", "a%22b é.jpg", "image/jpeg", b""),
    ]


HOSTILE = 'x"; filename="evil"\r\nContent-Type: text/evil\r\n\r\n--evil'
"""A name that would be the head of a field of its own."""


@module(label="Send Odd Names", connection=connection, effect=Effect.IDEMPOTENT)
def send_odd(form: Sent, context: Context) -> Got:
    """Send a form whose names come from outside."""
    parts = [FilePart(name=form.title, file=form.files[0])]
    context.client.request("POST", "/form", data={form.title: "value"}, files=parts)
    return Got()


def test_no_name_of_a_field_is_more_than_a_name(shelf: Shelf) -> None:
    """Quotes and line breaks are written as browsers write them, in the names of texts and of files."""
    file = File(name=HOSTILE, media_type="a/b\r\nX-Evil: 1", size=1, source=InMemory(b"1"))

    with host_with() as host:
        host.run(send_odd, Sent(files=[file], title=HOSTILE), **at(shelf))

    escaped = HOSTILE.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
    (asked,) = shelf.asked
    assert asked.body.count(b"\r\nContent-Disposition: ") == 2
    assert asked.body.count(b'; name="' + escaped + b'"') == 2
    assert asked.body.count(b'; filename="' + escaped + b'"\r\n') == 1
    assert asked.body.count(b"\r\nContent-Type: ") == 1
    assert b"\nX-Evil" not in asked.body


def test_a_file_is_sent_as_it_is(shelf: Shelf) -> None:
    """With its media type."""
    with host_with() as host:
        host.run(send_file, Sent(files=[File.from_bytes(b"hello", name="a.txt")]), **at(shelf))

    (asked,) = shelf.asked
    assert (asked.headers["content-type"], asked.headers["content-length"], asked.body) == ("text/plain", "5", b"hello")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no such file")
def test_a_file_without_an_end_is_told_as_what_it_is(shelf: Shelf) -> None:
    """Not as a connection that broke; nothing is sent of it."""
    with host_with() as host, pytest.raises(FileError, match="mem cannot be read"):
        host.run(send_file, Sent(files=[File.from_path("/proc/self/mem")]), **at(shelf))

    assert [asked.body for asked in shelf.asked if asked.body] == []


def test_a_plugin_sees_a_body_that_it_can_read_as_often_as_it_likes(shelf: Shelf) -> None:
    """Without taking anything away from what is sent, and again when all is over."""

    class Reader(Seen):
        @hookimpl(tryfirst=True)
        def send(self, request: PreparedRequest, operation: Operation) -> Response | None:
            """Read half of it."""
            body: Any = request.body
            assert isinstance(body, StreamBody)
            body.read(3)
            return super().send(request, operation)

    seen = Reader()
    with host_with(seen) as host:
        host.run(send_form, Sent(files=[File.from_bytes(b"hello", name="a.txt")]), **at(shelf))

        body: Any = seen.requests[0][0].body
        with body.open() as whole:
            assert whole.read() == shelf.asked[0].body
        assert b"".join(body) == shelf.asked[0].body
        assert len(body) == len(shelf.asked[0].body)
        assert shelf.asked[0].body[3:] == body.read()
        assert body.read() == b""
    assert [name for name, _ in body.fields] == ["title", "tags", "tags", "image[]"]
    assert "X-Key" not in seen.requests[0][0].headers


def test_it_is_sent_again_where_that_is_harmless(shelf: Shelf, tmp_path: Path) -> None:
    """From the start, each time with the same bytes; a redirect that keeps the body sends it again too."""
    (tmp_path / "a.txt").write_bytes(b"hello" * 100_000)
    shelf.answers = [(503, {}, b"{}"), (307, {"Location": "/elsewhere"}, b"")]

    with host_with() as host:
        result = host.run(send_form, Sent(files=[File.from_path(tmp_path / "a.txt")]), **at(shelf))

    assert result.attempts == 3
    assert [asked.path for asked in shelf.asked] == ["/form", "/form", "/elsewhere"]
    assert len({asked.body for asked in shelf.asked}) == 1


@pytest.mark.parametrize("change", ["gone", "longer"])
def test_a_body_that_cannot_be_sent_again_is_not_repeated(shelf: Shelf, tmp_path: Path, change: str) -> None:
    """The error is the service's, and its hint says why there was no second attempt."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")

    def spoil(handler: BaseHTTPRequestHandler) -> None:
        path.unlink() if change == "gone" else path.write_bytes(b"hello world")
        handler.send_response(503)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    shelf.answers = [spoil]
    with host_with() as host, pytest.raises(RemoteError) as caught:
        host.run(send_file, Sent(files=[File.from_path(path)]), **at(shelf))

    assert caught.value.status == 503
    assert "the body cannot be sent again: a.txt" in caught.value.hint
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("content", [b"short", b"much longer than before"])
def test_a_file_that_changes_while_it_is_sent_breaks_the_request_off(
    shelf: Shelf, tmp_path: Path, content: bytes
) -> None:
    """Never is a body sent that is not as long as was said, and never is the rest of it taken for a request."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"ten bytes.")
    file = File.from_path(path)
    path.write_bytes(content)

    with host_with() as host, pytest.raises(FileError, match=r"a\.txt changed while it was sent"):
        host.run(send_file, Sent(files=[file]), **at(shelf))


def test_an_answer_that_is_a_file_goes_to_the_host(shelf: Shelf) -> None:
    """Under the name and type that the service says, or that the module says; a taken name is numbered."""
    png = {"Content-Type": "image/png", "Content-Disposition": 'attachment; filename="../../my cat.png"'}
    unknown = {"Content-Type": "application/octet-stream"}
    shelf.answers = [(200, png, b"1"), (200, png, b"2"), (200, unknown, b"3"), (200, png, b"4")]

    with host_with() as host:
        found = [host.run(get_file, Sent(title=title), **at(shelf)).output.file for title in ("", "", "", "x.webp")]

        told = [(file.name, file.media_type, file.read()) for file in found if file]

    assert told == [
        ("my cat.png", "image/png", b"1"),
        ("my cat-1.png", "image/png", b"2"),
        ("7", "application/octet-stream", b"3"),
        ("x.webp", "image/png", b"4"),
    ]
    assert {asked.headers["accept-encoding"] for asked in shelf.asked} == {"identity"}
    assert {asked.headers["x-key"] for asked in shelf.asked} == {"canary-key"}


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=UTF-8''caf%C3%A9.txt; filename=\"cafe.txt\"", "café.txt"),
        ('attachment; filename="a\\"b.txt"', "a_b.txt"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        ('attachment; filename="..\\\\..\\\\win.ini"', "win.ini"),
        ('attachment; filename=""', "7"),
        ('attachment; filename="caf\xc3\xa9.txt"', "café.txt"),  # UTF-8, though headers are Latin-1
        ('attachment; filename="caf\xe9.txt"', "café.txt"),
        ("inline", "7"),
    ],
)
def test_a_name_that_a_server_suggests_is_made_safe(shelf: Shelf, disposition: str, name: str) -> None:
    """Whatever it says, the file is in the directory of the host."""
    shelf.answers = [(200, {"Content-Disposition": disposition, "Content-Type": "a/b"}, b"x")]

    with host_with() as host:
        file = host.run(get_file, Sent(), **at(shelf)).output.file

        assert file is not None
        assert file.name == name
        assert file.path is not None
        assert file.path.parent == host.files.directory


@pytest.mark.parametrize("said", ["application/octet-stream", "nonsense", "image/png/x", ""])
def test_a_type_that_says_nothing_is_guessed_from_the_name(shelf: Shelf, said: str) -> None:
    """Stores of files often say "some bytes"; the name knows better."""
    shelf.answers = [(200, {"Content-Disposition": "attachment; filename=cat.png", "Content-Type": said}, b"x")]

    with host_with() as host:
        file = host.run(get_file, Sent(), **at(shelf)).output.file

    assert file is not None
    assert file.media_type == "image/png"


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promise ten bytes, and give three."""
    handler.send_response(200)
    handler.send_header("Content-Length", "10")
    handler.end_headers()
    handler.wfile.write(b"123")
    handler.wfile.flush()
    handler.close_connection = True


def test_a_file_that_breaks_off_is_fetched_again(shelf: Shelf) -> None:
    """As any answer is; nothing of the first one is left."""
    shelf.answers = [cut, (200, {}, b"0123456789")]

    with host_with() as host:
        file = host.run(get_file, Sent(), **at(shelf)).output.file

        assert file is not None
        assert file.read() == b"0123456789"
        assert [path.name for path in host.files.directory.iterdir()] == [file.name]


def test_the_limit_for_files_is_the_hosts(shelf: Shelf) -> None:
    """Not those for answers that are held in memory; what was too large is gone."""
    shelf.answers = [(200, {}, b"x" * 100), (200, {}, b"x" * 101)]

    with host_with(files=FileSettings(max_file_bytes=100), max_wire_bytes=50, max_body_bytes=50) as host:
        first = host.run(get_file, Sent(), **at(shelf)).output.file
        with pytest.raises(LimitError, match="larger than 100 bytes") as caught:
            host.run(get_file, Sent(), **at(shelf))

        assert first is not None
        assert [path.name for path in host.files.directory.iterdir()] == [first.name]
    assert caught.value.limit == "max_file_bytes"
    assert "FileSettings(max_file_bytes=...)" in caught.value.hint


def test_a_failure_is_no_file(shelf: Shelf) -> None:
    """Nothing is written for it."""
    shelf.answers = [(404, {}, b'{"error": {"message": "gone"}}')]

    with host_with() as host:
        with pytest.raises(RemoteError, match="gone"):
            host.run(get_file, Sent(), **at(shelf))
        assert [*host.files.directory.iterdir()] == []


def test_a_file_of_the_web_is_fetched_without_the_key(shelf: Shelf) -> None:
    """For a module and for an input; each hop goes through the hooks, as a download without a connection."""
    there = Shelf()
    there.answers = [
        (302, {"Location": f"{shelf.url}/moved/cat.png"}, b""),
        (200, {"Content-Type": "text/plain"}, b"second"),
    ]
    shelf.answers = [(200, {"Content-Type": "image/png"}, b"first")]
    seen = Seen()
    try:
        with host_with(seen) as host:
            moved = host.run(fetch_file, Sent(url=f"{there.url}/cat.png"), **at(shelf)).output.file
            host.run("shelf.send_file", {"files": [{"url": f"{there.url}/a.txt"}]}, **at(shelf))
    finally:
        there.stop()

    assert moved is not None
    assert (moved.name, moved.media_type, moved.size) == ("cat.png", "image/png", 5)
    assert [asked.path for asked in there.asked] == ["/cat.png", "/a.txt"]
    assert not any("x-key" in asked.headers for asked in there.asked)
    assert "x-key" not in shelf.asked[0].headers
    assert (shelf.asked[1].body, shelf.asked[1].headers["content-type"]) == (b"second", "text/plain")
    downloads = [operation for _, operation in seen.requests if operation.purpose is Purpose.WEB]
    assert len(downloads) == 3
    assert all(operation.connection is None for operation in downloads)


def test_an_input_by_url_may_not_lead_into_this_network(shelf: Shelf) -> None:
    """Unless the host's owner allows it; nothing was asked for."""
    strict = HttpSettings()
    with (
        Host(discover=False, modules=MODULES, settings=strict) as host,
        pytest.raises(UnsafeRequestError),
    ):
        host.run("shelf.send_file", {"files": [{"url": f"{shelf.url}/a.txt"}]}, **at(shelf))

    assert shelf.asked == []


def test_what_was_fetched_is_checked_again(shelf: Shelf) -> None:
    """A URL may say one thing and the server another."""
    shelf.answers = [(200, {"Content-Type": "text/html"}, b"<html>"), (200, {"Content-Type": "image/png"}, b"x" * 11)]
    form = {"picture": {"url": f"{shelf.url}/cat.png"}}

    with Host(discover=False, modules={"shelf.show": show}, settings=HttpSettings(allow_local_downloads=True)) as host:
        with pytest.raises(InvalidInputError, match=r"\$\.picture: must be image/\*, was text/html"):
            host.run("shelf.show", form)
        with pytest.raises(InvalidInputError, match=r"\$\.picture: must have at most 10 bytes, has 11"):
            host.run("shelf.show", form)


def test_a_dry_run_sends_nothing_and_shows_what_would_be_sent(shelf: Shelf, tmp_path: Path) -> None:
    """Fields and files by name; neither a file nor a URL is read."""
    (tmp_path / "big.png").write_bytes(b"x" * 1000)
    files = [File.from_path(tmp_path / "big.png"), File.from_url("https://a.example/b.png")]

    with host_with() as host:
        (form,) = host.preview(send_form, Sent(files=files, title="t"), **at(shelf)).requests
        (whole,) = host.preview(send_file, Sent(files=files[:1]), **at(shelf)).requests
        (fetch,) = host.preview(fetch_file, Sent(url="https://a.example/b.png"), **at(shelf)).requests

    big = {"name": "big.png", "media_type": "image/png", "size": 1000, "path": str(tmp_path / "big.png")}
    assert form.body == [
        {"name": "title", "value": "t"},
        {"name": "tags", "value": "a"},
        {"name": "tags", "value": "b"},
        {"name": "image[]", "file": big},
        {"name": "image[]", "file": {"name": "b.png", "media_type": "image/png", "url": "https://a.example/b.png"}},
    ]
    assert "Content-Length" not in form.headers
    assert (whole.body, whole.headers["Content-Length"]) == ({"file": big}, "1000")
    assert (fetch.method, fetch.url, fetch.body) == ("GET", "https://a.example/b.png", None)
    assert "X-Key" not in fetch.headers
    assert shelf.asked == []


def test_the_same_file_goes_out_many_times_at_once(shelf: Shelf, tmp_path: Path) -> None:
    """Each run reads it for itself."""
    content = hashlib.sha256(b"seed").digest() * 20_000
    (tmp_path / "a.bin").write_bytes(content)
    form = Sent(files=[File.from_path(tmp_path / "a.bin")])

    with host_with() as host:
        outcomes = [*host.map(send_file, [form] * 16, concurrency=8, **at(shelf))]

    assert len(outcomes) == 16
    assert {asked.body for asked in shelf.asked} == {content}
