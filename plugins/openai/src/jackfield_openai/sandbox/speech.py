"""What the stand-in answers at /audio/speech: sound, whole or in the events of a stream.

Names, types and bounds: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from jackfield_openai.sandbox.checks import choice, either, number, record, text
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.sampling_rules import refuse
from jackfield_openai.sandbox.sounds import FORMATS, said_aloud
from jackfield_openai.sandbox.words import tokens_of

__all__ = ["check_speech", "spoken"]

_LONGEST = 4096
_USUAL = "mp3"
_NO_STREAM = ("tts-1", "tts-1-hd")
_PIECE_BYTES = 8 * 1024
_SPEECH = record(
    {"model": text(), "input": text(_LONGEST), "voice": either({str: text(), dict: record({"id": text()})})},
    {
        "instructions": text(),
        "response_format": choice("mp3", "opus", "aac", "flac", "wav", "pcm"),
        "speed": number(0.25, 4),
        "stream_format": choice("sse", "audio"),
    },
)


def spoken(request: Request) -> Reply | Stream:
    """Say what a request asks for.

    Raises:
        RefusalError: OpenAI would refuse the request; or the format is one that the stand-in cannot write.
    """
    body = request.json()
    check_speech(body)
    kind = body.get("response_format", _USUAL)
    if kind not in FORMATS:
        message = f"The stand-in writes {', '.join(FORMATS)} alone; OpenAI would have answered with {kind}."
        raise RefusalError(message, code="unsupported_value", param="response_format")
    sound = said_aloud(body["input"], body.get("speed", 1), kind)
    if body.get("stream_format") == "sse":
        return Stream(events=_events(sound, body), named=True)
    return Reply(media_type=FORMATS[kind][0], body=sound)


def check_speech(body: Mapping[str, Any]) -> None:
    """Check a request.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    _SPEECH(body, "")
    if not body["input"]:
        refuse("input", "Invalid 'input': the string is too short.")
    if body.get("stream_format") == "sse" and body["model"] in _NO_STREAM:
        message = f"'stream_format' sse is not supported with the model '{body['model']}'."
        raise RefusalError(message, code="unsupported_value", param="stream_format")


def _events(sound: bytes, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for place in range(0, len(sound), _PIECE_BYTES):
        audio = base64.b64encode(sound[place : place + _PIECE_BYTES]).decode()
        yield {"type": "speech.audio.delta", "audio": audio}
    given = len(tokens_of(body["input"])) + len(tokens_of(body.get("instructions", "")))
    made = len(sound) // 2_000
    usage = {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}
    yield {"type": "speech.audio.done", "usage": usage}
