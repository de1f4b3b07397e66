"""The smaller settings of a chat, each a collection of its own."""

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Boolean, Collection, OneOf, Select, Text
from jackfield_openai.messages import TextPart
from jackfield_openai.parameters import IncludeObfuscation

__all__ = [
    "AudioOutput",
    "Moderation",
    "Prediction",
    "PromptCacheOptions",
    "StreamOptions",
    "Streaming",
    "WebSearchOptions",
]


@frozen(kw_only=True)
class CustomVoice:
    """A voice of your own."""

    id: Annotated[str, Text(label="ID", example="voice_1234")]


@frozen(kw_only=True)
class AudioOutput:
    """How the model speaks."""

    voice: Annotated[str | CustomVoice, OneOf(label="Voice", help="The name of a voice, or a voice of your own.")]
    format: Annotated[
        str,
        Select(label="Format", choices=("wav", "aac", "mp3", "flac", "opus", "pcm16"), free_text=True),
    ]


ModerationMode = Annotated[str, Select(label="Mode", choices=("score", "block"), free_text=True)]


@frozen(kw_only=True)
class ModerationRule:
    """What is done with what was found."""

    mode: ModerationMode


@frozen(kw_only=True)
class ModerationPolicy:
    """What is done with what was found, on either side."""

    input: Annotated[ModerationRule | None, Collection(label="Input")] = None
    output: Annotated[ModerationRule | None, Collection(label="Output")] = None


@frozen(kw_only=True)
class Moderation:
    """How input and output are looked over."""

    model: Annotated[str, Text(label="Model", example="omni-moderation-latest")]
    policy: Annotated[ModerationPolicy | None, Collection(label="Policy")] = None


@frozen(kw_only=True)
class Prediction:
    """What most of the answer will be."""

    type: Literal["content"] = "content"
    content: Annotated[str | Sequence[TextPart], OneOf(label="Content")]


@frozen(kw_only=True)
class PromptCacheOptions:
    """How the service keeps the start of the prompt for later requests."""

    mode: Annotated[str | None, Select(label="Mode", choices=("implicit", "explicit"), free_text=True)] = None
    ttl: Annotated[str | None, Select(label="Kept at least", choices=("30m",), free_text=True)] = None


@frozen(kw_only=True)
class StreamOptions:
    """What a stream brings beside the text."""

    include_usage: Annotated[
        bool | None,
        Boolean(
            label="Include usage", help="Without it a streamed answer says nothing about tokens. Asked for unless No."
        ),
    ] = None
    include_obfuscation: IncludeObfuscation = None


Streaming = Annotated[
    StreamOptions | None,
    Collection(label="Stream Options", help="Sent only where the answer is streamed.", advanced=True),
]


@frozen(kw_only=True)
class Place:
    """Roughly where the user is."""

    city: Annotated[str | None, Text(label="City")] = None
    country: Annotated[str | None, Text(label="Country", help="Two letters, as in ISO 3166-1.", example="DE")] = None
    region: Annotated[str | None, Text(label="Region")] = None
    timezone: Annotated[str | None, Text(label="Time zone", example="Europe/Berlin")] = None


@frozen(kw_only=True)
class UserLocation:
    """Where the user is."""

    type: Literal["approximate"] = "approximate"
    approximate: Annotated[Place, Collection(label="Place")]


@frozen(kw_only=True)
class WebSearchOptions:
    """How the model searches the web."""

    search_context_size: Annotated[
        str | None, Select(label="Search context size", choices=("low", "medium", "high"), free_text=True)
    ] = None
    user_location: Annotated[UserLocation | None, Collection(label="User location")] = None
