"""Translate Audio: what is said in a recording, in English."""

from collections.abc import Sequence

from jackfield import Context, Effect, FilePart, Problem, module
from jackfield_openai import traced
from jackfield_openai.connection import openai
from jackfield_openai.fusion import TRANSLATION
from jackfield_openai.parameters import extra_problems, form_fields, parameters_of
from jackfield_openai.recordings import sendable
from jackfield_openai.transcript import Transcript, read_transcript
from jackfield_openai.transcription_form import TranslationForm

__all__ = ["translate_audio"]


def _problems(form: TranslationForm) -> Sequence[Problem]:
    return extra_problems(form)


@module(
    label="Translate Audio",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    aliases=TRANSLATION,
    genai=traced.TRANSCRIPT,
)
def translate_audio(form: TranslationForm, context: Context) -> Transcript:
    """Write down in English what is said in a recording, whatever its language.

    Gives the text in ``result``, with times where they were asked for.
    """
    files = [FilePart(name="file", file=sendable(form.file, context))]
    body = {**parameters_of(form, without={"extra", "file"}), **(form.extra or {})}
    answer = context.client.request("POST", "/audio/translations", data=form_fields(body), files=files)
    return read_transcript(context, form, answer)
