"""Files that the service keeps: what goes there comes back, and who asks for the wrong one is told the right one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from jackfield import File, Host, InvalidInputError, NotFoundError, StreamBody
from jackfield.testing import Replay

KEY = {"api_key": "k"}
FILE = {"id": "file-1", "object": "file", "bytes": 3, "created_at": 1764086400, "filename": "a.jsonl", "new": 1}
LINES = b'{"custom_id": "a"}\n'


def test_moments_are_read_as_such_and_what_is_new_is_kept(host: Host, replay: Replay) -> None:
    """Nobody has to count seconds since 1970."""
    replay.reply({**FILE, "expires_at": 1764090000})

    bundle = host.run("openai.get_file", {"file_id": "file-1"}, connection=KEY).bundle

    assert bundle == {**FILE, "created_at": "2025-11-25T16:00:00Z", "expires_at": "2025-11-25T17:00:00Z"}


def test_a_file_is_sent_from_the_disk(host: Host, replay: Replay, tmp_path: Path) -> None:
    """It is read while it leaves, and stands in a form beside what is said of it."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    replay.reply(FILE)
    form = {"file": File.from_path(path), "purpose": "batch", "expires_after": {"seconds": 3600}, "extra": {"x": "y"}}

    host.run("openai.upload_file", form, connection=KEY)

    body: Any = replay.requests[0].body
    assert isinstance(body, StreamBody)
    sent = body.open().read()
    for name, value in {
        "purpose": "batch",
        "expires_after[seconds]": "3600",
        "expires_after[anchor]": "created_at",
        "x": "y",
    }.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in sent
    assert LINES in sent


def test_what_was_uploaded_comes_back(net_host: Host, account: Callable[..., Any]) -> None:
    """Byte for byte, under its name; and once it is deleted, it is gone."""
    form = {"file": File.from_bytes(LINES, name="mine.jsonl"), "purpose": "batch"}
    kept = net_host.run("openai.upload_file", form, connection=account()).output

    found = net_host.run("openai.get_file", {"file_id": kept.id, "content": True}, connection=account()).output
    gone = net_host.run("openai.delete_file", {"file_id": kept.id}, connection=account()).output

    assert (found.filename, found.bytes, found.file.name) == ("mine.jsonl", len(LINES), "mine.jsonl")
    assert found.file.read() == LINES
    assert gone.deleted
    with pytest.raises(NotFoundError):
        net_host.run("openai.get_file", {"file_id": kept.id}, connection=account())


def test_a_list_is_read_page_by_page(net_host: Host, account: Callable[..., Any]) -> None:
    """To its end, or as far as is wanted; in either order, from any place."""

    def ids(**form: object) -> list[object]:
        return [bundle["id"] for bundle in net_host.run("openai.list_files", form, connection=account()).bundles]

    everything = ids()

    assert len(everything) == len(set(everything)) == 25
    assert ids(order="asc") == everything[::-1]
    assert ids(limit=12) == everything[:12]
    assert ids(after=everything[11]) == everything[12:]
    assert ids(purpose="vision") == []


@pytest.mark.parametrize("module", ["openai.get_file", "openai.delete_file"])
@pytest.mark.parametrize(("asked", "meant"), [("file-0003x", "file-0003"), ("sample-3.jsonl", "file-0003")])
def test_a_name_is_no_id_and_the_error_says_the_id(
    net_host: Host, account: Callable[..., Any], module: str, asked: str, meant: str
) -> None:
    """Spelt alike, or the name of the file."""
    with pytest.raises(NotFoundError) as caught:
        net_host.run(module, {"file_id": asked}, connection=account())

    assert f"Did you mean {meant} (sample-3.jsonl)" in caught.value.hint


def test_too_large_a_file_is_not_sent(host: Host, replay: Replay, tmp_path: Path) -> None:
    """The field says how large it may be."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(512 * 1024 * 1024 + 1)

    with pytest.raises(InvalidInputError, match=r"\$\.file: "):
        host.run("openai.upload_file", {"file": File.from_path(path), "purpose": "user_data"}, connection=KEY)

    assert replay.requests == []


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ({"purpose": "nothing"}, "purpose"),
        ({"purpose": "batch", "file": ("a.txt", LINES)}, "file"),
        ({"purpose": "user_data", "file": ("a.txt", b"")}, "file"),
        ({"purpose": "batch", "expires_after": {"anchor": "created_at", "seconds": 3599}}, "expires_after.seconds"),
        ({"purpose": "batch", "extra_body": {"n": 1}}, "n"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(sdk: Callable[..., Any], said: dict[str, Any], param: str) -> None:
    """With its error, naming the parameter."""
    with pytest.raises(openai.BadRequestError) as caught:
        sdk().files.create(**{"file": ("a.jsonl", LINES), **said})

    assert caught.value.param == param


def test_the_stand_in_keeps_what_it_may_not_give_out(sdk: Callable[..., Any]) -> None:
    """What was uploaded for models to read is not fetched again."""
    client = sdk()
    kept = client.files.create(file=("a.txt", b"Hi"), purpose="user_data")

    with pytest.raises(openai.BadRequestError):
        client.files.content(kept.id)
    assert json.loads(client.files.content("file-0002").text) == {"file": "file-0002"}
