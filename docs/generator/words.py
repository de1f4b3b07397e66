"""The page about what each word takes: written by declaring a form, and asking the code about it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from attrs import frozen, has

from generator.markdown import code, docstring, link, table, tree_of, written
from generator.pictures import picture
from jackfield import (
    AnyValue,
    Array,
    Boolean,
    Choice,
    Collection,
    Context,
    Date,
    DateTime,
    Dynamic,
    Field,
    File,
    FromText,
    Host,
    Integer,
    InvalidInputError,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Secret,
    Select,
    Slot,
    Text,
    Time,
    Upload,
    Url,
    When,
    fields,
    forms,
    module,
    named_field,
    to_json,
)
from jackfield._cli.describe import FieldTable
from jackfield._engine.conversion import load_form


@frozen(kw_only=True)
class Size:
    """How large, in pixels."""

    width: int


@frozen(kw_only=True)
class Ratio:
    """How large, by its sides."""

    by: Literal["ratio"]
    sides: str


def custom_fields(_context: Context) -> list[Slot]:
    """Give what a service would be asked for."""
    return [named_field("priority", Annotated[int, Integer(maximum=5)], required=True)]


@frozen(kw_only=True)
class Words:
    """One field for each word."""

    text: Annotated[str | None, Text(max_length=80, pattern="[a-z ]*", multiline=True)] = None
    password: Annotated[Secret | None, Password(min_length=3)] = None
    url: Annotated[str | None, Url(schemes=("https",))] = None
    number: Annotated[float | None, Number(minimum=0, maximum=2)] = None
    integer: Annotated[int | None, Integer(minimum=1)] = None
    boolean: Annotated[bool | None, Boolean()] = None
    date_time: Annotated[datetime | None, DateTime(earliest=datetime(2026, 1, 1, tzinfo=UTC))] = None
    day: Annotated[date | None, Date(latest=date(2026, 12, 31))] = None
    clock: Annotated[time | None, Time()] = None
    select: Annotated[str | None, Select(choices=[Choice(value="s", group="Small"), "m", "l"])] = None
    array: Annotated[list[Literal["a", "b"]] | None, Array(max_items=2, unique=True)] = None
    collection: Annotated[Size | None, Collection()] = None
    one_of: Annotated[str | Ratio | None, OneOf()] = None
    key_value: Annotated[Mapping[str, float] | None, KeyValue(max_items=2)] = None
    json: Annotated[object, Json()] = None
    any_value: Annotated[object, AnyValue()] = None
    upload: Annotated[File | None, Upload(media_types=["image/png"], max_bytes=1_000_000)] = None
    dynamic: Annotated[Mapping[str, object] | None, Dynamic(fields=custom_fields)] = None


_TYPED: Mapping[str, tuple[str, ...]] = {
    "text": ("a b", "A"),
    "password": ("ab",),
    "url": ("https://example.com", "http://example.com"),
    "number": ("0.5", "1e0", "3", "half"),
    "integer": ("7", "7.0", "7.5"),
    "boolean": ("yes", "off", "1", "maybe"),
    "date_time": (
        "2026-11-25T15:44:00Z",
        "2026-11-25 15:44 +0100",
        "25.11.2026 15:44 UTC",
        "2026/11/25 9:05 UTC",
        "11/25/2026 9:05 UTC",
        "3/4/2026",
        "2025-01-01 0:00 UTC",
    ),
    "day": ("2026-11-25", "25.11.2026", "2026/11/25", "11/25/2026", "3/4/2026", "2027-01-01"),
    "clock": ("15:44:00", "9:05", "25:00"),
    "select": ("m", "x"),
    "array": ("a", '["a", "b"]', '["a", "a"]'),
    "collection": ('{"width": 5}', '{"width": "5"}', "5"),
    "one_of": ("large", '{"by": "ratio", "sides": "4:3"}'),
    "key_value": ('{"a": 1}', "a=1"),
    "json": ("5", "true", '{"a": [1]}', "hello", '{"a": 1,}'),
    "any_value": ("5", "true", "hello"),
    "upload": (
        "https://example.com/a.png",
        '{"data": "aGVsbG8=", "name": "a.png"}',
        '{"data": "aGVsbG8=", "name": "a.txt"}',
        "a.png",
    ),
    "dynamic": ('{"priority": 3}', "5"),
}
"""What a person may type, in UTC: taken or refused."""

_ANSWERED: Mapping[str, tuple[str, ...]] = {
    "text": ("Hello", "hello"),
    "password": ("ab", "abc"),
    "url": ("http://example.com", "https://example.com"),
    "number": ("3", "0.5"),
    "integer": ("7.5", "7"),
    "boolean": ("maybe", "yes"),
    "date_time": ("3/4/2026", "2026-11-25 15:44 +0100"),
    "day": ("2027-01-01", "25.11.2026"),
    "clock": ("25:00", "9:05"),
    "select": ("x", "2"),
    "array": ("y", "c", "1", "y", "b"),
    "collection": ("y", "wide", "640"),
    "one_of": ("2", "4:3"),
    "key_value": ("a", "one", "1", ""),
    "json": ("{'a': 1}", '{"a": 1}'),
    "any_value": ("hello",),
    "upload": ("a.png", "https://example.com/a.png"),
    "dynamic": ("5", '{"priority": 3}'),
}
"""What a person types who is asked for each of them; first something that is refused, where anything is."""

_HEAD = """# What each word takes

