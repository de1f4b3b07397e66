"""Sound that a service answers with: whole, or in the events of a stream; kept as a file of the host."""

import base64
import binascii
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from attrs import evolve, field, frozen

from jackfield import Answer, AnswerError, BrokenAnswerError, Context, File, Problem
from jackfield_openai.failures import answered_error, stream_error
from jackfield_openai.sound_heads import head_of
from jackfield_openai.usage import Undeclared, usage_in

__all__ = ["Speech", "SpeechPiece", "name_of", "spoken", "stream_speech"]

_PATH = "/audio/speech"
_USUAL = "mp3"
"""The format where none is asked for."""

_MEDIA_TYPES = {
    "aac": "audio/aac",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "pcm": "audio/pcm",
    "wav": "audio/wav",
}
_PIECE_BYTES = 64 * 1024


@frozen(kw_only=True)
class SpeechPiece:
    """A part of the sound, in base64; joined, the parts are the file."""

    audio: str = field(repr=False)

    def __str__(self) -> str:
        """Give nothing to read: it is to be heard."""
        return ""


@frozen(kw_only=True)
class SpeechUsage:
    """Tokens that were used; only a stream tells them."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Speech:
    """What was said: ``result`` is the file.

    ``format`` is what its first bytes say that it is, else what was asked for.
    """

    result: File
    model: str
    format: str
    usage: SpeechUsage | None = None

    def pieces(self) -> Iterator[SpeechPiece]:
        """Give it as a stream would have given it."""
        with self.result.open() as opened:
            while data := opened.read(_PIECE_BYTES):
                yield SpeechPiece(audio=base64.b64encode(data).decode())


def name_of(form: Any) -> str:
    """Give what the file of a form is to be called, if it is what was asked for."""
    asked = form.response_format
    return f"{form.file_name or 'speech'}.{asked if asked in _MEDIA_TYPES else _USUAL}"


def spoken(context: Context, form: Any, answer: Answer) -> Speech:
    """Read a whole answer.

    Args:
        context: Keeps the file, and takes the warnings.
        form: Has ``model`` and ``response_format``.
        answer: Has a file, unless it is text.

    Raises:
        RemoteError: It is no sound, and tells of a failure.
        AnswerError: It is no sound, or there is none in it.
    """
    file = answer.file
    if file is None and not answer.is_text and answer.body:  # nobody said what it is
        file = context.store_file(answer.body, name=name_of(form))
    if file is None or not file.size:
        failure = answered_error(answer)
        message = f"The service answered with {answer.described} where sound was expected."
        raise failure or AnswerError(message, request_id=answer.request_id)
    return _speech(context, form, file)


def _speech(context: Context, form: Any, file: File) -> Speech:
    """Name a file for what it is."""
    head, asked = head_of(file), form.response_format
    said = next((name for name, kind in _MEDIA_TYPES.items() if kind == file.media_type), "")
    found = head.extension if head else asked or said or _USUAL
    if asked and head and found != asked:
        context.warn(f"$.response_format: {asked} was asked for, and {found} came.")
    media_type = head.media_type if head else _MEDIA_TYPES.get(found, file.media_type)
    return Speech(
        result=file.renamed(name=f"{file.name.rpartition('.')[0]}.{found}", media_type=media_type),
        model=form.model,
        format=found,
    )


def stream_speech(context: Context, form: Any, body: Mapping[str, Any]) -> Generator[SpeechPiece, None, Speech]:
    """Ask for a stream, and give the parts of the sound as they come; at the end the whole.

    Raises:
        RemoteError: The service told of a failure inside the stream.
        BrokenAnswerError: The stream ended before the sound did.
    """
    heard: list[bytes] = []
    whole: list[Answer] = []
    last: Mapping[str, Any] | None = None
    with closing(context.client.events("POST", _PATH, json=body, on_whole=whole.append)) as events:
        for event in events:
            if event.data.startswith("[DONE]"):
                break
            said = _said(event.json(), event.event)
            if said.get("type") == "speech.audio.delta":
                heard.append(_decoded(said.get("audio")))
                yield SpeechPiece(audio=said["audio"])
            elif said.get("type") == "speech.audio.done":
                last = said
    if whole:
        speech = spoken(context, form, whole[0])
        yield from speech.pieces()
        return speech
    if last is None or not any(heard):
        message = "The stream ended before the sound did: something is missing."
        raise BrokenAnswerError(message)
    speech = _speech(context, form, context.store_file(heard, name=name_of(form)))
    usage = usage_in(last)
    if usage is not None:
        context.record_usage(evolve(usage, model=form.model))
    return evolve(speech, usage=context.client.read(last, into=_Done).usage)


@frozen(kw_only=True)
class _Done:
    """The last event of a stream."""

    usage: SpeechUsage | None = None
    rest: Undeclared = field(factory=dict)


def _said(said: object, name: str) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        message = "An event of the stream is no JSON object, so it is no sound."
        raise AnswerError(message)
    if said.get("error") or name == "error":
        raise stream_error(said.get("error") or said)
    return {"type": name, **said}


def _decoded(encoded: object) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)  # type: ignore[arg-type]  # what is no text is an error, too
    except (binascii.Error, TypeError, ValueError):
        problem = Problem(path="$.audio", rule="base64", message="must be sound in base64")
        raise AnswerError(str(problem), problems=[problem]) from None
