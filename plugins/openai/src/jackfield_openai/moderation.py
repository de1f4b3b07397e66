"""Create a Moderation: whether texts and images are harmful, and in which way.

Names and bounds: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import evolve, field, frozen

from jackfield import (
    AnswerError,
    Array,
    Collection,
    Context,
    Effect,
    File,
    OneOf,
    Problem,
    Select,
    Text,
    Upload,
    module,
)
from jackfield_openai.attachments import Envelope
from jackfield_openai.connection import openai
from jackfield_openai.foresight import NOTHING
from jackfield_openai.fusion import MODERATION
from jackfield_openai.model_choices import moderation_model_choices
from jackfield_openai.parameters import Extra, extra_problems, parameters_of
from jackfield_openai.usage import Undeclared, usage_in

__all__ = ["create_moderation"]


@frozen(kw_only=True)
class ModeratedText:
    """A text."""

    type: Literal["text"] = "text"
    text: Annotated[str, Text(label="Text", multiline=True)]


@frozen(kw_only=True)
class ModeratedUrl:
    """Where an image is."""

    url: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload(media_types=("image/*",))],
        OneOf(label="Image", help="A URL of an image on the web, a data: URL, or a file, which is sent along."),
    ]


@frozen(kw_only=True)
class ModeratedImage:
    """An image."""

    type: Literal["image_url"] = "image_url"
    image_url: Annotated[ModeratedUrl, Collection(label="Image")]


@frozen(kw_only=True)
class ModerationForm:
    """What to judge. What is left empty is not sent: the service decides."""

    input: Annotated[
        Annotated[str, Text(multiline=True)]
        | Annotated[
            Sequence[Annotated[str | ModeratedText | ModeratedImage, OneOf(label="Text or image")]],
            Array(min_items=1),
        ],
        OneOf(
            label="Input",
            help="A text; several texts, each judged by itself; or texts and images in parts, judged together.",
            example="I like cats.",
        ),
    ]
    model: Annotated[
        str | None,
        Select(
            label="Model",
            help="Any model that the service offers for moderation; only some look at images.",
            choices=moderation_model_choices,
        ),
    ] = None
    extra: Extra = None


@frozen(kw_only=True)
class Moderation:
    """A judgment; what a category means, its name says.

    Attributes:
        flagged: Whether it falls into any category.
        categories: Into which, by the service's names: ``violence/graphic``.
        category_scores: How sure the model is, from 0 to 1, by the same names.
        category_applied_input_types: What each score is about: ``text``, ``image``.
    """

    flagged: bool
    categories: Mapping[str, bool | None]
    category_scores: Mapping[str, float | None] | None = None
    category_applied_input_types: Mapping[str, Sequence[str]] | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Moderations:
    """Judgments: of several texts one for each, in their order, and one of parts together.

    Attributes:
        result: Whether anything is flagged.
        reasons: The categories for which it is, over all results; in the service's order, each once.
        results: The judgments.
    """

    result: bool = False
    reasons: Sequence[str] = ()
    results: Annotated[Sequence[Moderation], Array(min_items=1)]
    id: str | None = None
    model: str | None = None
    rest: Undeclared = field(factory=dict)


def _problems(form: ModerationForm) -> Sequence[Problem]:
    kinds = set() if isinstance(form.input, str) else {isinstance(item, str) for item in form.input}
    mixed = Problem(path="$.input", rule="type", message="must be all texts, or all parts with a type")
    return [*extra_problems(form), *([mixed] if len(kinds) > 1 else [])]


@module(
    label="Create a Moderation",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    aliases=MODERATION,
    foresee=lambda _: NOTHING,
)
def create_moderation(form: ModerationForm, context: Context) -> Moderations:
    """Ask whether texts or images are harmful, and in which way.

    Gives in ``result`` whether anything is, in ``reasons`` the categories, in ``results`` each judgment with its
    scores. OpenAI takes no money for it.
    """
    said = {**parameters_of(form, without={"extra"}), "input": _sent(form.input, context), **(form.extra or {})}
    answer = context.client.request("POST", "/moderations", json=said)
    body = answer.json()
    found = context.client.read(body, into=Moderations, request_id=answer.request_id)
    texts = [form.input] if isinstance(form.input, str) else [item for item in form.input if isinstance(item, str)]
    if texts and len(found.results) != len(texts):
        message = f"must have one judgment for each of {len(texts)} texts, and has {len(found.results)}"
        problem = Problem(path="$.results", rule="count", message=message)
        raise AnswerError(str(problem), problems=[problem], request_id=answer.request_id)
    usage = usage_in(body)
    if usage is not None:  # OpenAI's own tells none
        context.record_usage(usage)
    reasons = {name: None for one in found.results for name, is_so in one.categories.items() if is_so}
    return evolve(found, result=any(one.flagged for one in found.results), reasons=[*reasons])


def _sent(given: Any, context: Context) -> Any:
    """Give the input as it is sent: files inside it as data: URLs."""
    if isinstance(given, str):
        return given
    envelope = Envelope.of(context)
    return [
        evolve(part, image_url=evolve(part.image_url, url=envelope.data_url(part.image_url.url)))
        if isinstance(part, ModeratedImage) and isinstance(part.image_url.url, File)
        else part
        for part in given
    ]
