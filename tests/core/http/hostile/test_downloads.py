"""Files that anybody named by URL, fetched from hostile servers: no key travels, and nothing of half a file is left."""

import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from attrs import frozen

from jackfield import (
    BrokenAnswerError,
    Cancellation,
    ConnectionType,
    Context,
    DeadlineError,
    Effect,
    File,
    FileError,
    FileSettings,
    Host,
    HttpSettings,
    InputError,
    LimitError,
    OperationCancelledError,
    Password,
    RefusedError,
    Secret,
    TransportError,
    Url,
    header,
    module,
)

from .test_tricks import CASES, TRICKS, redirecting, spelled

WITH_NAMES = {*TRICKS["names"], "//127.0.0.1:{here}.127.0.0.1:{port}/"}
"""Their names would be looked up; a test asks no name service."""


@frozen(kw_only=True)
class Account:
    """A key, and where it may go."""

    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Named:
    """What to fetch."""

    url: str


@frozen(kw_only=True)
class Got:
    """What came."""

    file: File


@module(label="Fetch", connection=account, effect=Effect.READ)
def fetch(form: Named, context: Context) -> Got:
    """Fetch what somebody named by URL."""
    return Got(file=context.download(form.url))


@module(label="Take", connection=account, effect=Effect.READ)
def take(form: Named, context: Context) -> Got:
    """Take an answer of the service that is a file."""
    return Got(file=context.client.download("GET", form.url))


@module(label="Send", connection=account, effect=Effect.IDEMPOTENT)
def send(form: Got, context: Context) -> Got:
    """Send a file."""
    context.client.request("PUT", "/in", content=form.file)
    return form


