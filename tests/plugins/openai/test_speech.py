"""A text is read aloud: into a file of the right kind and name, whole or in pieces, and never an error as sound."""

import base64
import io
import json
import wave
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    FileSettings,
    Host,
    InvalidInputError,
    RefusedError,
    Usage,
)
from jackfield.testing import Replay
from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.sounds import said_aloud
from jackfield_openai.speech import generate_speech

MODULE = "openai.generate_speech"
KEY = {"api_key": "k"}
FORM = {"model": "m", "input": "Good morning", "voice": "alloy"}
MP3, WAV, FLAC = b"ID3" + bytes(9), said_aloud("x", 1, "wav"), b"fLaC" + bytes(9)


def _run(host: Host, replay: Replay, sound: bytes, media_type: str, **form: object) -> Any:
    replay.reply(content=sound, headers={"Content-Type": media_type})
    return host.run(MODULE, {**FORM, **form}, connection=KEY)


def _stream(host: Host, connection: Mapping[str, object] = KEY, **form: object) -> tuple[list[Any], Any]:
    with host.stream(MODULE, {**FORM, **form}, connection=connection) as stream:
        pieces = list(stream)
        return pieces, stream.result


@pytest.mark.parametrize(
    ("asked", "sound", "stated", "name", "media_type"),
    [
        (None, MP3, "audio/mpeg", "speech.mp3", "audio/mpeg"),
        ("wav", WAV, "audio/x-wav", "speech.wav", "audio/wav"),
        ("pcm", b"\1\2", "audio/pcm", "speech.pcm", "audio/pcm"),
        ("aac", b"\xff\xf1\x50", "application/octet-stream", "speech.aac", "audio/aac"),
        ("flac", FLAC, "", "speech.flac", "audio/flac"),
        ("opus", b"OggS" + bytes(24) + b"OpusHead", "audio/opus", "speech.opus", "audio/ogg"),
        (None, WAV, "audio/mpeg", "speech.wav", "audio/wav"),
    ],
    ids=["mp3", "wav", "pcm", "no type", "none stated", "opus", "a wrong type"],
)
def test_the_file_is_what_it_says(  # noqa: PLR0917  a table
    host: Host, replay: Replay, asked: str | None, sound: bytes, stated: str, name: str, media_type: str
) -> None:
    """Name and media type follow from the sound itself; only PCM, which has no head, is believed."""
    result = _run(host, replay, sound, stated, **({"response_format": asked} if asked else {}))

    file = result.output.result
    assert (file.name, file.media_type, file.read()) == (name, media_type, sound)
    assert result.warnings == ()
    assert result.output.format == name.partition(".")[2]


def test_another_format_than_asked_for_is_told(host: Host, replay: Replay) -> None:
    """A player that goes by the name would fail."""
    result = _run(host, replay, WAV, "audio/flac", response_format="flac")

    assert result.warnings == ("$.response_format: flac was asked for, and wav came.",)
    assert result.output.result.name == "speech.wav"


def test_a_file_is_called_as_one_wants(replay: Replay, tmp_path: Any) -> None:
    """On disk, too; a name with a folder in it is refused."""
    files = FileSettings(directory=tmp_path)
    with Host(plugins=[replay], modules={MODULE: generate_speech}, discover=False, environ={}, files=files) as host:
        _run(host, replay, MP3, "audio/mpeg", file_name="greeting")

        assert [path.name for path in tmp_path.iterdir()] == ["greeting.mp3"]
        with pytest.raises(InvalidInputError, match=r"\$\.file_name"):
            host.run(MODULE, {**FORM, "file_name": "../greeting"}, connection=KEY)
    assert "file_name" not in json.loads(replay.requests[0].body or b"")


