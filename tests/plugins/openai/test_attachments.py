"""Files inside a chat: an image, a recording, a document, given as a file and sent as text."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jackfield import File, FileError, FileSettings, Host, InvalidInputError, LimitError
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_openai.sandbox import Sandbox

MODULE = "openai.create_chat_completion"
CONNECTION: dict[str, object] = {"api_key": "sk-canary"}
PNG = b"\x89PNG\r\n\x1a\n and so on"
DATA = base64.b64encode(PNG).decode()


def _chat(*parts: Mapping[str, object], **fields: object) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": [*parts]}], **fields}


def _image(url: object, **more: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def _parts(body: Any) -> Any:
    return body["messages"][0]["content"]


@pytest.fixture
def run(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> Callable[[dict[str, object]], Any]:
    """Run a chat, and give the parts that it sent."""

    def call(form: dict[str, object], module: str = MODULE, **connection: object) -> Any:
        replay.reply(answer())
        host.run(module, form, connection={**CONNECTION, **connection})
        return _parts(sent())

    return call


def test_an_image_by_url_goes_as_it_is(run: Callable[..., Any]) -> None:
    """The service fetches it."""
    part = _image("https://example.com/cat.png", detail="low")

    assert run(_chat(part)) == [part]


def test_an_image_as_a_file_goes_as_a_data_url(run: Callable[..., Any]) -> None:
    """What else is said of it stays."""
    (part,) = run(_chat(_image({"data": DATA, "name": "cat.png"}, detail="high")))

    assert part == _image(f"data:image/png;base64,{DATA}", detail="high")


def test_a_recording_as_a_file_goes_as_base64(run: Callable[..., Any]) -> None:
    """Without any prefix, as the service wants it."""
    file = {"data": DATA, "name": "hello.wav", "media_type": "audio/wav"}

    (part,) = run(_chat({"type": "input_audio", "input_audio": {"data": file, "format": "wav"}}))

    assert part == {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}}


@pytest.mark.parametrize(("said", "sent_name"), [({}, "report.pdf"), ({"filename": "secret.pdf"}, "secret.pdf")])
def test_a_document_as_a_file_brings_its_name(run: Callable[..., Any], said: dict[str, object], sent_name: str) -> None:
    """Unless another is given."""
    file = {"data": DATA, "name": "report.pdf"}

    (part,) = run(_chat({"type": "file", "file": {"file_data": file, **said}}))

    assert part["file"] == {"file_data": f"data:application/pdf;base64,{DATA}", "filename": sent_name}


def test_a_program_gives_files_by_path(tmp_path: Path, replay: Replay, answer: Callable[..., Any]) -> None:
    """In JSON where the host allows it, in Python as a File."""
    (tmp_path / "cat.png").write_bytes(PNG)
    replay.reply(answer())
    replay.reply(answer())
    settings = FileSettings(input_roots=[tmp_path])
    modules = {MODULE: create_chat_completion}

    with Host(plugins=[replay], modules=modules, discover=False, environ={}, files=settings) as host:
        for url in ({"path": str(tmp_path / "cat.png")}, File.from_path(tmp_path / "cat.png")):
            host.run(MODULE, _chat(_image(url)), connection=CONNECTION)

    assert all(DATA in (request.body or b"").decode() for request in replay.requests)  # type: ignore[union-attr]


def test_a_completion_takes_them_too(run: Callable[..., Any]) -> None:
    """Its messages are those of a chat."""
    (part,) = run(_chat(_image({"data": DATA, "name": "cat.png"})), module="openai.create_completion")

    assert part["image_url"]["url"].endswith(DATA)


def test_other_parts_and_messages_stay_as_they_are(run: Callable[..., Any]) -> None:
    """Only the files change."""
    text = {"type": "text", "text": "What is this?"}

    assert run(_chat(text, _image({"data": DATA, "name": "cat.png"}), text))[::2] == [text, text]


def test_all_files_of_a_chat_have_a_limit_together(run: Callable[..., Any], replay: Replay) -> None:
    """It is a setting of the connection, and the message says which file is too much."""
    half = _image({"data": DATA, "name": "one.png"})
    other = _image({"data": DATA, "name": "two.png"})

    with pytest.raises(LimitError, match=r"two\.png") as caught:
        run(_chat(half, other), max_attached_bytes=2 * len(PNG) - 1)

    assert (caught.value.limit, caught.value.maximum) == ("max_attached_bytes", 2 * len(PNG) - 1)
    assert "max_attached_bytes" in caught.value.hint
    assert replay.requests == []
    assert len(run(_chat(half, other), max_attached_bytes=2 * len(PNG))) == 2


def test_a_file_that_is_no_image_is_refused_before_anything_is_sent(run: Callable[..., Any], replay: Replay) -> None:
    """The message says where."""
    with pytest.raises(InvalidInputError) as caught:
        run(_chat(_image({"data": DATA, "name": "cat.txt"})))

    assert caught.value.problems[0].path.startswith("$.messages[0].content[0]")
    assert replay.requests == []


def test_a_file_that_is_gone_is_told(tmp_path: Path, host: Host, replay: Replay) -> None:
    """Nothing is sent without it."""
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    file = File.from_path(path)
    path.unlink()

    with pytest.raises(FileError, match=r"cat\.png"):
        host.run(MODULE, _chat(_image(file)), connection=CONNECTION)

    assert replay.requests == []


def test_the_stand_in_takes_what_is_sent(net_host: Host, sandbox: Sandbox) -> None:
    """It knows the parts of a message as the service does."""
    file = {"data": DATA, "name": "cat.png"}
    form = _chat({"type": "text", "text": "Hi"}, _image(file), {"type": "file", "file": {"file_data": file}})

    result = net_host.run(MODULE, form, connection={"base_url": sandbox.url, "api_key": "k"})

    assert "Hi" in str(result.bundle["result"])


def test_a_dry_run_shows_where_a_file_would_be_fetched_from(host: Host) -> None:
    """Nothing is fetched, and the request is there to be seen."""
    form = _chat(_image({"url": "https://example.com/cat.png"}))

    (request,) = host.run(MODULE, form, connection=CONNECTION, dry_run=True).requests

    assert _parts(request.body) == [_image("data:image/png;base64,<content of https://example.com/cat.png>")]