MODULES: dict[str, Any] = {"service.fetch": fetch, "service.take": take, "service.send": send}
WAYS = ["service.fetch", "service.take"]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Make hosts that keep files in one directory, in which nothing else is; all are closed afterwards."""
    made: list[Host] = []

    def make(*, local: bool = True, max_file_bytes: int = 1 << 26, **settings: Any) -> Host:
        limits = HttpSettings(
            **{"allow_local_downloads": local, "retry_base_s": 0.01, "retry_cap_s": 0.01, "max_attempts": 1, **settings}
        )
        files = FileSettings(directory=tmp_path / "files", max_file_bytes=max_file_bytes)
        made.append(Host(discover=False, modules=MODULES, environ={}, settings=limits, files=files))
        return made[-1]

    yield make
    for one in made:
        one.close()


def kept(host: Host) -> list[str]:
    """Give the names of all that lies in the directory for files."""
    return sorted(path.name for path in host.files.directory.iterdir())


def to(service: Any, canary: Any) -> dict[str, str]:
    """Give a connection to a service."""
    return {"api_key": canary.key, "url": service.url}


def stop_when(begun: threading.Event, cancellation: Cancellation) -> None:
    """Cancel as soon as something has begun."""
    assert begun.wait(20)
    cancellation.cancel()


def runs(host: Host, way: str, service: Any, canary: Any, **options: Any) -> Any:
    """Fetch ``/x`` of the service in one of the ways."""
    url = f"{service.url}/x" if way == "service.fetch" else "/x"
    return host.run(way, {"url": url}, connection=to(service, canary), **options)


@pytest.mark.parametrize("trick", [case for case in CASES if case.values[0] not in WITH_NAMES])
def test_no_spelling_of_a_url_reaches_this_machine(
    keep: Callable[..., Host], serve: Any, canary: Any, trick: str
) -> None:
    """As the URL of a file it is refused, and nobody hears a byte."""
    service, host = serve(), keep(local=False)
    connection = {"api_key": canary.key, "url": f"{service.url}/v1"}

    with pytest.raises((InputError, TransportError)):
        host.run("service.fetch", {"url": spelled(trick, canary, service)}, connection=connection, deadline_s=10)

    assert (service.connections, canary.connections) == (0, 0)
    assert kept(host) == []


@pytest.mark.parametrize(
    "trick",
    [case for case in CASES if not {"\r", "\n"} & set(str(case.values[0])) and case.values[0] not in WITH_NAMES],
)
def test_where_this_machine_is_allowed_no_key_goes_there(
    keep: Callable[..., Host], serve: Any, canary: Any, trick: str
) -> None:
    """Whoever answers a download hears no key and no cookie, however often it is redirected."""
    service, host = serve(), keep()
    service._script = redirecting(spelled(trick, canary, service))  # noqa: SLF001  the ports are known only now

    try:
        runs(host, "service.fetch", service, canary, deadline_s=10)
    except (InputError, TransportError, RefusedError, LimitError):
        assert kept(host) == []

    assert canary.key.encode() not in canary.heard
    assert b"cookie" not in canary.heard.lower()
    for asked in service.asked:
        assert not {"x-key", "cookie", "authorization", "referer"} & set(asked.headers)


@pytest.mark.parametrize("way", WAYS)
def test_a_download_without_end_hits_the_limit_for_files(
    keep: Callable[..., Host], serve: Any, canary: Any, way: str
) -> None:
    """Its connection is closed, and nothing of it is left."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            talk.send(b"10000\r\n" + bytes(65536) + b"\r\n")

    host = keep(max_file_bytes=1 << 20, max_wire_bytes=1 << 16)
    with pytest.raises(LimitError) as caught:
        runs(host, way, serve(script), canary)

    assert caught.value.limit == "max_file_bytes"
    assert kept(host) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_announced_too_large_is_refused_at_once(
    keep: Callable[..., Host], serve: Any, canary: Any, way: str
) -> None:
    """Nobody waits for eight gigabytes to hear that seven were allowed."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n")
        talk.wait()

    host = keep(max_file_bytes=1 << 20)
    with pytest.raises(LimitError, match="larger than 1048576 bytes") as caught:
        runs(host, way, serve(script), canary, deadline_s=20)

    assert caught.value.limit == "max_file_bytes"
    assert kept(host) == []


def test_a_bomb_does_not_go_off_on_the_disk(keep: Callable[..., Host], serve: Any, canary: Any) -> None:
    """What expands a thousand times is no file."""
    bomb = gzip.compress(bytes(40 << 20))
    service = serve(lambda talk: talk.asked() and talk.reply(bomb, Content_Encoding="gzip"))

    host = keep()
    with pytest.raises(LimitError) as caught:
        runs(host, "service.fetch", service, canary)

    assert caught.value.limit == "max_ratio"
    assert kept(host) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_download_ends_at_its_deadline(keep: Callable[..., Host], serve: Any, canary: Any, way: str) -> None:
    """However slowly it drips; half a file is none."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        talk.drip(bytes(10000))

    host = keep()
    started = time.monotonic()
    with pytest.raises(DeadlineError):
        runs(host, way, serve(script), canary, deadline_s=0.5)

    assert time.monotonic() - started < 5
    assert kept(host) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_download_can_be_cancelled(keep: Callable[..., Host], serve: Any, canary: Any, way: str) -> None:
    """From another thread, in the middle of its body."""
    begun = threading.Event()

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")
        begun.set()
        talk.wait()

    host, cancellation = keep(), Cancellation()
    stopper = threading.Thread(target=stop_when, args=(begun, cancellation))
    stopper.start()
    with pytest.raises(OperationCancelledError):
        runs(host, way, serve(script), canary, cancellation=cancellation, deadline_s=30)
    stopper.join()

    assert kept(host) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"Content-Length: 10\r\n\r\n123", id="short"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n", id="no last chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n3\r\n1234\r\n0\r\n\r\n", id="wrong chunk"),
        pytest.param(b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n123", id="no gzip"),
        pytest.param(
            b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(bytes(9999))[:20], id="half"
        ),
    ],
)
def test_half_a_file_is_none(keep: Callable[..., Host], serve: Any, canary: Any, way: str, answer: bytes) -> None:
    """An answer that is cut or wrong is an error, and nothing of it is left."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\n" + answer)

    host = keep()
    with pytest.raises(BrokenAnswerError):
        runs(host, way, serve(script), canary)

    assert kept(host) == []


SUGGESTED = [
    "../../../etc/passwd",
    "..",
    ".",
    "/",
    "\\\\host\\share\\x",
    "C:\\Windows\\win.ini",
    "C:x",
    "x:stream",
    "CON",
    "con.txt",
    "x\x00.txt",
    "\u202egnp.exe",
    "x" * 900,
    "\u00e4" * 300,
    ".bashrc",
    "-rf",
    "~",
    "$(id)",
    "a\tb",
    "%2e%2e%2fx",
]
"""What a server may call a file."""
TOLD: dict[str, Callable[[str], bytes]] = {
    "quoted": lambda name: b'attachment; filename="' + name.replace("\\", "\\\\").encode() + b'"',
    "bare": lambda name: b"attachment; filename=" + name.encode(),
    "extended": lambda name: b"attachment; filename*=UTF-8''" + quote(name, safe="").encode(),
    "in the address": lambda _: b"attachment",
}
"""Where it says so."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", TOLD)
def test_no_name_leads_out_of_the_directory(
    *, keep: Callable[..., Host], serve: Any, canary: Any, way: str, where: str, tmp_path: Path
) -> None:
    """Whatever a server calls a file, it is a visible one in the directory for files, fit for every system."""
    names = iter(SUGGESTED)

    def script(talk: Any) -> None:
        while asked := talk.asked():
            if asked.line.split(" ")[1] == "/x" and where == "in the address":
                talk.reply(b"", status="302 Found", Location="/" + quote(next(names), safe=""))
                continue
            said = TOLD[where]("" if where == "in the address" else next(names))
            talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Disposition: " + said + b"\r\n\r\nx")

    host, service = keep(), serve(script)
    for _ in SUGGESTED:
        with suppress(BrokenAnswerError, RefusedError):
            runs(host, way, service, canary)

    found = kept(host)
    assert len(found) > len(SUGGESTED) / 2
    for name in found:
        assert not set(name) & set('/\\:*?"<>|\x00\t\u202e')
        assert not name.startswith(".")
        assert len(name.encode()) <= 255
        assert name.partition(".")[0].upper() != "CON"
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_a_name_in_an_older_alphabet_is_read(keep: Callable[..., Host], serve: Any, canary: Any) -> None:
    """RFC 8187 names two, and the server says which."""
    said = "attachment; filename*=iso-8859-1'en'caf%E9.txt"
    service = serve(lambda talk: talk.asked() and talk.reply(b"x", Content_Disposition=said))

    host = keep()
    runs(host, "service.fetch", service, canary)

    assert kept(host) == ["caf\u00e9.txt"]


