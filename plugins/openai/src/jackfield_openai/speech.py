"""Generate Speech: a text, read aloud.

Names, bounds and deprecations: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Generator, Sequence
from typing import Annotated, Any

from attrs import frozen

from jackfield import Context, Effect, Number, OneOf, Problem, RefusedError, Select, Text, Usage, module
from jackfield_openai import traced
from jackfield_openai.chat_options import CustomVoice
from jackfield_openai.connection import openai
from jackfield_openai.foresight import most_input
from jackfield_openai.fusion import SPEECH
from jackfield_openai.model_choices import speech_model_choices
from jackfield_openai.model_rules import SOUND, apply_model_rules, refuses
from jackfield_openai.parameters import Extra, RulesPolicy, extra_problems, parameters_of, refusals_named
from jackfield_openai.refine import refined_by
from jackfield_openai.speech_answer import Speech, SpeechPiece, name_of, spoken, stream_speech

__all__ = ["generate_speech"]

_VOICES = (
    "alloy",
    "ash",
    "ballad",
    "cedar",
    "coral",
    "echo",
    "fable",
    "marin",
    "nova",
    "onyx",
    "sage",
    "shimmer",
    "verse",
)
"""Those that the SDK names: the service lists its models, and not its voices."""


@frozen(kw_only=True)
class SpeechForm:
    """What to say, and how. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(label="Model", help="Any model of the service that speaks.", choices=speech_model_choices),
    ]
    input: Annotated[
        str,
        Text(
            label="Input", help="What is said.", multiline=True, min_length=1, max_length=4096, example="Good morning!"
        ),
    ]
    voice: Annotated[
        Annotated[str, Select(choices=_VOICES, free_text=True)] | CustomVoice,
        OneOf(label="Voice", help="Who says it: the name of a voice, or a voice of your own.", example="alloy"),
    ]
    instructions: Annotated[
        str | None,
        Text(label="Instructions", help="How it is said: cheerful, slow, in a whisper.", multiline=True),
    ] = None
    response_format: Annotated[
        str | None,
        Select(
            label="Format",
            help="What the file is. PCM has no head: 24,000 samples a second of 16 bits, at OpenAI.",
            choices=("mp3", "opus", "aac", "flac", "wav", "pcm"),
            free_text=True,
        ),
    ] = None
    speed: Annotated[
        float | None,
        Number(label="Speed", help="1 is as usual, 2 twice as fast.", minimum=0.25, maximum=4),
    ] = None
    file_name: Annotated[
        str | None,
        Text(
            label="File Name",
            help="What the file is called, without an ending; speech, if left empty. Is itself not sent.",
            min_length=1,
            max_length=80,
            pattern=r"[^/\\.]+",
            advanced=True,
        ),
    ] = None
    model_rules: RulesPolicy = "adapt"
    extra: Extra = None


def _problems(form: SpeechForm) -> Sequence[Problem]:
    return extra_problems(form, streaming=("stream", "stream_format"))


def _foreseen(form: Any) -> Usage:
    return Usage(model=form.model, input_tokens=most_input(form))


@module(
    label="Generate Speech",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    aliases=SPEECH,
    refine=refined_by(SOUND),
    foresee=_foreseen,
    genai=traced.SPEECH,
)
def generate_speech(form: SpeechForm, context: Context) -> Generator[SpeechPiece, None, Speech]:
    """Have a text read aloud.

    Gives in ``result`` the sound as a file. Can stream: each piece is a part of the file, in base64.
    """
    body = {**parameters_of(form, without={"extra", "file_name", "model_rules"}), **(form.extra or {})}
    if context.streaming and not refuses(context, form.model, "stream_format", {"stream_format": "sse"}, SOUND):
        body["stream_format"] = "sse"
    body, sent_for = apply_model_rules(context, form, body, {}, SOUND)
    with refusals_named(sent_for):
        if body.get("stream_format") == "sse":
            try:
                return (yield from stream_speech(context, form, body))
            except RefusedError as error:
                if error.parameter != "stream_format":
                    raise
                context.warn(f"{form.model} does not stream; its sound came as a whole.")
                del body["stream_format"]
        answer = context.client.request("POST", "/audio/speech", json=body, store_files=True, name=name_of(form))
    speech = spoken(context, form, answer)
    if context.streaming:
        yield from speech.pieces()
    return speech
