"""The words of a form: what an input of a module or connection is called, and what it may hold.

A form is an attrs class. A word stands in the annotation of each of its attributes::

    @frozen(kw_only=True)
    class Place:
        latitude: Annotated[float, Number(label="Latitude", minimum=-90, maximum=90)]
        name: Annotated[str | None, Text(label="Name", max_length=80)] = None

The type says what Python holds, the word says how people see it and what bounds it has. An attribute without a word
gets the one that fits its type. An attribute with a default may be left out; ``None`` is never sent.

Words are data: they hold no behavior, compare by value, and everything that is said here is said once. Whether a word
fits the type it stands on is checked when the form is read (``jackfield.forms``).
Validation, JSON Schema, web forms, command-line help and the reference page are read from them.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, Self

from attrs import field, frozen

from jackfield._typed_text import FromText, from_text

__all__ = [
    "AnyValue",
    "Array",
    "Boolean",
    "Choice",
    "Collection",
    "Date",
    "DateTime",
    "Dynamic",
    "Field",
    "FromText",
    "Integer",
    "Json",
    "KeyValue",
    "Number",
    "OneOf",
    "Password",
    "Rest",
    "Select",
    "Text",
    "Time",
    "Upload",
    "Url",
    "When",
    "from_text",
]


@frozen(kw_only=True)
class Choice:
    """One thing that a Select offers.

    Attributes:
        value: What is sent.
        label: What a person reads; the value itself if empty.
        help: More, on one line; may be empty.
        group: The heading under which it stands; may be empty.
    """

    value: str | int | float
    label: str = ""
    help: str = ""
    group: str = ""


def _choices(
    choices: "Sequence[Choice | str | int | float] | Callable[..., Any] | None",
) -> "tuple[Choice, ...] | Callable[..., Any]":
    if callable(choices):
        return choices
    if choices is None:
        # What stands after ``=`` in a class is assigned before the annotation is looked at.
        message = "choices is None; does a field of the class have the name of the function that gives them?"
        raise TypeError(message)
    if isinstance(choices, str):
        message = f"choices={choices!r} is one text; give a list of choices"  # else each letter would be a choice
        raise TypeError(message)
    return tuple(item if isinstance(item, Choice) else Choice(value=item) for item in choices)


class When(tuple[object, ...]):
    """A condition on another field of the same class: ``When("method", "edit", "variation")``, ``When("image")``.

    ``When("image", None)`` holds if that field is not given: of two fields, one or the other is required.

    What is not given counts as its default. Where several fields depend on one, a union of classes told apart by a tag
    says more: each variant has its own fields, with types of their own. A condition is for one field or two.
    """

    __slots__ = ()

    def __new__(cls, field: str, *values: str | float | bool | None) -> Self:
        """Make a condition."""
        return super().__new__(cls, (field, *values))

    def __getnewargs__(self) -> Any:
        """Be copied and pickled as it was made."""
        return tuple(self)

    @property
    def field(self) -> str:
        """The other field, by its name in JSON."""
        return str(self[0])

    @property
    def values(self) -> tuple[object, ...]:
        """It holds if that field has one of these; none: if that field is given at all; only ``None``: if it is not."""
        return self[1:]


def _names(names: "Sequence[str]") -> tuple[str, ...]:
    if isinstance(names, str):
        message = f"depends_on={names!r} is one text; give a list of names"  # else each letter would be a name
        raise TypeError(message)
    return tuple(names)


def parameters_of(function: Callable[..., object]) -> Sequence[str]:
    """Name the parameters that a function takes, without the first, which is the context."""
    import inspect  # noqa: PLC0415  words must be quick to import

    try:
        return [*inspect.signature(function).parameters][1:]
    except (TypeError, ValueError):  # Python cannot tell for some of its own
        return []


# Words that add nothing to Field are plain subclasses of it: each class that attrs makes costs a cold start 0.7 ms.


@frozen(kw_only=True)
class Field:
    """What every word can say.

    Attributes:
        label: What a person reads; made from the attribute's name if empty.
        help: One sentence or two, plain text.
        advanced: Shown only to those who ask for everything.
        section: The heading under which it stands, beside the others that name the same; may be empty.
        required_when: It must be given if this holds. It may be left out otherwise, so its default is ``None``.
        shown_when: It is there only if this holds; given otherwise, it is refused.
        mappable: Whether a scenario may fill it from an earlier bundle.
        unit: What the value counts, in words: ``degrees north``, ``tokens``.
        example: A value to show; one that the field refuses is a PluginError.
        key: The name in JSON, where it cannot be the attribute's own (``from``); the attribute's name if empty.
        env: In a connection's form: the environment variable that may hold the value. Let it begin with the connector's
            own id: a secret is not taken from a variable that begins with the id of another distribution's connector.
        deprecated: Why it should not be used any more, and what to use instead; empty if it may be used. Whoever gives
            it finds this in the warnings of the result.
    """

    label: str = ""
    help: str = ""
    advanced: bool = False
    section: str = ""
    required_when: When | None = None
    shown_when: When | None = None
    mappable: bool = True
    unit: str = ""
    example: object = None
    key: str = ""
    env: str = ""
    deprecated: str = ""


@frozen(kw_only=True)
class Text(Field):
    """A text; type ``str``. Lengths count characters and are inclusive; the whole text must match the pattern.

    What it asks for in words, behind "must be", is ``pattern_help``. Let no two parts of it match the same at once.
    """

    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    pattern_help: str = ""
    multiline: bool = False


@frozen(kw_only=True)
class Password(Field):
    """A secret text; type ``Secret``. Never shown, logged or exported."""

    min_length: int | None = None


@frozen(kw_only=True)
class Url(Field):
    """An absolute URL with a host; type ``str``."""

    schemes: tuple[str, ...] = ("http", "https")


@frozen(kw_only=True)
class Number(Field):
    """A finite number; type ``float``. Bounds are inclusive."""

    minimum: float | None = None
    maximum: float | None = None


@frozen(kw_only=True)
class Integer(Field):
    """A whole number; type ``int``. Bounds are inclusive."""

    minimum: int | None = None
    maximum: int | None = None


@frozen(kw_only=True)
class DateTime(Field):
    """A moment; type ``datetime``, with its time zone. Bounds are inclusive.

    JSON has it as ISO 8601 with the offset from UTC (``2026-11-25T15:44:00Z``). A person may also type
    ``2026-11-25 15:44``, ``2026/11/25``, ``25.11.2026 15:44`` or ``11/25/2026``, and leave out the time (midnight) and
    the zone (that of ``FromText``).
    """

    earliest: datetime | None = None
    latest: datetime | None = None


@frozen(kw_only=True)
class Date(Field):
    """A day; type ``date``. Bounds are inclusive.

    JSON has it as ``2026-11-25``. A person may also type ``2026/11/25``, ``25.11.2026``, and ``11/25/2026`` where day
    and month cannot be confused.
    """

    earliest: date | None = None
    latest: date | None = None


@frozen(kw_only=True)
class Time(Field):
    """A time of day, wherever one is; type ``time`` without a time zone. Bounds are inclusive.

    JSON has it as ``15:44:00``. A person may leave out the seconds.
    """

    earliest: time | None = None
    latest: time | None = None


class Boolean(Field):
    """Yes or no; type ``bool``. With ``bool | None`` there is a third state: not defined."""

    __slots__ = ()


@frozen(kw_only=True)
class Select(Field):
    """One of several values; type ``str``, ``int``, ``float`` or a ``Literal``.

    Attributes:
        choices: The values, in the order to show them; or a function that is called with the module's context when
            somebody opens the field, and returns them; empty for a ``Literal``, whose values are the choices. A
            function with a parameter ``query`` is given what the user typed so far, and searches by itself; one with a
            parameter ``values`` is given the values of ``depends_on``, by name, without secrets.
        depends_on: Other fields of the same class, by their names in JSON, whose values decide what is offered.
        free_text: Whether a value that is not offered is accepted too. ``None``: only where choices are asked for. With
            ``False`` and a function, it is asked when the module runs, once more if its list was kept, and a value of
            the module's own form that it does not offer is refused; not on a dry run, and not if the service is away.
        keep_s: How long choices that were asked for are given again, to the same connection, without asking. They are
            given after that, too, if the service is away, and said to be stale. 0: they are asked for each time.
    """

    choices: "tuple[Choice, ...] | Callable[..., Sequence[Choice | str | int | float]]" = field(
        default=(), converter=_choices
    )
    depends_on: tuple[str, ...] = field(default=(), converter=_names)
    free_text: bool | None = None
    keep_s: float = 300.0

    @property
    def accepts_others(self) -> bool:
        """Tell whether a value that is not offered is accepted."""
        return callable(self.choices) if self.free_text is None else self.free_text

    @property
    def searches(self) -> bool:
        """Tell whether its function of choices searches by itself."""
        return callable(self.choices) and "query" in parameters_of(self.choices)


@frozen(kw_only=True)
class Array(Field):
    """Several values of one kind, in order; type ``list[T]``, ``tuple[T, ...]`` or ``Sequence[T]``.

    Counts are inclusive. With ``unique``, no value may come twice; for items that are single values. Several of some
    choices is an Array, with ``unique``, of Selects.
    """

    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False


class Collection(Field):
    """Named values that belong together; the type is an attrs class of its own."""

    __slots__ = ()


class OneOf(Field):
    """One of several kinds; the type is a union.

    Members are told apart by what they are in JSON (text, number, switch, list, object). Where several are objects,
    each is an attrs class with one attribute of a ``Literal`` type, the tag, whose values no other member has.
    """

    __slots__ = ()


@frozen(kw_only=True)
class KeyValue(Field):
    """Names and values that the user makes up; type ``Mapping[str, T]``. Counts are inclusive."""

    min_items: int | None = None
    max_items: int | None = None


@frozen(kw_only=True)
class Dynamic(Field):
    """Named values whose fields a service, or a plugin, knows alone; type ``Mapping[str, object]``.

    The fields are asked for when somebody wants to see them, and when the module runs with a value for this; the value
    is checked against them then. On a dry run nobody is asked, and the value passes as it is. It stands in a module's
    own form, not deeper.

    Attributes:
        fields: A function that is called with the module's context, and gives the fields: an attrs class, or a list of
            ``named_field(...)``. One with a parameter ``values`` is given the values of ``depends_on``, by name,
            without secrets. Without one, a plugin answers the hook ``dynamic_fields``, or any JSON object is accepted.
        depends_on: Other fields of the form, by their names in JSON, whose values decide which fields there are.
        keep_s: How long fields that were asked for are taken for the same connection without asking; 0: not at all.
    """

    fields: "Callable[..., Any] | None" = None
    depends_on: tuple[str, ...] = field(default=(), converter=_names)
    keep_s: float = 300.0


def _texts(texts: "Sequence[str]") -> tuple[str, ...]:
    if isinstance(texts, str):
        message = f"{texts!r} is one text; give a list of texts"  # else each letter would be one
        raise TypeError(message)
    return tuple(texts)


@frozen(kw_only=True)
class Upload(Field):
    """A file; type ``File``.

    A program gives a File. A caller in JSON gives ``{"url": ...}``, ``{"data": <base64>, "name": ...}``, the reference
    ``{"file": ...}`` that stands in an earlier bundle of the same host, or ``{"path": ...}`` where the host allows it.

    Attributes:
        media_types: What it may be: ``image/png``, or ``image/*``; anything if empty.
        extensions: How its name may end, dot first, whatever the case: ``.png``; anything if empty.
        max_bytes: The largest size, inclusive.
    """

    media_types: tuple[str, ...] = field(default=(), converter=_texts)
    extensions: tuple[str, ...] = field(default=(), converter=_texts)
    max_bytes: int | None = None


class Json(Field):
    """Any JSON value; type ``object``, or ``Mapping[str, object]`` where it must be an object.

    What a person types is read as JSON. A text that is none and does not begin as JSON does (``{``, ``[``, ``"``) is
    that text.
    """

    __slots__ = ()


class AnyValue(Field):
    """A value of whatever kind; type ``object``.

    What a person types is text, also ``5`` and ``true``; a host that wants another kind gives JSON.
    """

    __slots__ = ()


class Rest(Field):
    """In an output class: the keys that the service sent and the class does not declare; type ``Mapping[str, object]``.

    They are merged back when the output becomes a bundle, so nothing that the service says is lost.
    """

    __slots__ = ()
