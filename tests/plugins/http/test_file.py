"""Files that are downloaded."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import FileSettings, Host, HttpSettings, LimitError, NotFoundError
from jackfield.testing import Replay, ReplayServer, Reply

DOWNLOAD = "http.download_file"


def test_a_file_keeps_the_name_and_type_that_the_server_says(host: Host, replay: Replay) -> None:
    """Content-Disposition first, made safe; a name of the user's own comes before it."""
    said = {"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="../march.csv"'}
    for _ in range(2):
        replay.reply(content=b"a,b\n1,2\n", headers=said)
    replay.reply(content=b"x")

    found: list[Any] = [
        host.run(DOWNLOAD, form).bundle["file"]
        for form in (
            {"url": "https://example.com/get?id=3"},
            {"url": "https://example.com/get?id=3", "name": "own.csv"},
            {"url": "https://example.com/a/b.bin?x=1"},
        )
    ]

    assert [(file["name"], file["media_type"], file["size"]) for file in found] == [
        ("march.csv", "text/csv", 8),
        ("own.csv", "text/csv", 8),
        ("b.bin", "application/octet-stream", 1),
    ]


def test_a_file_is_fetched_with_the_credentials_of_its_connection(
    real_host: Host, serve: Callable[..., ReplayServer]
) -> None:
    """Below its base URL."""
    server = serve(Reply(content=b"x"))
    connection = {"base_url": server.url, "allow_local": True, "secret": "t"}

    host_file = real_host.run(DOWNLOAD, {"url": "a.bin", "query": {"v": 2}}, connection=connection).output.file

    assert host_file.read() == b"x"
    assert server.requests[0].url == f"{server.url}/a.bin?v=2"
    assert server.requests[0].headers["Authorization"] == "Bearer t"


def test_a_redirect_takes_no_credential_elsewhere(serve: Callable[..., ReplayServer]) -> None:
    """With a connection it is not followed to another origin; without one it is, and headers stay behind."""
    there = serve(Reply(content=b"x"))
    here = serve(*[Reply(status=302, headers={"Location": f"{there.url}/b"})] * 2)
    connection = {"base_url": here.url, "allow_local": True, "secret": "t"}
    form = {"url": f"{here.url}/a", "headers": {"X-Api-Key": "mine"}}

    with Host(environ={}, settings=HttpSettings(allow_local_downloads=True)) as host:
        with pytest.raises(Exception, match="not followed"):
            host.run(DOWNLOAD, form, connection=connection)
        assert there.requests == []
        host.run(DOWNLOAD, form)

    assert "X-Api-Key" not in there.requests[0].headers


def test_a_file_that_is_too_large_or_gone_is_an_error(replay: Replay) -> None:
    """The limit is named, and nothing is left of it."""
    replay.reply(content=b"x" * 100)
    replay.reply({}, status=404)

    with Host(plugins=[replay], environ={}, files=FileSettings(max_file_bytes=50)) as host:
        with pytest.raises(LimitError) as caught:
            host.run(DOWNLOAD, {"url": "https://example.com/a"})
        with pytest.raises(NotFoundError):
            host.run(DOWNLOAD, {"url": "https://example.com/a"})

    assert caught.value.limit == "max_file_bytes"
