"""What is said of a module so that it can be tried: inputs, answers, and what its form does not say of itself."""

import importlib.metadata
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from attrs import field, frozen

from jackfield.connections import ConnectionType
from jackfield.errors import InputError, PluginError
from jackfield.forms import form_of
from jackfield.testing.replies import Reply
from jackfield.testing.samples import fits, least_of, samples

__all__ = ["Answered", "Case", "declared_cases", "made_connection", "read_cases"]

GROUP = "jackfield.cases"
"""The group of entry points in which a connector may name its cases, by its id."""

_CANARY = "Canary7391JackfieldSecret"
"""A secret that nothing else contains, so that it is found wherever it got to."""


@frozen(kw_only=True)
class Answered:
    """An input, and what the service answers to it.

    Attributes:
        input: As JSON.
        replies: One for each request that is sent, in order; the last one answers what comes after it, too. What fields
            ask before the module runs counts: a ``Select`` with ``free_text=False`` and a ``Dynamic`` field that is
            given have their answers first. Each run begins with no list kept.
    """

    input: Mapping[str, object]
    replies: Sequence[Reply]


@frozen(kw_only=True)
class Case:
    """What the form of a module does not say of itself, so that its fields can be tried.

    Paths are those of ``dead_fields``: ``messages[]<user>.content`` for the content of any message that is a user's;
    what is said of a path is said of all inside it.

    Attributes:
        connection: What it is authorized with; without, one is made up. Nothing is ever sent.
        least: An input that has only what is required. Without, one is made up.
        needs: By path: what else must be given so that the field can be, or has a meaning; ``None`` for what must not.
        samples: By name: values to try instead of those that are made up, each against the next; ``None`` is nothing.
        whole: By name: two whole inputs to compare, where the field cannot be changed without another.
        inert: By path: why the field changes no request.
        sent_as: By path of a required field: the names under which the request has what it says.
        always: By name of what every request has, though no field asks for it: why.
        answered: Inputs, each with what the service answers to it.
        no_secret: By path: why a field that has the name of a secret is none.
        effect_because: Why the declared effect is right, where the methods of the requests say something else: a POST
            that only reads.
    """

    connection: Mapping[str, object] = field(factory=dict)
    least: Mapping[str, object] | None = None
    needs: Mapping[str, Mapping[str, object]] = field(factory=dict)
    samples: Mapping[str, tuple[object, ...]] = field(factory=dict)
    whole: Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]] = field(factory=dict)
    inert: Mapping[str, str] = field(factory=dict)
    sent_as: Mapping[str, tuple[str, ...]] = field(factory=dict)
    always: Mapping[str, str] = field(factory=dict)
    answered: Sequence[Answered] = ()
    no_secret: Mapping[str, str] = field(factory=dict)
    effect_because: str = ""


def read_cases(text: str | bytes) -> dict[str, Case]:
    """Read cases from JSON: an object with one for each module id, whose names are the attributes of Case.

    ``{"weather.get_forecast": {"answered": [{"input": {...}, "replies": [{"json": {...}}]}]}}``

    A reply that is a file has its content under ``base64``, and says in ``headers`` what it is.

    Raises:
        InputError: It is something else.
    """
    try:
        said = json.loads(text)
        return {str(module_id): _case(dict(each)) for module_id, each in said.items()}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        message = f"These are no cases ({type(error).__name__}: {error})."
        raise InputError(message, hint="See jackfield.testing.read_cases for their form.") from error


def _case(said: dict[str, Any]) -> Case:
    answered = [
        Answered(input=each["input"], replies=[_reply(**reply) for reply in each["replies"]])
        for each in said.pop("answered", ())
    ]
    return Case(answered=answered, **said)


def declared_cases(connector_id: str) -> Mapping[str, Case]:
    """Give the cases that an installed connector names in its metadata, by module id.

    It does so with an entry point in the group ``jackfield.cases``, whose name is the connector's id.

    Raises:
        PluginError: What is named there cannot be imported, or is no mapping of cases.
    """
    points = importlib.metadata.entry_points(group=GROUP, name=connector_id)
    found: list[Mapping[str, Case]] = []
    for point in points:
        try:
            cases = point.load()
        except Exception as error:
            message = f"The cases of {connector_id} cannot be imported from {point.value} ({type(error).__name__})."
            raise PluginError(message, stage="import", hint=f"See the group {GROUP} of its entry points.") from error
        if not isinstance(cases, Mapping) or not all(isinstance(case, Case) for case in cases.values()):
            message = f"The cases of {connector_id} at {point.value} are no mapping from module ids to cases."
            raise PluginError(message, stage="object", hint="Give {id: jackfield.testing.Case(...)}.")
        found.append(cases)
    return dict(chain.from_iterable(cases.items() for cases in found))


def made_connection(kind: ConnectionType | None) -> Mapping[str, object] | None:
    """Make up a connection: what its form requires, and every secret; ``None`` where none is needed."""
    if kind is None:
        return None
    form = form_of(kind.form)
    secrets = {
        slot.key: _CANARY if fits(slot.word, _CANARY) else samples(slot)[0] for slot in form.slots if slot.is_secret
    }
    return {**least_of(form), **secrets}


def _reply(*, base64: str | None = None, **said: Any) -> Reply:
    return Reply(**said) if base64 is None else Reply(content=b64decode(base64, validate=True), **said)
