"""A recording is written down, in its language or in English: whole, as text, or while it is heard."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, BusyError, File, Host, InvalidInputError, LimitError, Usage
from jackfield.testing import Replay
from jackfield_openai.recordings import EXTENSIONS, MAX_AUDIO_BYTES
from jackfield_openai.sandbox.multipart import Part, read_parts
from jackfield_openai.sandbox.sounds import said_aloud

HEAR, TRANSLATE = "openai.transcribe_audio", "openai.translate_audio"
BOTH = pytest.mark.parametrize("module", [HEAR, TRANSLATE])
KEY = {"api_key": "k"}
ELSEWHERE = {**KEY, "base_url": "http://localhost:1/v1"}
SOUND = said_aloud("Good morning to you", 1, "wav")
WAV = File.from_bytes(SOUND, name="a.wav")
SUBTITLES = "1\n00:00 --> 00:01\nGrüße\n\n"
TOKENS = {
    "type": "tokens",
    "input_tokens": 9,
    "input_token_details": {"audio_tokens": 7, "text_tokens": 2},
    "output_tokens": 3,
    "total_tokens": 12,
}


def _run(host: Host, module: str = HEAR, connection: Mapping[str, object] = KEY, **form: object) -> Any:
    return host.run(module, {"model": "m", "file": WAV, **form}, connection=connection)


def _stream(host: Host, connection: Mapping[str, object] = KEY, **form: object) -> tuple[list[Any], Any]:
    with host.stream(HEAR, {"model": "m", "file": WAV, **form}, connection=connection) as stream:
        pieces = list(stream)
        return pieces, stream.result


def _sent(replay: Replay) -> list[Part]:
    request = replay.requests[-1]
    body: Any = request.body
    return read_parts(request.headers["Content-Type"], b"".join(body))


def _file(replay: Replay) -> tuple[str | None, str]:
    (part,) = [part for part in _sent(replay) if part.name == "file"]
    return part.file_name, part.media_type


@BOTH
def test_json_is_read_whole(host: Host, replay: Replay, module: str) -> None:
    """What the service says stands in the bundle, known or new, beside the text as the result."""
    said = {
        "task": "transcribe",
        "text": "Hello you",
        "language": "english",
        "duration": 1.5,
        "segments": [{"id": 0, "start": 0.0, "end": 1.5, "text": "Hello you", "speaker": "A", "avg_logprob": -0.5}],
        "words": [{"word": "Hello", "start": 0.0, "end": 0.5}],
        "logprobs": [{"token": "Hello", "logprob": -0.5, "bytes": [72]}],
        "languages": [{"code": "en"}],
        "usage": TOKENS,
        "new": {"of": ["tomorrow"]},
    }
    replay.reply(said)

    result = _run(host, module)

    assert result.bundle == {**said, "result": "Hello you", "model": "m"}
    assert result.usage == Usage(model="m", input_tokens=9, output_tokens=3, total_tokens=12, input_audio_tokens=7)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"usage": {"type": "duration", "seconds": 3}, "duration": 2.5}, 3.0),
        ({"duration": 2.5}, 2.5),
        ({"duration": "2.5"}, None),
        ({}, None),
    ],
    ids=["usage", "duration", "as text", "unsaid"],
)
def test_seconds_are_counted(host: Host, replay: Replay, said: Any, seconds: float | None) -> None:
    """As the usage says them, else as long as the recording was."""
    replay.reply({"text": "Hello", **said})

    usage = _run(host).usage

    assert (usage and usage.seconds) == seconds


@BOTH
@pytest.mark.parametrize("asked", ["text", "srt", "vtt"])
def test_text_is_given_as_it_is(host: Host, replay: Replay, module: str, asked: str) -> None:
    """Not a letter of it is changed."""
    replay.reply(content=SUBTITLES.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})

    result = _run(host, module, response_format=asked)

    assert result.bundle == {"result": SUBTITLES, "model": "m"}


def test_json_in_the_place_of_text_is_read_and_told(host: Host, replay: Replay) -> None:
    """As servers answer that know no other format; one that writes the text as JSON is understood."""
    replay.reply({"text": "Hello"})
    result = _run(host, response_format="srt")
    replay.reply("Hello")
    quoted = _run(host, response_format="text")

    assert (result.output.result, result.warnings) == (
        "Hello",
        ("$.response_format: srt was asked for, and JSON came.",),
    )
    assert (quoted.output.result, quoted.warnings) == ("Hello", ())


@pytest.mark.parametrize(
    ("body", "media_type", "asked"),
    [
        (b"Hello", "text/plain", "json"),
        (b'{"words": []}', "application/json", "json"),
        (b"<html></html>", "text/html", "text"),
        (b"", "application/json", None),
    ],
)
def test_what_is_no_transcript_is_an_error(
    host: Host, replay: Replay, body: bytes, media_type: str, asked: str | None
) -> None:
    """An empty answer is none."""
    replay.reply(content=body, headers={"Content-Type": media_type})

    with pytest.raises(AnswerError):
        _run(host, response_format=asked)


@pytest.mark.parametrize(
    ("file", "name", "media_type"),
    [
        (File.from_bytes(SOUND, name="a.wav", media_type="audio/x-wav"), "a.wav", "audio/x-wav"),
        (File.from_bytes(SOUND, name="a", media_type=""), "a.wav", "audio/wav"),
        (File.from_bytes(SOUND, name="a.bin"), "a.bin.wav", "audio/wav"),
        (File.from_bytes(b"OggS" + bytes(24) + b"OpusHead", name="a.opus"), "a.opus.ogg", "audio/ogg"),
        (File.from_bytes(b"\0\0\0\0ftypM4A ", name="A.M4A"), "A.M4A", "audio/mp4"),
        (File.from_bytes(b"?", name="a.mp3"), "a.mp3", "audio/mpeg"),
    ],
    ids=["as it is", "no ending", "another", "opus", "capitals", "unknown"],
)
@BOTH
def test_a_recording_tells_what_it_is(  # noqa: PLR0917  a table
    host: Host, replay: Replay, module: str, file: File, name: str, media_type: str
) -> None:
    """The service goes by the name, so one that tells nothing gets an ending."""
    replay.reply({"text": "Hello"})

    _run(host, module, file=file)

    assert _file(replay) == (name, media_type)


def test_what_openai_cannot_read_is_not_sent_there(host: Host, replay: Replay) -> None:
    """Its formats are named; another server may know more."""
    file = File.from_bytes(b"?", name="a.amr")
    replay.reply({"text": "Hello"})

    with pytest.raises(InvalidInputError, match=r"\$\.file: must be a recording: .*flac, m4a, mp3") as caught:
        _run(host, file=file)
    assert all(extension in str(caught.value) for extension in EXTENSIONS)
    assert replay.requests == []
    _run(host, connection=ELSEWHERE, file=file)
    assert _file(replay)[0] == "a.amr"


@BOTH
def test_a_recording_has_a_largest_size(host: Host, replay: Replay, module: str) -> None:
    """25 MiB at OpenAI, any elsewhere, unless the connection says it; nothing is sent of a larger one."""
    fits = File.from_bytes(bytes(MAX_AUDIO_BYTES), name="a.wav")
    large = File.from_bytes(bytes(MAX_AUDIO_BYTES + 1), name="a.wav")
    replay.reply({"text": "Hello"})

    with pytest.raises(LimitError, match=f"26214401 bytes, and at most {MAX_AUDIO_BYTES}") as caught:
        _run(host, module, file=large)
    assert (caught.value.limit, caught.value.maximum) == ("max_audio_bytes", MAX_AUDIO_BYTES)
    with pytest.raises(LimitError, match="at most 5 "):
        _run(host, module, {**ELSEWHERE, "max_audio_bytes": 5})
    assert replay.requests == []
    for file, connection in ((fits, KEY), (large, ELSEWHERE), (large, {**KEY, "max_audio_bytes": 2**30})):
        replay.reply({"text": "Hello"})
        _run(host, module, connection, file=file)
    assert len(replay.requests) == 3


def test_samples_of_speakers_may_be_files(host: Host, replay: Replay) -> None:
    """They are sent as data: URLs, beside their names."""
    replay.reply({"text": "Hello"})

    _run(host, known_speaker_names=["Ada", "Bo"], known_speaker_references=[WAV, "data:audio/mp3;base64,AAAA"])

    said = [(part.name, part.text()) for part in _sent(replay) if part.name.startswith("known")]
    assert [name for name, _ in said] == ["known_speaker_names[]"] * 2 + ["known_speaker_references[]"] * 2
    assert said[0][1] == "Ada"
    assert said[2][1].startswith(f"data:{WAV.media_type};base64,UklGR")
    assert said[3][1] == "data:audio/mp3;base64,AAAA"


def test_a_stream_comes_word_by_word(net_host: Host, account: Callable[..., Any]) -> None:
    """Its pieces are the text, and its result is what a run gives; who speaks comes as a piece of its own."""
    plain = {"include": ["logprobs"]}
    pieces, result = _stream(net_host, account(), **plain)
    whole = net_host.run(HEAR, {"model": "m", "file": WAV, **plain}, connection=account())
    spoken, told = _stream(
        net_host,
        account(),
        response_format="diarized_json",
        known_speaker_names=["Ada"],
        known_speaker_references=["data:audio/wav;base64,AAAA"],
    )

    assert [piece.text for piece in pieces] == ["Good", " morning", " to", " you"]
    assert result.bundle == whole.bundle
    assert result.usage == whole.usage
    assert "".join(map(str, spoken)) == "Good morning to you"
    assert spoken[-1].segment.speaker == told.output.segments[0].speaker == "Ada"


@pytest.mark.parametrize("orders", ["cut=0", "cut=2"])
def test_a_cut_stream_is_an_error(net_host: Host, account: Callable[..., Any], orders: str) -> None:
    """Whoever reads half of it would not know."""
    with pytest.raises(BrokenAnswerError):
        _stream(net_host, account(orders))


def test_an_error_inside_a_stream_is_raised(net_host: Host, account: Callable[..., Any]) -> None:
    """By its class."""
    with pytest.raises(BusyError):
        _stream(net_host, account("fail=1"))


def test_a_model_that_does_not_stream_loses_nothing(net_host: Host, account: Callable[..., Any]) -> None:
    """whisper-1 ignores that a stream was asked for; its answer is one piece."""
    pieces, result = _stream(net_host, account(), model="whisper-1")

    assert [str(piece) for piece in pieces] == ["Good morning to you"]
    assert result.output.result == "Good morning to you"
    assert result.usage == Usage(model="whisper-1", seconds=1.0)


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_what_the_stand_in_said_it_writes_down(net_host: Host, account: Callable[..., Any], kind: str) -> None:
    """In any language, and in each format."""
    speech = {"model": "m", "input": "Guten Morgen, größte Welt", "voice": "alloy", "response_format": kind}
    file = net_host.run("openai.generate_speech", speech, connection=account()).output.result
    form = {"model": "whisper-1", "file": file}

    heard = {
        asked: net_host.run(HEAR, {**form, "response_format": asked}, connection=account()).output
        for asked in ("json", "text", "srt", "vtt", "verbose_json")
    }

    assert heard["json"].result == heard["verbose_json"].result == "Guten Morgen, größte Welt"
    assert heard["text"].result == "Guten Morgen, größte Welt\n"
    assert heard["srt"].result.startswith("1\n00:00:00,000 --> 00:00:00,")
    assert heard["vtt"].result.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert heard["verbose_json"].duration > 0
    assert net_host.run(TRANSLATE, form, connection=account()).output.result == "Guten Morgen, größte Welt"


FILE = ("file", "a.wav", "audio/wav", SOUND)
MODEL = ("model", "m")


@pytest.mark.parametrize(
    ("parts", "status", "param"),
    [
        ([MODEL], 400, "file"),
        ([FILE], 400, "model"),
        ([MODEL, ("file", "a.txt", "audio/wav", SOUND)], 400, "file"),
        ([MODEL, ("file", "a.wav", "audio/wav", b"?")], 400, "file"),
        ([MODEL, ("file", "a.wav", "audio/wav", bytes(MAX_AUDIO_BYTES + 1))], 413, None),
        ([MODEL, FILE, ("temperature", "2")], 400, "temperature"),
        ([MODEL, FILE, ("temperature", "warm")], 400, "temperature"),
        ([MODEL, FILE, ("include", "logprobs")], 400, "include"),
        ([MODEL, FILE, ("keywords", "a"), ("keywords[]", "b")], 400, "keywords"),
        ([MODEL, FILE, ("n", "2")], 400, "n"),
        ([MODEL, FILE, ("timestamp_granularities[]", "word")], 400, "timestamp_granularities"),
        ([MODEL, FILE, ("known_speaker_names[]", "Ada")], 400, "known_speaker_names"),
        ([("model", "gpt-4o-transcribe"), FILE, ("response_format", "srt")], 400, "response_format"),
        ([("model", "gpt-4o-transcribe-diarize"), FILE, ("prompt", "p")], 400, "prompt"),
        ([("model", "whisper-1"), FILE, ("include[]", "logprobs")], 400, "include"),
        ([("model", "whisper-1"), FILE, ("keywords[]", "a")], 400, "keywords"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(
    ask_form: Callable[..., Any], parts: Any, status: int, param: str | None
) -> None:
    """What is missing, too large, of no known format, or not for the model."""
    response, said = ask_form("/v1/audio/transcriptions", parts)

    assert response.status == status
    assert json.loads(said)["error"]["param"] == param