def resized(path: Path, size: int, host: Host, serve: Any, canary: Any) -> bytes:
    """Send a file that gets another size as soon as its head has left, and give what came behind the head."""
    file, heard = File.from_path(path), bytearray()
    done = threading.Event()

    def script(talk: Any) -> None:
        incoming = talk._file  # noqa: SLF001  read by hand, since the body may never come whole
        while incoming.readline().strip():
            pass
        os.truncate(path, size)
        while len(heard) < (file.size or 0) and (piece := incoming.read1(1 << 16)):
            heard.extend(piece)
        done.set()
        talk.reply()
        heard.extend(incoming.read())

    service = serve(script)
    try:
        host.run(send, Got(file=file), connection=to(service, canary), deadline_s=30)
    finally:
        host.close()
        service.stop()
        assert done.is_set()
        assert service.connections == 1
    return bytes(heard)


def test_a_file_that_shrinks_while_it_leaves_ends_its_connection(
    keep: Callable[..., Host], serve: Any, canary: Any, tmp_path: Path
) -> None:
    """What was announced can no longer be sent; nothing else is sent in its place."""
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(32 << 20))

    with pytest.raises(FileError, match=r"large\.bin changed while it was sent"):
        resized(path, 1 << 10, keep(), serve, canary)


def test_a_file_that_grows_while_it_leaves_is_sent_as_announced(
    keep: Callable[..., Host], serve: Any, canary: Any, tmp_path: Path
) -> None:
    """Not a byte more: it would be read as the beginning of another request."""
    path = tmp_path / "large.bin"
    path.write_bytes(bytes((32 << 20) + 1))

    heard = resized(path, 40 << 20, keep(), serve, canary)

    assert len(heard) == (32 << 20) + 1


@pytest.mark.parametrize("ends", ["deadline", "cancelled"])
def test_an_upload_that_nobody_reads_ends(
    *, keep: Callable[..., Host], serve: Any, canary: Any, tmp_path: Path, ends: str
) -> None:
    """At its deadline, or when somebody cancels."""
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(32 << 20))
    begun = threading.Event()

    def script(talk: Any) -> None:
        talk._file.readline()  # noqa: SLF001  no more than the first line
        begun.set()
        talk.wait()

    host, cancellation = keep(), Cancellation()
    stopper = threading.Thread(target=stop_when, args=(begun, cancellation if ends == "cancelled" else Cancellation()))
    stopper.start()
    started = time.monotonic()
    with pytest.raises(DeadlineError if ends == "deadline" else OperationCancelledError):
        host.run(
            send,
            Got(file=File.from_path(path)),
            connection=to(serve(script), canary),
            cancellation=cancellation,
            deadline_s=0.7 if ends == "deadline" else 60,
        )
    stopper.join()

    assert time.monotonic() - started < 20


def test_no_upload_follows_a_redirect_to_another_origin(keep: Callable[..., Host], serve: Any, canary: Any) -> None:
    """Not the key, and not the file."""
    place = f"http://127.0.0.1:{canary.port}/in"
    service = serve(lambda talk: talk.asked() and talk.reply(b"", status="307 Temporary", Location=place))

    with pytest.raises(RefusedError):
        keep().run(send, Got(file=File.from_bytes(b"private", name="a.txt")), connection=to(service, canary))

    assert canary.connections == 0
