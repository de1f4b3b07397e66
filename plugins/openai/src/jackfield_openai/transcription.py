"""Transcribe Audio: what is said in a recording, in its own language."""

from collections.abc import Generator, Sequence

from jackfield import Context, Effect, File, FilePart, Problem, module
from jackfield_openai import traced
from jackfield_openai.attachments import Envelope
from jackfield_openai.connection import openai
from jackfield_openai.fusion import TRANSCRIPTION
from jackfield_openai.model_rules import SOUND, apply_model_rules, refuses
from jackfield_openai.parameters import extra_problems, form_fields, parameters_of, refusals_named
from jackfield_openai.recordings import sendable
from jackfield_openai.refine import refined_by
from jackfield_openai.transcript import Transcript, TranscriptPiece, read_transcript, stream_transcript
from jackfield_openai.transcription_form import TranscriptionForm

__all__ = ["transcribe_audio"]

_PATH = "/audio/transcriptions"
_NOT_SENT = frozenset({"extra", "file", "known_speaker_references", "model_rules"})


def _problems(form: TranscriptionForm) -> Sequence[Problem]:
    return extra_problems(form)


@module(
    label="Transcribe Audio",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    aliases=TRANSCRIPTION,
    refine=refined_by(SOUND),
    genai=traced.TRANSCRIPT,
)
def transcribe_audio(form: TranscriptionForm, context: Context) -> Generator[TranscriptPiece, None, Transcript]:
    """Write down what is said in a recording.

    Gives the text in ``result``; with times, speakers or probabilities where they were asked for. Can stream: each
    piece is what one event adds.
    """
    files = [FilePart(name="file", file=sendable(form.file, context))]
    body = {**parameters_of(form, without=_NOT_SENT), **_samples(form, context), **(form.extra or {})}
    if context.streaming and not refuses(context, form.model, "stream", {"stream": True}, SOUND):
        body["stream"] = True
    body, sent_for = apply_model_rules(context, form, body, {}, SOUND)
    with refusals_named(sent_for):
        if body.get("stream"):
            return (yield from stream_transcript(context, form, _PATH, form_fields(body), files))
        answer = context.client.request("POST", _PATH, data=form_fields(body), files=files)
    transcript = read_transcript(context, form, answer)
    if context.streaming:
        yield TranscriptPiece(text=transcript.result)
    return transcript


def _samples(form: TranscriptionForm, context: Context) -> dict[str, Sequence[str]]:
    """Give how known speakers sound, files as data: URLs."""
    if form.known_speaker_references is None:
        return {}
    envelope = Envelope.of(context)
    samples = [
        envelope.data_url(sample) if isinstance(sample, File) else sample for sample in form.known_speaker_references
    ]
    return {"known_speaker_references": samples}
