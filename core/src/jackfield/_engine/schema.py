"""Forms and outputs as JSON Schema 2020-12: for editors, pages, language models and anybody who checks elsewhere.

What conversion accepts, the schema accepts, and the reverse, but for these: null for an optional field (it means "not
given", so the schema tells nobody of it), text that stands for a number (FromText), the rules of a Url, and rules that
a class checks as a whole. What JSON Schema has no word for stands under ``x-jackfield``.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any

import attrs

from jackfield._engine.dumping import dump
from jackfield._engine.file_schema import file_input_schema, file_output_schema
from jackfield._engine.moments import CLOCK_PATTERN
from jackfield._engine.schema_rules import condition_rules
from jackfield.fields import (
    AnyValue,
    Array,
    Choice,
    Date,
    DateTime,
    Dynamic,
    Field,
    Integer,
    KeyValue,
    Number,
    Password,
    Select,
    Text,
    Time,
    Upload,
    Url,
    When,
)
from jackfield.forms import (
    AFile,
    Either,
    Fields,
    Fixed,
    Form,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Slot,
    form_of,
    json_kind,
    records_in,
)
from jackfield.kinds import Sunset

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form_schema(form: Form) -> Schema:
    """Describe what a module or connection takes; unknown keys are refused.

    A form that a host has narrowed is described as narrowed.
    """
    return _Writer(form, closed=True).whole()


def output_schema(form: Form) -> Schema:
    """Describe the bundles that a module gives; there may be more keys than the declared ones."""
    return _Writer(form, closed=False).whole()


def sunset_notes(sunset: Sunset | None) -> Schema:
    """Say of a module that it no longer should be used; nothing without a sunset."""
    return {} if sunset is None else {"deprecated": True, "x-jackfield": {"sunset": attrs.asdict(sunset)}}


class _Writer:
    """Writes one schema. Classes that are needed more than once, or hold themselves, stand in ``$defs``."""

    def __init__(self, form: Form, *, closed: bool) -> None:
        self._form = form
        self._closed = closed
        self._names = _shared_names(form)
        self._definitions: Schema = {}

    def whole(self) -> Schema:
        """Write it all."""
        schema = {"$schema": _DIALECT, "title": _title(self._form.cls), **self._record(self._form)}
        for cls, name in self._names.items():
            self._definitions[name] = {"title": _title(cls), **self._record(form_of(cls))}
        return {**schema, "$defs": self._definitions} if self._definitions else schema

    def _record(self, form: Form) -> Schema:
        return {
            **_said(description=form.description),
            **self._object(form.slots, more=bool(form.rest) or not self._closed),
            **(condition_rules(form) if self._closed else {}),
        }

    def _object(self, slots: Sequence[Slot], *, more: bool) -> Schema:
        # A bundle has no attribute that is None, so one that may be None may be missing.
        required = [slot.key for slot in slots if slot.required and (self._closed or not slot.nullable)]
        return {
            "type": "object",
            "properties": {slot.key: self._slot(slot) for slot in slots},
            **_said(required=required),
            "additionalProperties": more,
        }

    def _slot(self, slot: Slot) -> Schema:
        inner = self._place(slot)
        said = _said_of(slot, inner)
        return {**said, **inner, **said}  # what people read comes first, and outranks what the class says

    def _item(self, slot: Slot) -> Schema:
        """Describe an item of a list or map; these may hold null, while a field is left out instead."""
        inner = self._named(slot)
        if not slot.nullable:
            return inner
        if isinstance(inner.get("type"), str) and not {"const", "enum"} & inner.keys():
            return {**inner, "type": [inner["type"], "null"]}
        return {"anyOf": [inner, {"type": "null"}]}

    def _named(self, slot: Slot) -> Schema:
        said = {"title": slot.word.label, "description": slot.word.help, "x-jackfield": _extras(slot)}
        return {**self._place(slot), **_said(**said)}

    def _place(self, slot: Slot) -> Schema:  # noqa: PLR0911  one return per kind of shape reads best
        shape, word = slot.shape, slot.word
        if isinstance(shape, Scalar):
            return {**_SCALARS[shape.kind], **_bounds(word)}
        if isinstance(shape, Fixed):
            return _fixed(shape, word)
        if isinstance(shape, Record):
            return self._class(shape.cls)
        if isinstance(shape, Either):
            return self._either(shape)
        if isinstance(shape, ListOf):
            return {"type": "array", "items": self._item(shape.item), **_bounds(word)}
        if isinstance(shape, Fields):
            return self._object(shape.slots, more=False)
        if isinstance(shape, MapOf):
            return {"type": "object", "additionalProperties": self._item(shape.value), **_bounds(word)}
        if isinstance(shape, AFile):
            return file_input_schema() if self._closed else file_output_schema()
        return {}

    def _class(self, cls: type) -> Schema:
        if cls in self._names:
            return {"$ref": f"#/$defs/{self._names[cls]}"}
        return self._record(form_of(cls))

    def _either(self, shape: Either) -> Schema:
        members = [self._member(option, shape.tag) for option in shape.options]
        kinds = Counter(json_kind(option.shape) for option in shape.options if not isinstance(option.shape, Record))
        # Fixed texts beside a free text overlap; all other members exclude each other, by kind or by tag.
        return {"anyOf" if max(kinds.values(), default=0) > 1 or not shape.tag else "oneOf": members}

    def _member(self, option: Slot, tag: str) -> Schema:
        inner = self._named(option)
        if not tag or not isinstance(option.shape, Record):
            return inner
        # Elsewhere the tag may be left out for its default; here it is all that tells the members apart.
        others = [name for name in inner.get("required", ()) if name != tag]
        return {**inner, "required": [tag, *others]}


def _shared_names(form: Form) -> dict[type, str]:
    """Name the classes that stand in ``$defs``: those that are needed twice, so also those that hold themselves."""
    uses = Counter([form.cls])
    waiting = [form]
    while waiting:
        for cls in [cls for slot in waiting.pop().slots for cls in records_in(slot.shape)]:
            uses[cls] += 1
            if uses[cls] == 1:
                waiting.append(form_of(cls))
    names: dict[type, str] = {}
    for cls in (cls for cls, count in uses.items() if count > 1):
        same = sum(other.__name__ == cls.__name__ for other in names)
        names[cls] = f"{cls.__name__}_{same + 1}" if same else cls.__name__
    return names


_SCALARS: Mapping[ScalarKind, Schema] = {
    ScalarKind.TEXT: {"type": "string"},
    ScalarKind.SECRET: {"type": "string", "format": "password", "writeOnly": True},
    ScalarKind.NUMBER: {"type": "number"},
    ScalarKind.INTEGER: {"type": "integer"},
    ScalarKind.BOOLEAN: {"type": "boolean"},
    ScalarKind.DATETIME: {"type": "string", "format": "date-time"},
    ScalarKind.DATE: {"type": "string", "format": "date"},
    ScalarKind.TIME: {"type": "string", "pattern": CLOCK_PATTERN},
}


def _fixed(shape: Fixed, word: Field) -> Schema:
    # A Literal may be of a library, and offer more than the field wants; a policy may have left only some.
    values = _fixed_choices(word) or shape.values
    kinds = {type(value) for value in values}
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return {
        **_said(type=names[kinds.pop()] if len(kinds) == 1 else None),
        **({"const": values[0]} if len(values) == 1 else {"enum": list(values)}),
    }


def _fixed_choices(word: Field) -> tuple[str | float, ...]:
    """Give the only values that a word accepts; none if it accepts others."""
    if not isinstance(word, Select) or callable(word.choices) or word.accepts_others:
        return ()
    return tuple(choice.value for choice in word.choices)


_KEYWORDS: Mapping[type[Field], Mapping[str, str]] = {
    Number: {"minimum": "minimum", "maximum": "maximum"},
    Integer: {"minimum": "minimum", "maximum": "maximum"},
    Text: {"min_length": "minLength", "max_length": "maxLength"},
    Password: {"min_length": "minLength"},
    Array: {"min_items": "minItems", "max_items": "maxItems"},
    KeyValue: {"min_items": "minProperties", "max_items": "maxProperties"},
}


def _bounds(word: Field) -> Schema:
    named = next((names for kind, names in _KEYWORDS.items() if isinstance(word, kind)), {})
    return _said(
        **{keyword: getattr(word, name) for name, keyword in named.items()},
        pattern=f"^(?:{word.pattern})$" if isinstance(word, Text) and word.pattern else None,
        format="uri" if isinstance(word, Url) else None,
        uniqueItems=(isinstance(word, Array) and word.unique) or None,
        enum=list(_fixed_choices(word)),
    )


def _said_of(slot: Slot, inner: Schema) -> Schema:
    """Give what is said about a field as a whole."""
    word = slot.word
    return {
        "title": slot.label,
        **_said(description=word.help or inner.get("description")),
        **({"default": dump(slot.default)} if _is_single(slot.default) else {}),
        **({} if word.example is None else {"examples": [dump(word.example)]}),
        **({"deprecated": True} if word.deprecated else {}),
        **_said(**{"x-jackfield": _extras(slot)}),
    }


def _is_single(value: object) -> bool:
    return type(value) in (str, int, bool, datetime, date, time) or (type(value) is float and isfinite(value))


def _extras(slot: Slot) -> Schema:
    word = slot.word
    return _said(
        advanced=word.advanced or None,
        section=word.section,
        schemes=list(word.schemes) if isinstance(word, Url) and word.schemes != Url().schemes else None,
        requiredWhen=_when(word.required_when),
        shownWhen=_when(word.shown_when),
        mappable=None if word.mappable else False,
        unit=word.unit,
        multiline=(isinstance(word, Text) and word.multiline) or None,
        env=word.env,
        word=_OWN_WORDS.get(_kind_of(slot)),
        **_time_bounds(word),
        dynamic={"known": isinstance(slot.shape, Fields), **_said(dependsOn=list(word.depends_on))}
        if isinstance(word, Dynamic)
        else None,
        deprecated=word.deprecated,
        tag=slot.shape.tag if isinstance(slot.shape, Either) else None,
        choices=_offer(word) if isinstance(word, Select) else None,
        file=_allowed_files(word) if isinstance(word, Upload) else None,
    )


def _when(when: When | None) -> Schema:
    return {} if when is None else {"field": when.field, **_said(values=list(when.values))}


_OWN_WORDS: Mapping[object, str] = {ScalarKind.TIME: "Time", AnyValue: "AnyValue", Upload: "Upload"}
"""The words that the schema's own keywords do not tell from others."""


