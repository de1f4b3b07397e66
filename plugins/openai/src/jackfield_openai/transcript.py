"""What was heard: read from JSON, from text, or from the events of a stream."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from attrs import evolve, field, frozen

from jackfield import Answer, AnswerError, BrokenAnswerError, Context, FilePart, Usage
from jackfield_openai.failures import answered_error, stream_error
from jackfield_openai.usage import Undeclared, usage_in

__all__ = ["Transcript", "TranscriptPiece", "read_transcript", "stream_transcript"]

_AS_TEXT = frozenset({"srt", "text", "vtt"})


@frozen(kw_only=True)
class Segment:
    """A part of the recording; times are seconds from its start. Only some formats tell who speaks."""

    text: str | None = None
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Word:
    """A word; times are seconds from the start of the recording."""

    word: str
    start: float | None = None
    end: float | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class TokenLogprob:
    """How sure the model is of a token."""

    token: str | None = None
    logprob: float | None = None
    bytes: Sequence[float] | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class HeardTokens:
    """What tokens were of."""

    audio_tokens: int | None = None
    text_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class TranscriptUsage:
    """What was used: tokens, or seconds of the recording, as ``type`` says."""

    type: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_token_details: HeardTokens | None = None
    seconds: float | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Transcript:
    """What was heard: ``result`` is the text, or the whole answer in a format that is text (``srt``, ``vtt``).

    ``segments``, ``words``, ``logprobs`` and ``languages`` are there where they were asked for, and the model tells
    them; ``duration`` is in seconds.
    """

    result: str = ""
    text: str | None = None
    task: str | None = None
    language: str | None = None
    duration: float | str | None = None
    segments: Sequence[Segment] | None = None
    words: Sequence[Word] | None = None
    logprobs: Sequence[TokenLogprob] | None = None
    languages: Sequence[object] | None = None
    model: str | None = None
    usage: TranscriptUsage | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class TranscriptPiece:
    """What an event of a stream adds: some text, or a segment that is complete; as text it is the text that it adds."""

    text: str = ""
    segment: Segment | None = None

    def __str__(self) -> str:
        """Give the text that it adds."""
        return self.text


def read_transcript(context: Context, form: Any, answer: Answer) -> Transcript:
    """Read a whole answer, and put into the result of the operation what it used.

    Args:
        context: Takes the usage and the warnings.
        form: Has ``model`` and ``response_format``.
        answer: What the service sent.

    Raises:
        AnswerError: It is neither text where text was asked for, nor a transcript in JSON.
    """
    asked = form.response_format
    is_json = answer.media_type == "application/json"
    if asked in _AS_TEXT and not is_json:
        if answer.media_type == "text/html":
            message = f"The service answered with {answer.described} where a transcript was expected."
            raise AnswerError(message, request_id=answer.request_id)
        return Transcript(result=answer.text(), model=form.model)
    if not asked and answer.media_type == "text/plain" and answer.body.strip():  # a server that has text alone
        return Transcript(result=answer.text(), model=form.model)
    body = answer.json()
    failure = answered_error(answer)
    if failure is not None:
        raise failure
    if isinstance(body, str):  # some servers write a text as JSON
        return Transcript(result=body, model=form.model)
    if asked in _AS_TEXT:
        context.warn(f"$.response_format: {asked} was asked for, and JSON came.")
    return _finished(context, form, context.client.read(body, into=Heard, request_id=answer.request_id), body)


@frozen(kw_only=True)
class Heard(Transcript):
    """A transcript as the service sends it: the text must be there."""

    text: str


def _finished(context: Context, form: Any, heard: Heard, body: object) -> Transcript:
    usage = usage_in(body)
    if usage is None and isinstance(heard.duration, float):
        usage = Usage(seconds=heard.duration)
    if usage is not None:
        context.record_usage(evolve(usage, model=heard.model or form.model))
    return evolve(heard, result=heard.text, model=heard.model or form.model)


def stream_transcript(
    context: Context, form: Any, path: str, body: Mapping[str, Any], files: Sequence[FilePart]
) -> Generator[TranscriptPiece, None, Transcript]:
    """Send a request, and give what is heard as it comes; at the end the whole.

    Raises:
        RemoteError: The service told of a failure inside the stream.
        BrokenAnswerError: The stream ended before the transcript did.
    """
    whole: list[Answer] = []
    segments: list[object] = []
    last: dict[str, Any] | None = None
    with closing(context.client.events("POST", path, data=body, files=files, on_whole=whole.append)) as events:
        for event in events:
            if event.data.startswith("[DONE]"):
                break
            said = _said(event.json(), event.event)
            kind = said.pop("type", event.event)
            if kind == "transcript.text.delta":
                yield TranscriptPiece(text=str(said.get("delta") or ""))
            elif kind == "transcript.text.segment":
                segments.append({**said, "type": kind})
                yield TranscriptPiece(segment=context.client.read(said, into=Segment))
            elif kind == "transcript.text.done":
                last = said
    if whole:
        transcript = read_transcript(context, form, whole[0])
        yield TranscriptPiece(text=transcript.result)
        return transcript
    if last is None:
        message = "The stream ended before the transcript did: something is missing."
        raise BrokenAnswerError(message)
    last |= {"segments": segments} if segments else {}
    return _finished(context, form, context.client.read(last, into=Heard), last)


def _said(said: object, name: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        message = "An event of the stream is no JSON object, so it is no part of a transcript."
        raise AnswerError(message)
    if said.get("error") or name == "error":
        raise stream_error(said.get("error") or said)
    return said
