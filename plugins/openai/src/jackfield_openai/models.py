"""Get Models: lists and describes what the service offers."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from attrs import field, frozen

from jackfield import Context, Effect, Integer, NotFoundError, Problem, Select, Text, module
from jackfield_openai.connection import openai
from jackfield_openai.foresight import NOTHING
from jackfield_openai.fusion import MODELS
from jackfield_openai.model_choices import ListedModel, chat_model_choices, list_models
from jackfield_openai.segments import segment
from jackfield_openai.suggestions import listed_if_possible
from jackfield_openai.usage import Undeclared

__all__ = ["GetModels", "Model", "get_models"]

_ONLY_LIST = ("filter", "owner", "sort", "limit")


@frozen(kw_only=True)
class GetModels:
    """Which models to give: a list, or one."""

    action: Annotated[
        Literal["list", "retrieve"],
        Select(label="Action", help="List models, or retrieve one by its id."),
    ] = "list"
    model: Annotated[
        str | None,
        Select(label="Model", help="Required to retrieve one: its id.", choices=chat_model_choices),
    ] = None
    filter: Annotated[
        str | None,
        Text(label="Filter", help="To list: only models whose id has this text in it, whatever the case."),
    ] = None
    owner: Annotated[str | None, Text(label="Owner", help="To list: only models of this owner.")] = None
    sort: Annotated[
        Literal["id", "newest", "oldest"] | None,
        Select(label="Sort", help="To list: by id or age; left empty, the service's own order."),
    ] = None
    limit: Annotated[int | None, Integer(label="Limit", help="To list: at most this many.", minimum=1)] = None


@frozen(kw_only=True)
class Model:
    """A model: all that the service says of it. ``created`` is ISO 8601 in UTC, ``shutdown_date`` a day."""

    id: str
    owned_by: str | None = None
    created: str | None = None
    shutdown_date: str | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)


def _problems(form: GetModels) -> Sequence[Problem]:
    if form.action == "retrieve":
        found = [
            Problem(path=f"$.{name}", rule="unused", message="has no meaning for the action retrieve; leave it out")
            for name in _ONLY_LIST
            if getattr(form, name) is not None
        ]
        if not form.model:
            found.insert(0, Problem(path="$.model", rule="required", message="is required for the action retrieve"))
        return found
    if form.model is not None:
        message = "has no meaning for the action list; use filter, or the action retrieve"
        return [Problem(path="$.model", rule="unused", message=message)]
    return []


@module(
    label="Get Models",
    connection=openai,
    effect=Effect.READ,
    validate=_problems,
    aliases=MODELS,
    foresee=lambda _: NOTHING,
)
def get_models(form: GetModels, context: Context) -> Iterator[Model]:
    """List the models that the service offers to this key, or describe one of them.

    A list is one bundle for each model, none if nothing fits.
    """
    if form.action == "retrieve":
        yield _model(_retrieve(form.model or "", context))
    else:
        yield from map(_model, _chosen(list_models(context), form))


def _chosen(models: Sequence[ListedModel], form: GetModels) -> Sequence[ListedModel]:
    text, owner = (form.filter or "").casefold(), (form.owner or "").casefold()
    found = [
        model
        for model in models
        if text in model.id.casefold() and (not owner or owner == (model.owned_by or "").casefold())
    ]
    if form.sort == "id":
        found.sort(key=lambda model: model.id)
    elif form.sort is not None:
        found.sort(key=lambda model: model.created or 0, reverse=form.sort == "newest")
    return found[: form.limit]


def _retrieve(model_id: str, context: Context) -> ListedModel:
    """Ask for one model.

    Raises:
        NotFoundError: There is none of that name; the hint has names that are spelt alike.
    """
    try:
        return context.client.get(f"/models/{segment(model_id, '$.model')}", into=ListedModel)
    except NotFoundError as error:
        models = listed_if_possible(lambda: list_models(context))
        # Some servers only list: then what is on the list is there.
        known = next((model for model in models if model.id == model_id), None)
        if known is not None:
            return known
        close = get_close_matches(model_id, [model.id for model in models])
        error.hint = f"Did you mean {' or '.join(close)}?" if close else "Use the action list to see all."
        raise


def _model(listed: ListedModel) -> Model:
    return Model(
        id=listed.id,
        owned_by=listed.owned_by,
        created=listed.created_at,
        shutdown_date=listed.shutdown_date,
        object=listed.object,
        rest=listed.rest,
    )