def _kind_of(slot: Slot) -> object:
    return slot.shape.kind if isinstance(slot.shape, Scalar) else type(slot.word)


def _time_bounds(word: Field) -> Schema:
    # JSON Schema has no keyword for them.
    if not isinstance(word, DateTime | Date | Time):
        return {}
    return {name: dump(getattr(word, name)) for name in ("earliest", "latest")}


def _allowed_files(word: Upload) -> Schema:
    return _said(mediaTypes=list(word.media_types), extensions=list(word.extensions), maxBytes=word.max_bytes)


def _offer(word: Select) -> Schema:
    """Say what a Select offers beyond the values that ``enum`` lists."""
    if callable(word.choices):
        return {
            "dynamic": True,
            "freeText": word.accepts_others,
            **_said(searched=word.searches or None, dependsOn=list(word.depends_on)),
        }
    labeled = any(choice.label or choice.help or choice.group for choice in word.choices)
    if not word.accepts_others and not labeled:
        return {}
    return {"freeText": word.accepts_others, "options": [_option(choice) for choice in word.choices]}


def _option(choice: Choice) -> Schema:
    return {"value": choice.value, **_said(label=choice.label, help=choice.help, group=choice.group)}


def _said(**values: object) -> Schema:
    """Keep what says something: not ``None``, and no empty text, list or object."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}


def _title(cls: type) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", cls.__name__.strip("_")).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])
