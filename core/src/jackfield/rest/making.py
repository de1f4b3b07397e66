"""The making of a module from the data that declare it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from attrs import frozen

from jackfield._answer_paths import steps_of, value_at
from jackfield._engine.dumping import dump
from jackfield._http.client import Answer
from jackfield.connections import ConnectionType
from jackfield.errors import AnswerError, Problem
from jackfield.forms import form_of
from jackfield.modules import Context, Effect, Migrate, Module, Refine, Sunset
from jackfield.modules import module as coded
from jackfield.paging import Paging
from jackfield.paging import items as items_of
from jackfield.paging.pages import misshapen
from jackfield.rest.declared import Said, request_of
from jackfield.rest.failures import Failures
from jackfield.rest.request import Encoding, Request
from jackfield.translations import Translation
from jackfield.triggers import Trigger
from jackfield.usage import Usage

FormT = TypeVar("FormT")
OutputT = TypeVar("OutputT")

_NO_ERRORS = range(HTTPStatus.OK, HTTPStatus.BAD_REQUEST)


@frozen(kw_only=True)
class Done:
    """The output of a module whose service has nothing to say: it was done."""

    done: Literal[True] = True


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
    said = Said(
        request=request,
        form=form,
        query=query,
        headers=headers or {},
        body=body,
        encoding=encoding,
        limit=limit,
        paging=paging,
        idempotency_header=idempotency_header,
    )
    made = request_of(said)
    reading = _Reading(output, items or at, tuple(expected), failures)
    reading.check(said, at=at, items=items, may_lack_items=may_lack_items, trigger=trigger)
    if since and (trigger is None or since in made.query):
        said.refuse(f"since={since!r} has no meaning", "It is for a trigger, and a name that the query does not have.")
    counted = form_of(said.form).slot(limit)
    listed = _Listed(paging, counted.name if counted else "", may_lack_items, since) if items else None
    function = _action(made, reading) if listed is None else _search(made, reading, listed)
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
    return made_of


@frozen
class _Reading:
    """What of an answer is the output.

    Attributes:
        output: The class.
        place: Where it stands, or the list of such.
        expected: Statuses; empty for any that is no failure.
        failures: How failures are read.
    """

    output: type
    place: str
    expected: tuple[int, ...]
    failures: Failures | None

    def check(self, said: Said, *, at: str, items: str, may_lack_items: bool, trigger: Trigger | None) -> None:
        """Look whether it can be meant."""
        of_lists = {
            "paging": said.paging,
            "limit": said.limit,
            "may_lack_items": may_lack_items,
            "trigger": trigger,
        }
        form_of(self.output)
        steps_of(self.place)
        if items and at != "$":
            said.refuse("at and items both say where the output stands", "Say items for a search, else at.")
        for name, given in of_lists.items():
            if given and not items:
                said.refuse(f"{name} is for lists", 'Say where the list stands: items="data", or items="$".')
        if said.paging is not None and said.encoding != "json":
            said.refuse("only JSON is sent page by page", "Leave encoding out, or write a function.")
        if said.paging is not None and said.idempotency_header:
            remedy = "Leave idempotency_header out: a list is asked for without any effect."
            said.refuse("the key of the operation would be the same for every page", remedy)
        odd = next((status for status in self.expected if status not in _NO_ERRORS), None)
        if odd is not None:
            said.refuse(f"{odd} is no status of a success", "A status of 400 or more is raised as an error.")

    def accept(self, answer: Answer, body: object) -> None:
        """Look whether an answer is a success.

        Raises:
            AnswerError: It has another status than was declared.
            RemoteError: Its body says that it is a failure.
        """
        if self.expected and answer.status not in self.expected:
            wanted = " or ".join(map(str, self.expected))
            message = f"The service answered {answer.status}, where {wanted} was expected."
            raise AnswerError(message, request_id=answer.request_id)
        if self.failures is not None:
            self.failures.check(answer, body)

    def read(self, answer: Answer, context: Context) -> Any:
        """Give the output."""
        body = answer.json() if answer.body.strip() else {}
        self.accept(answer, body)
        found = value_at(self.place, body)
        if found is None:
            raise misshapen(answer, self.place, "an object", found)
        return context.client.read(found, self.output, request_id=answer.request_id)


def _action(request: Request, reading: _Reading) -> Callable[[Any, Context], Any]:
    def run(form: Any, context: Context) -> Any:
        values = request.values(form)
        answer = context.client.request(
            request.method,
            request.place(values),
            read_error=reading.failures,
            **request.parts(values, context.idempotency_key),
        )
        return reading.read(answer, context)

    run.__annotations__["return"] = reading.output
    return run


@frozen
class _Listed:
    """How a list comes; ``limit`` is the attribute that says how much of it is wanted, or empty."""

    paging: Paging | None
    limit: str
    may_lack_items: bool
    since: str

    def params(self, params: Mapping[str, object] | None, context: Context) -> Mapping[str, object] | None:
        """Give the query, with what a trigger need not give any more."""
        if not self.since or context.since is None:
            return params
        return {**(params or {}), self.since: dump(context.since)}


def _search(request: Request, reading: _Reading, listed: _Listed) -> Callable[[Any, Context], Iterator[Any]]:
    counted = listed.limit

    def run(form: Any, context: Context) -> Iterator[Any]:
        values = request.values(form)
        parts = request.parts(values, context.idempotency_key)
        params = listed.params(parts.pop("params"), context)
        return items_of(
            context.client,
            request.place(values),
            paging=listed.paging,
            at=reading.place,
            into=reading.output,
            limit=getattr(form, counted) if counted else None,
            method=request.method,
            may_lack_items=listed.may_lack_items,
            check=reading.accept,
            read_error=reading.failures,
            params=params,
            **parts,
        )

    run.__annotations__["return"] = Iterator[reading.output]  # type: ignore[name-defined]  # a class known at run time
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
