"""Create an Embedding: texts as places in a model's space.

Names and bounds: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from jackfield import Array, Choice, Context, Effect, Integer, OneOf, Problem, Select, Text, Usage, module
from jackfield_openai import traced
from jackfield_openai.connection import is_openai, openai
from jackfield_openai.embedding_answer import Embeddings, embeddings_of
from jackfield_openai.foresight import most_input
from jackfield_openai.model_choices import embedding_model_choices
from jackfield_openai.parameters import Extra, User, extra_problems, parameters_of

__all__ = ["create_embedding"]

_MOST = 2048
"""Texts in one request, and tokens in one list of them."""

_MANY = 128
"""Of how many texts vectors come as base64 by themselves: 2048 of them are 69 MB as numbers, more than we read."""

_One = Annotated[str, Text(label="Text", min_length=1)]
_Token = Annotated[int, Integer(label="Token", minimum=0)]
_Tokens = Annotated[Sequence[_Token], Array(label="Tokens", min_items=1, max_items=_MOST)]


@frozen(kw_only=True)
class EmbeddingForm:
    """What to place. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(
            label="Model", help="Any model that the service offers for embeddings.", choices=embedding_model_choices
        ),
    ]
    input: Annotated[
        Annotated[str, Text(multiline=True, min_length=1)]
        | Annotated[
            Sequence[Annotated[_One | _Token | _Tokens, OneOf(label="Text or tokens")]],
            Array(min_items=1, max_items=_MOST),
        ],
        OneOf(
            label="Input",
            help="A text, or up to 2048 of them in a list; none may be empty. Who has tokens gives a list of their "
            "numbers, or several such lists.",
            example="The food was delicious.",
        ),
    ]
    dimensions: Annotated[
        int | None,
        Integer(
            label="Dimensions",
            help="How many numbers each vector has. OpenAI's models before text-embedding-3 cannot choose.",
            minimum=1,
        ),
    ] = None
    encoding_format: Annotated[
        Literal["float", "base64"] | None,
        Select(
            label="Encoding",
            help="How vectors travel; numbers come out of the module either way. Left empty: as the server likes; of "
            "more than 128 texts, in base64 at OpenAI.",
            choices=(
                Choice(value="float", label="Numbers", help="As every server has them"),
                Choice(value="base64", label="Base64", help="A quarter of the size, and exactly what the model made"),
            ),
            advanced=True,
        ),
    ] = None
    user: User = None
    extra: Extra = None


def _problems(form: EmbeddingForm) -> Sequence[Problem]:
    kinds = set() if isinstance(form.input, str) else {_kind(item) for item in form.input}
    mixed = Problem(path="$.input", rule="type", message="must be all texts, all tokens, or all lists of tokens")
    return [*extra_problems(form), *([mixed] if len(kinds) > 1 else [])]


def _kind(item: object) -> type:
    return type(item) if isinstance(item, str | int) else list


def _foreseen(form: Any) -> Usage:
    return Usage(model=form.model, input_tokens=most_input(form), output_tokens=0)


@module(
    label="Create an Embedding",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    foresee=_foreseen,
    genai=traced.EMBEDDING,
)
def create_embedding(form: EmbeddingForm, context: Context) -> Embeddings:
    """Place texts in a model's space, where what means the same is near.

    Gives in ``data`` one vector for each text, in the order of the input, and in ``result`` the first.
    """
    body = {**parameters_of(form, without={"extra"}), **(form.extra or {})}
    # One list of tokens is one text.
    several = not isinstance(form.input, str) and not isinstance(form.input[0], int)
    count = len(form.input) if several else 1
    if count > _MANY and is_openai(context.client.base_url):
        body = {"encoding_format": "base64", **body}
    return embeddings_of(context, context.client.request("POST", "/embeddings", json=body), form, count)
