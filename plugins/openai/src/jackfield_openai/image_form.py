"""The form of Generate Images: three methods, each with fields of its own, and what all of them take.

Names, bounds and deprecations: openai-python 3.57.0 and OpenAI's specification of 2026-08-21. Choices that the service
adds to every year accept other text too: a name that has a field here cannot come from ``extra``.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Choice, Collection, File, Integer, OneOf, Select, Text, Upload
from jackfield_openai.model_choices import image_model_choices
from jackfield_openai.parameters import Extra, RulesPolicy

__all__ = ["Edit", "Generate", "ImageForm", "Variation"]

_PICTURES = "PNG, JPEG or WebP, each below 50 MB."


@frozen(kw_only=True)
class Generate:
    """Makes images from words."""

    type: Literal["generate"] = "generate"
    prompt: Annotated[
        str,
        Text(
            label="Prompt",
            help="What the images show.",
            multiline=True,
            min_length=1,
            example="A red fox in the snow, in watercolor.",
        ),
    ]
    moderation: Annotated[
        str | None,
        Select(
            label="Moderation",
            help="How strictly prompts are judged.",
            choices=("auto", "low"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    style: Annotated[
        str | None,
        Select(
            label="Style",
            help="Of DALL-E 3, and of servers that have it. For GPT Image models, say it in the prompt.",
            choices=("vivid", "natural"),
            free_text=True,
            advanced=True,
        ),
    ] = None


@frozen(kw_only=True)
class Edit:
    """Changes images as it is told, or makes a new one of them."""

    type: Literal["edit"] = "edit"
    prompt: Annotated[
        str,
        Text(
            label="Prompt",
            help="What is to change, or what is to be made of the images.",
            multiline=True,
            min_length=1,
            example="Put a red hat on the fox.",
        ),
    ]
    images: Annotated[
        Sequence[Annotated[File, Upload(label="Image")]],
        Array(label="Images", help=f"What is edited: {_PICTURES}", min_items=1, max_items=16),
    ]
    mask: Annotated[
        File | None,
        Upload(
            label="Mask",
            help="A PNG of the first image's size, below 4 MB. Only where it is transparent is anything changed.",
        ),
    ] = None
    markup: Annotated[
        File | None,
        Upload(
            label="Markup",
            help="A transparent PNG that is laid over the first image to show what is meant. Not with a mask.",
            advanced=True,
        ),
    ] = None
    input_fidelity: Annotated[
        str | None,
        Select(
            label="Input Fidelity",
            help="How closely the images are kept to, faces above all.",
            choices=("low", "high"),
            free_text=True,
            advanced=True,
        ),
    ] = None


@frozen(kw_only=True)
class Variation:
    """Makes images that are like another."""

    type: Literal["variation"] = "variation"
    image: Annotated[File, Upload(label="Image", help=f"What the others are to be like: {_PICTURES}")]
    prompt: Annotated[
        str | None,
        Text(
            label="Prompt",
            help="In which way they are to differ. Left empty, that is up to the model.",
            multiline=True,
            min_length=1,
        ),
    ] = None
    endpoint: Annotated[
        Literal["auto", "edits", "variations"],
        Select(
            label="Endpoint",
            help="Who is asked.",
            choices=(
                Choice(value="auto", label="Automatic", help="OpenAI edits, any other server makes a variation"),
                Choice(value="edits", label="Edits", help="/images/edits, with a prompt"),
                Choice(value="variations", label="Variations", help="/images/variations, which OpenAI has closed"),
            ),
            advanced=True,
        ),
    ] = "auto"


@frozen(kw_only=True)
class SvgReasoning:
    """How the author of the SVG thinks."""

    effort: Annotated[
        str | None,
        Select(
            label="Effort",
            help="How long it thinks.",
            choices=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
            free_text=True,
        ),
    ] = None


@frozen(kw_only=True)
class Svg:
    """Who writes the SVG, after the image model has made an image to write from."""

    model: Annotated[str | None, Text(label="Model", help="Of the author; the service says whether it is needed.")] = (
        None
    )
    reasoning: Annotated[SvgReasoning | None, Collection(label="Reasoning")] = None


@frozen(kw_only=True)
class ImageForm:
    """What to make. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(label="Model", help="Any model that the service offers for images.", choices=image_model_choices),
    ]
    method: Annotated[
        Generate | Edit | Variation,
        OneOf(label="Method", help="Make images from words, edit images, or make some that are like another."),
    ]
    n: Annotated[
        int | None,
        Integer(label="Number", help="How many images to make; each is paid for.", minimum=1, maximum=10),
    ] = None
    size: Annotated[
        str | None,
        Select(
            label="Size",
            help="Width and height; newer models take others too, such as 1536x864.",
            unit="pixels",
            choices=(
                "auto",
                "1024x1024",
                "1536x1024",
                "1024x1536",
                "1792x1024",
                "1024x1792",
                "512x512",
                "256x256",
            ),
            free_text=True,
        ),
    ] = None
    quality: Annotated[
        str | None,
        Select(
            label="Quality",
            help="More takes longer and costs more.",
            choices=("auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"),
            free_text=True,
        ),
    ] = None
    output_format: Annotated[
        str | None,
        Select(
            label="Format",
            help="What the files are. GIF is animated, SVG is made of lines; not every account has these two.",
            choices=("png", "jpeg", "webp", "gif", "svg"),
            free_text=True,
        ),
    ] = None
    background: Annotated[
        str | None,
        Select(
            label="Background",
            help="Transparent only as PNG or WebP.",
            choices=("auto", "opaque", "transparent"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    output_compression: Annotated[
        int | None,
        Integer(
            label="Compression",
            help="For JPEG and WebP: 100 keeps most.",
            unit="percent",
            minimum=0,
            maximum=100,
            advanced=True,
        ),
    ] = None
    response_format: Annotated[
        str | None,
        Select(
            label="Answer As",
            help="For DALL-E and other servers: the image itself, or its address. GPT Image models give the image.",
            choices=(
                Choice(value="b64_json", label="Image", help="The answer holds it"),
                Choice(value="url", label="URL", help="The answer says where it is"),
            ),
            free_text=True,
            advanced=True,
        ),
    ] = None
    download: Annotated[
        bool | None,
        Boolean(
            label="Download",
            help="Whether images that come as addresses are fetched, without a credential. Is itself not sent.",
            advanced=True,
        ),
    ] = None
    partial_images: Annotated[
        int | None,
        Integer(
            label="Partial Images",
            help="In a stream: how many unfinished images to show before each; every one costs tokens.",
            minimum=0,
            maximum=3,
            advanced=True,
        ),
    ] = None
    complexity: Annotated[
        str | None,
        Select(
            label="Complexity",
            help="How much planning goes into an image, whatever its quality.",
            choices=("low", "medium", "high"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    frame_count: Annotated[
        int | None,
        Integer(label="Frames", help="Of a GIF.", minimum=2, maximum=16, advanced=True),
    ] = None
    frame_duration_ms: Annotated[
        int | None,
        Integer(
            label="Frame Duration",
            help="How long a GIF shows each frame.",
            unit="milliseconds",
            minimum=1,
            advanced=True,
        ),
    ] = None
    svg: Annotated[Svg | None, Collection(label="SVG", help="Who writes an SVG.", advanced=True)] = None
    safety_identifier: Annotated[
        str | None,
        Text(
            label="Safety Identifier",
            help="Names your user to OpenAI, to find misuse; send a hash, not a name.",
            advanced=True,
        ),
    ] = None
    user: Annotated[
        str | None,
        Text(label="User", deprecated="OpenAI has replaced it by Safety Identifier.", advanced=True),
    ] = None
    model_rules: RulesPolicy = "adapt"
    extra: Extra = None
