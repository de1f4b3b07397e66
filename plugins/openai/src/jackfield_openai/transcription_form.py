"""What the modules that write down what they hear are asked for.

Names, bounds and deprecations: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, File, Integer, Number, OneOf, Select, Text, Upload
from jackfield_openai.model_choices import transcription_model_choices
from jackfield_openai.parameters import Extra, RulesPolicy

__all__ = ["TranscriptionForm", "TranslationForm"]

_Language = Annotated[str, Text(label="Language", help="Two letters, as in ISO 639-1.", example="en")]

Recording = Annotated[
    File,
    Upload(
        label="Recording",
        help="FLAC, MP3, MP4, MPEG, MPGA, M4A, OGG, WAV or WebM; at OpenAI at most 25 MiB.",
    ),
]
Model = Annotated[
    str,
    Select(label="Model", help="Any model of the service that hears.", choices=transcription_model_choices),
]
Temperature = Annotated[
    float | None,
    Number(label="Temperature", help="Higher is more varied.", minimum=0, maximum=1, advanced=True),
]
_FORMAT = "JSON has the most, as Verbose JSON or with speakers; the others are given as text."


@frozen(kw_only=True)
class ServerVad:
    """Finds by itself where somebody speaks, with settings of yours."""

    type: Literal["server_vad"] = "server_vad"
    threshold: Annotated[
        float | None,
        Number(label="Threshold", help="Higher takes only louder sound for speech.", minimum=0, maximum=1),
    ] = None
    prefix_padding_ms: Annotated[
        int | None,
        Integer(label="Padding", help="How much is kept before speech.", unit="milliseconds", minimum=0),
    ] = None
    silence_duration_ms: Annotated[
        int | None,
        Integer(label="Silence", help="How long it must last to end a piece.", unit="milliseconds", minimum=0),
    ] = None


@frozen(kw_only=True)
class TranscriptionForm:
    """What to write down, and how. What is left empty is not sent: the service decides."""

    model: Model
    file: Recording
    language: Annotated[
        str | None,
        Text(label="Language", help="Of the recording: two letters, as in ISO 639-1.", example="en"),
    ] = None
    prompt: Annotated[
        str | None,
        Text(
            label="Prompt",
            help="Words that come in it, or what was said before; in the language of the recording.",
            multiline=True,
        ),
    ] = None
    response_format: Annotated[
        str | None,
        Select(
            label="Format",
            help=_FORMAT,
            choices=("json", "text", "srt", "verbose_json", "vtt", "diarized_json"),
            free_text=True,
        ),
    ] = None
    temperature: Temperature = None
    timestamp_granularities: Annotated[
        Sequence[Annotated[str, Select(choices=("word", "segment"), free_text=True)]] | None,
        Array(label="Timestamps", help="Of words, of segments, or both; for Verbose JSON.", min_items=1, advanced=True),
    ] = None
    include: Annotated[
        Sequence[Annotated[str, Select(choices=("logprobs",), free_text=True)]] | None,
        Array(label="Include", help="logprobs: how sure the model is of each token.", min_items=1, advanced=True),
    ] = None
    chunking_strategy: Annotated[
        Annotated[str, Select(choices=("auto",), free_text=True)] | ServerVad | None,
        OneOf(
            label="Chunking",
            help="How a long recording is cut: auto, or settings of yours. Needed to tell speakers apart in more than "
            "30 seconds.",
            advanced=True,
        ),
    ] = None
    known_speaker_names: Annotated[
        Sequence[str] | None,
        Array(label="Speakers", help="Names of those who are known.", min_items=1, max_items=4, advanced=True),
    ] = None
    known_speaker_references: Annotated[
        Sequence[Annotated[Annotated[str, Text()] | Annotated[File, Upload()], OneOf(label="Sample")]] | None,
        Array(
            label="Samples of Speakers",
            help="For each name how that one sounds, in 2 to 10 seconds: a file, or a data: URL.",
            min_items=1,
            max_items=4,
            advanced=True,
        ),
    ] = None
    keywords: Annotated[
        Sequence[str] | None,
        Array(label="Keywords", help="Words that come in it; of gpt-transcribe.", min_items=1, advanced=True),
    ] = None
    languages: Annotated[
        Sequence[_Language] | None,
        Array(label="Languages", help="Those that it may be in; of gpt-transcribe.", min_items=1, advanced=True),
    ] = None
    model_rules: RulesPolicy = "adapt"
    extra: Extra = None


@frozen(kw_only=True)
class TranslationForm:
    """What to write down in English, and how. What is left empty is not sent: the service decides."""

    model: Model
    file: Recording
    prompt: Annotated[
        str | None,
        Text(label="Prompt", help="Words that come in it, or what was said before; in English.", multiline=True),
    ] = None
    response_format: Annotated[
        str | None,
        Select(label="Format", help=_FORMAT, choices=("json", "text", "srt", "verbose_json", "vtt"), free_text=True),
    ] = None
    temperature: Temperature = None
    extra: Extra = None
