"""The making of a module from the data that declare it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

import attrs

from jackfield._declarations import Said as Spoken
from jackfield._declarations import are_functions, check_kinds, is_instance_or_none, is_list_of
from jackfield.connections import ConnectionType
from jackfield.errors import Problem
from jackfield.forms import form_of
from jackfield.modules import Context, Effect, Migrate, Module, Refine, Sunset
from jackfield.modules import module as coded
from jackfield.paging import Paging
from jackfield.rest.declared import Said, paging_names, request_of
from jackfield.rest.failures import Failures
from jackfield.rest.lists import Listed, Wanted, search
from jackfield.rest.reading import Reading
from jackfield.rest.request import Encoding, Request
from jackfield.translations import Translation
from jackfield.triggers import Trigger
from jackfield.usage import Usage

FormT = TypeVar("FormT")
OutputT = TypeVar("OutputT")


def module(
    request: str,
    *,
    form: type[FormT],
    output: type[OutputT],
    label: str,
    connection: ConnectionType,
    description: str = "",
    query: Mapping[str, object] | Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    body: object = None,
    encoding: Encoding = "json",
    at: str = "$",
    items: str = "",
    paging: Paging | None = None,
    limit: str = "",
    may_lack_items: bool = False,
    keep: Mapping[str, Wanted] | None = None,
    total: str = "",
    partial: str = "",
    trigger: Trigger | None = None,
    since: str = "",
    expected: Sequence[int] = (),
    failures: Failures | None = None,
    effect: Effect | Callable[[Any], Effect] | None = None,
    idempotency_header: str = "",
    validate: Callable[[Any], Sequence[Problem]] | None = None,
    aliases: Mapping[str, Translation] | Sequence[str] = (),
    sunset: Sunset | None = None,
    refine: Refine | None = None,
    foresee: Callable[[Any], Usage] | None = None,
    version: int = 1,
    migrate: Mapping[int, Migrate] | None = None,
) -> Module[FormT, OutputT, Any]:
    """Declare a module that is one request, or a list that comes in pages.

    A field that is mentioned nowhere goes by its name in JSON into the query of a GET or DELETE, and into the JSON body
    of any other method. What is not set is not sent. A text with ``{name}`` in it mentions a field. That alone is its
    value as it is; in a longer text, and with what joins the items of a list behind a colon (``{labels:,}``), it is
    text. The whole is left out if the field is not set.

    Args:
        request: Method and path: ``PUT /users/{id}``. A value is one segment of the path, percent-encoded; ``{+path}``
            may have slashes. What would lead elsewhere (``..``, an empty segment) is refused before anything is sent.
        form: The attrs class of the fields.
        output: The attrs class of the output, or of each item. ``Done`` where the service has nothing to say.
        label: What a person reads, verb first: ``Get an Issue``.
        connection: How to reach the service.
        description: What a person reads who wants to know more; the docstring of the form without.
        query: Fields that go into the query by their names, ``["dry_run"]``; or what else goes there, by its names:
            ``{"q": "{text}"}``.
        headers: By name: ``{"If-Match": "{etag}"}``.
        body: What else goes into the body, an object of any depth: ``{"filter": {"state": "{state}"}}``; or a text such
            as ``{items}`` for a body that is one field and nothing else.
        encoding: How the body is sent: ``json``, ``form``, or ``multipart``, which takes files.
        at: Where the output stands in the answer: ``data.issue``; ``$`` for all of it.
        items: Where the list of items stands: ``data.issues``, ``$``. This makes the module a search.
        paging: How the list comes in pages; in one without.
        limit: The field that says how many items are wanted at most; it is not sent.
        may_lack_items: Whether an answer without the list has an empty one.
        keep: What of the list is wanted, where the service cannot be told: by field, a function of its value and an
            item that says so. Such a field is not sent, and the limit counts what is wanted.
        total: Where an answer says how many items there are: a list that ends before has a warning beside it.
        partial: Where an answer says, by true, that items are missing, which is a warning too.
        trigger: Makes it a trigger, and says how to tell what is new among the items.
        since: For a trigger: the name in the query under which the service is told what is too old to be wanted, as
            ISO 8601.
        expected: The statuses of a success, such as ``[201]``; any below 400 without.
        failures: Where failures say what went wrong; the connection type knows without.
        effect: What a repeat leaves behind; by what HTTP says of the method without, and KEYED with an
            ``idempotency_header``.
        idempotency_header: The header that has the operation's key, by which the service knows a repeat.
        validate: As of ``jackfield.module``; so are those that follow.
        aliases: See there.
        sunset: See there.
        refine: See there.
        foresee: See there.
        version: See there.
        migrate: See there.

    Raises:
        PluginError: What is declared cannot be meant: the path names what is no field, a field would be sent nowhere...
    """
    check_kinds(
        f"{label} ({request})",
        [
            Spoken("the request", request, isinstance(request, str), 'a text: "GET /issues"'),
            Spoken("encoding", encoding, encoding in get_args(Encoding), '"json", "form" or "multipart"'),
            Spoken("paging", paging, paging is None or _is_style(paging), "a style that is made: PageNumber(size=50)"),
            Spoken("trigger", trigger, is_instance_or_none(trigger, Trigger), 'Trigger(key="id")'),
            Spoken("failures", failures, is_instance_or_none(failures, Failures), 'rest.Failures(message="error")'),
            Spoken("expected", expected, is_list_of(expected, int), "a list of statuses: [201]"),
            Spoken("keep", keep, are_functions(keep), 'functions by field: {"kind": wanted}'),
            Spoken("headers", headers, is_instance_or_none(headers, Mapping), 'texts by name: {"If-Match": "{etag}"}'),
        ],
    )
    said = Said(
        request=request,
        form=form,
        query=query,
        headers=headers or {},
        body=body,
        encoding=encoding,
        limit=limit,
        keep=tuple(keep or ()),
        paging=paging,
        idempotency_header=idempotency_header,
    )
    made = request_of(said)
    reading = Reading(output, items or at, tuple(expected), failures)
    of_lists = {
        "paging": paging,
        "limit": limit,
        "may_lack_items": may_lack_items,
        "keep": keep,
        "total": total,
        "partial": partial,
        "trigger": trigger,
    }
    reading.check(said, at=at, items=items, of_lists=of_lists)
    if since and (trigger is None or since in made.query):
        said.refuse(f"since={since!r} has no meaning", "It is for a trigger, and a name that the query does not have.")
    function = _action(made, reading)
    if items:
        names = {slot.key: slot.name for slot in form_of(said.form).slots}
        listed = Listed(
            paging=paging,
            limit=names.get(limit, ""),
            may_lack_items=may_lack_items,
            since=since,
            total=total,
            partial=partial,
            keep={names[key]: wanted for key, wanted in (keep or {}).items()},
        )
        function = search(made, reading, listed)
    _name(function, form, label, description)
    made_of: Module[FormT, OutputT, Any] = coded(
        label=label,
        connection=connection,
        effect=effect or (Effect.KEYED if idempotency_header else Effect.of_method(made.method)),
        validate=_validation(made, validate),
        aliases=aliases,
        sunset=sunset,
        refine=refine,
        foresee=foresee,
        trigger=trigger,
        version=version,
        migrate=migrate,
    )(function)
    return attrs.evolve(made_of, adds=frozenset(paging_names(paging)))


def _is_style(paging: object) -> bool:
    return callable(getattr(paging, "turn", None)) and not isinstance(paging, type)


def _action(request: Request, reading: Reading) -> Callable[[Any, Context], Any]:
    def run(form: Any, context: Context) -> Any:
        values = request.values(form)
        answer = context.client.request(
            request.method,
            request.place(values),
            read_error=reading.failures,
            **request.parts(values, context.idempotency_key),
        )
        return reading.read(answer, context, request.method)

    run.__annotations__["return"] = reading.output
    return run


def _name(function: Callable[..., Any], form: type, label: str, description: str) -> None:
    """Let a function look as one that an author wrote, since all that reads modules reads that."""
    function.__annotations__["form"] = form
    function.__doc__ = description or form.__doc__
    function.__module__ = form.__module__
    function.__qualname__ = f"<{label}>"  # the name that it will have is not known here


def _validation(
    request: Request, validate: Callable[[Any], Sequence[Problem]] | None
) -> Callable[[Any], Sequence[Problem]] | None:
    if not request.placed:
        return validate
    return lambda form: [*request.problems(form), *(validate(form) if validate else ())]