Every entry is written by declaring a field and asking the code: its JSON Schema, its line in `jackfield module show`,
what happens to what a person types, and how the field is asked for at a terminal (what is typed is green).
Input as JSON is read strictly (`"1"` is no number); text that a person typed ({FromText}) as the person means it.
[The words themselves](fields.md) have their attributes there.

A word that does not fit the type it stands on, or says what cannot be, is a {PluginError} when the form is read: it
names the place and the remedy.
"""

_COMMON = """## What every word can say

`label`, `help`, `unit` and `example` are what people read.
An example that the field refuses is a {PluginError}, so what is shown works.
`advanced` hides a field from those who do not ask for everything, and `section` puts it under a heading, beside the
others of that section.
Whoever gives a field that is `deprecated` finds that in the warnings of the result.
"""

_CONDITIONS = """## Fields that depend on others

`required_when` and `shown_when` name another field of the same class, and the values of it that are meant; none: that
it is given.
A field that is not given counts as its default.
A field that is not there for the other's value is refused if it is given, so that nothing is silently dropped.

Use them for a field or two.
Where a choice decides over several fields, make each kind a class of its own, told apart by a `Literal` tag, and the
field a union of them ({OneOf}):
each variant has its own required fields and types, Python code gets exactly what was chosen, and an unknown tag is
told with the tags that exist.

A plugin or the connector's own hook `module_fields` may narrow a form further, by the values and the connection; only
a {Dynamic} field may gain fields.
"""


@frozen(kw_only=True)
class Draw:
    """A form with all of it."""

    method: Literal["generate", "edit"] = "generate"
    image: Annotated[str | None, Text(required_when=When("method", "edit"), shown_when=When("method", "edit"))] = None
    mask: Annotated[str | None, Text(shown_when=When("image"))] = None
    seed: Annotated[
        int | None,
        Integer(label="Seed", help="The same gives the same.", section="Sampling", unit="any number", example=7),
    ] = None
    quality: Annotated[str | None, Text(section="Sampling", advanced=True, deprecated="Use size.")] = None


@module(label="Show")
def _show(_form: Words, _context: Context) -> Size:
    """Stand for any module that has these fields."""
    return Size(width=1)


def page() -> str:
    """Write the page."""
    parts = [_linked(_HEAD), *_entries(), _linked(_COMMON), *_drawn(Draw), _linked(_CONDITIONS), *_refusals()]
    return "\n\n".join(parts) + "\n"


def _linked(text: str) -> str:
    names = ("FromText", "PluginError", "OneOf", "Dynamic")
    return text.format_map({name: link(name) for name in names})


def _entries() -> Iterator[str]:
    with Host(discover=False, modules={"words.show": _show}) as host:
        known = host.form("words.show")
        schema = host.module("words.show").schema_of(known)
    by_word = {type(slot.word).__name__: slot for slot in known.slots}
    annotations = {written(item.target): written(item.annotation) for item in _assignments(Words)}
    for name in fields.__all__:
        word = getattr(fields, name)
        if not (has(word) and issubclass(word, Field)) or word is Field:
            continue
        yield f"## {name}\n\n{docstring(word.__doc__).text}\n\nIts attributes: {link(name)}."
        if name in by_word:
            slot = by_word[name]
            yield f"```python\n{slot.name}: {annotations[slot.name]}\n```"
            yield f"```json\n{json.dumps(schema['properties'][slot.key], indent=2)}\n```"
            yield _lines(forms.Form(cls=Words, slots=(slot,), rest="", description=""))
            yield table(["A person types", "It holds"], [(code(text), _held(slot, text)) for text in _TYPED[slot.key]])
            yield f"![{name} at a terminal]({_file_of(name)})"


def pictures() -> dict[str, str]:
    """Draw each word as it is asked for at a terminal; SVG, by file name."""
    with Host(discover=False, modules={"words.show": _show}) as host:
        known = host.form("words.show")
    slots = {slot.key: slot for slot in known.slots}
    return {
        _file_of(type(slots[key].word).__name__): picture("words.show", slots[key], known, answers)
        for key, answers in _ANSWERED.items()
    }


def _file_of(word: str) -> str:
    return f"word-{word.lower()}.svg"


def _assignments(cls: type) -> list[Any]:
    return [item for item in tree_of(cls).body if hasattr(item, "annotation")]


def _held(slot: Slot, text: str) -> str:
    try:
        held = getattr(load_form(Words, {slot.key: FromText(text, zone=UTC)}), slot.name)
    except InvalidInputError as error:
        return f"refused: {error.problems[0].message}"
    return "the secret" if isinstance(held, Secret) else code(json.dumps(to_json(held)))


def _lines(form: forms.Form) -> str:
    rows = FieldTable(form, advanced=True, levels=9).rows
    cells = [(f"**{row.name}**" if row.heading else code(row.name), row.type, row.needed, row.meaning) for row in rows]
    return table(["Field", "Type", "", "Meaning"], cells)


def _drawn(cls: type) -> Iterator[str]:
    source = "\n".join(written(item) for item in _assignments(cls))
    yield f"```python\n{source}\n```"
    yield _lines(forms.form_of(cls))


def _refusals() -> Iterator[str]:
    rows = []
    for value in ({"method": "edit"}, {"image": "a.png"}, {"mask": "m.png"}):
        try:
            load_form(Draw, value)
        except InvalidInputError as error:
            rows.append((code(json.dumps(value)), " ".join(str(problem) for problem in error.problems)))
    yield table(["Input", "Refused"], rows)