@pytest.mark.parametrize(
    ("body", "media_type", "error", "words"),
    [
        (
            b'{"error": {"message": "No voice", "code": "x", "type": "server_error"}}',
            "application/json",
            BusyError,
            "No voice",
        ),
        (
            b'{"error": {"message": "No voice", "type": "invalid_request_error"}}',
            "application/json",
            RefusedError,
            "No voice",
        ),
        (b'{"audio": "AAAA"}', "application/json", AnswerError, "application/json where sound was expected"),
        (b"<html><title>Oh no</title>", "text/html", AnswerError, "an HTML page"),
        (b"", "audio/mpeg", AnswerError, "an empty body"),
    ],
    ids=["an error", "a refusal", "JSON", "a page", "nothing"],
)
def test_what_is_no_sound_is_an_error(  # noqa: PLR0917  a table
    host: Host, replay: Replay, body: bytes, media_type: str, error: type[Exception], words: str
) -> None:
    """Though the status says that all is well."""
    with pytest.raises(error, match=words) as caught:
        _run(host, replay, body, media_type)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"input": ""}, r"\$\.input"),
        ({"input": "x" * 4097}, r"\$\.input: .*4096"),
        ({"speed": 0.2}, r"\$\.speed: must be at least 0.25"),
        ({"speed": 4.1}, r"\$\.speed: must be at most 4"),
        ({"voice": {}}, r"\$\.voice"),
        ({"extra": {"stream_format": "sse"}}, r"\$\.extra\.stream_format: is not set here: ask for a stream"),
    ],
)
def test_what_the_service_would_refuse_is_not_sent(host: Host, replay: Replay, form: Any, place: str) -> None:
    """Each bound is the service's, and a stream is asked for where the module is run."""
    with pytest.raises(InvalidInputError, match=place):
        host.run(MODULE, {**FORM, **form}, connection=KEY)

    assert replay.requests == []


def test_a_stream_is_the_file_in_pieces(net_host: Host, account: Callable[..., Any]) -> None:
    """Joined they are the file, which is the one that a run gives; at the end stands what it took."""
    long = {"input": "word " * 40, "response_format": "wav"}
    pieces, result = _stream(net_host, account(), **long)
    whole = net_host.run(MODULE, {**FORM, **long}, connection=account()).output.result.read()

    assert len(pieces) > 2
    assert b"".join(base64.b64decode(piece.audio) for piece in pieces) == result.output.result.read() == whole
    assert "".join(map(str, pieces)) == ""
    assert result.usage == Usage(model="m", input_tokens=41, output_tokens=98, total_tokens=139)
    with wave.open(io.BytesIO(whole)) as opened:
        assert opened.getframerate() == 24_000
        assert opened.getnframes() == 41 * 2_400


@pytest.mark.parametrize("orders", ["cut=0", "cut=1"])
def test_a_cut_stream_is_an_error(net_host: Host, account: Callable[..., Any], orders: str) -> None:
    """Half of a sound is none."""
    with pytest.raises(BrokenAnswerError):
        _stream(net_host, account(orders))


def test_an_error_inside_a_stream_is_raised(net_host: Host, account: Callable[..., Any]) -> None:
    """By its class."""
    with pytest.raises(BusyError):
        _stream(net_host, account("fail=0"))


@pytest.mark.parametrize("event", [{"type": "speech.audio.delta", "audio": "§"}, {"type": "speech.audio.delta"}, 1])
def test_a_piece_that_is_none_is_an_error(host: Host, replay: Replay, event: object) -> None:
    """It says what is wrong."""
    replay.reply(events=[event])

    with pytest.raises(AnswerError):
        _stream(host)


def test_a_server_that_does_not_stream_loses_nothing(host: Host, replay: Replay) -> None:
    """Its sound comes whole, and in pieces all the same."""
    replay.reply(content=MP3, headers={"Content-Type": "audio/mpeg"})

    pieces, result = _stream(host)

    assert json.loads(replay.requests[0].body or b"")["stream_format"] == "sse"
    assert [base64.b64decode(piece.audio) for piece in pieces] == [MP3]
    assert result.output.result.read() == MP3


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "x" * 4097}, "input"),
        ({"voice": 1}, "voice"),
        ({"speed": 5}, "speed"),
        ({"response_format": "ogg"}, "response_format"),
        ({"response_format": "opus"}, "response_format"),
        ({"model": "tts-1", "stream_format": "sse"}, "stream_format"),
        ({"stream": True}, "stream"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(ask: Callable[..., Any], body: Any, param: str) -> None:
    """And says of a format that it is the one who cannot write it."""
    response, said = ask("POST", "/v1/audio/speech", {**FORM, **body})

    assert response.status == 400
    assert json.loads(said)["error"]["param"] == param


def test_a_model_that_does_not_stream_speaks_as_a_whole(sandbox: Sandbox) -> None:
    """Where the rules about OpenAI's models are silent, its server says so, and nothing was done by then."""
    connection = {"api_key": "k", "base_url": sandbox.url}
    with Host(environ={}) as host:
        pieces, result = _stream(host, connection, model="tts-1")
        sound = result.output.result.read()

    assert b"".join(base64.b64decode(piece.audio) for piece in pieces) == sound
    assert "tts-1 does not stream; its sound came as a whole." in result.warnings
