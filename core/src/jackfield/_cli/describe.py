"""The fields of a form in words, for people at a terminal."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import NamedTuple

from jackfield import to_json as as_json
from jackfield._cli.output import to_json
from jackfield._conditions import spell_when
from jackfield._engine.paths import declared_choices
from jackfield.fields import (
    AnyValue,
    Array,
    Choice,
    Date,
    DateTime,
    Dynamic,
    KeyValue,
    Select,
    Text,
    Time,
    Upload,
    Url,
)
from jackfield.forms import (
    AFile,
    Anything,
    Either,
    Fields,
    Fixed,
    Form,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Shape,
    Slot,
    form_of,
)

_MOST_CHOICES = 12
_SCALARS = {
    ScalarKind.TEXT: "text",
    ScalarKind.SECRET: "secret",
    ScalarKind.NUMBER: "number",
    ScalarKind.INTEGER: "whole number",
    ScalarKind.BOOLEAN: "yes or no",
    ScalarKind.DATETIME: "date and time",
    ScalarKind.DATE: "date",
    ScalarKind.TIME: "time",
}


class FieldRow(NamedTuple):
    """One line of a table of fields.

    Attributes:
        name: As in JSON, indented where it is nested; ``role = user`` heads the fields of a variant.
        type: What it holds, with bounds and unit.
        needed: ``required``, ``required if method is edit``, ``advanced``, or nothing.
        meaning: Label, help, default and example.
        heading: Whether it heads the fields of a section, and is none itself.
    """

    name: str
    type: str
    needed: str
    meaning: str
    heading: bool = False


class FieldTable:
    """The fields of a form as rows, nested ones below their owner.

    Args:
        form: Whose fields.
        advanced: Whether advanced fields are among them.
        levels: How many levels of nested fields are.
    """

    def __init__(self, form: Form, *, advanced: bool, levels: int) -> None:
        self._advanced = advanced
        self._levels = levels
        self._described: set[type] = set()
        self.left_out = 0
        self.rows = [*self._fields(form, 0)]

    def _fields(self, form: Form, depth: int, tag: str = "") -> Iterator[FieldRow]:
        self._described.add(form.cls)
        yield from self._slots([slot for slot in form.slots if slot.key != tag], depth)

    def _slots(self, slots: Sequence[Slot], depth: int) -> Iterator[FieldRow]:
        for section in dict.fromkeys(["", *(slot.word.section for slot in slots)]):
            together = [slot for slot in slots if slot.word.section == section]
            shown = [slot for slot in together if self._advanced or not slot.word.advanced]
            self.left_out += len(together) - len(shown)
            if section and shown:
                yield FieldRow(_indented(section, depth), "", "", "", heading=True)
            for slot in shown:
                yield FieldRow(_indented(slot.key, depth), type_words(slot), _needed(slot), _meaning(slot))
                yield from self._nested(slot.shape, depth + 1)

    def _nested(self, shape: Shape, depth: int, tag: str = "") -> Iterator[FieldRow]:
        if isinstance(shape, ListOf):
            yield from self._nested(shape.item.shape, depth)
        elif isinstance(shape, MapOf):
            yield from self._nested(shape.value.shape, depth)
        elif isinstance(shape, Fields):
            yield from self._slots(shape.slots, depth)
        elif isinstance(shape, Record):
            yield from self._record(form_of(shape.cls), depth, tag)
        elif isinstance(shape, Either):
            for value, record in shape.tagged.items():
                about = first_sentence(form_of(record.cls).description)
                yield FieldRow(_indented(f"{shape.tag} = {value}", depth), "", "", about)
                yield from self._nested(record, depth + 1, shape.tag)
            for member in shape.members:
                if not (isinstance(member, Record) and shape.tag):
                    yield from self._nested(member, depth)

    def _record(self, form: Form, depth: int, tag: str) -> Iterator[FieldRow]:
        if depth > self._levels:
            self.left_out += len(form.slots)
        elif form.cls in self._described and len(form.slots) > bool(tag):
            yield FieldRow(_indented("...", depth), "", "", "As above.")
        else:
            yield from self._fields(form, depth, tag)


def _indented(name: str, depth: int) -> str:
    # The dot keeps the indent visible where a table folds a line.
    return "  " * (depth - 1) + ". " + name if depth else name


def _needed(slot: Slot) -> str:
    word = slot.word
    said = ["required"] * slot.required
    if word.required_when:
        said.append(f"required if {spell_when(word.required_when)}")
    if word.shown_when and word.shown_when != word.required_when:
        said.append(f"only if {spell_when(word.shown_when)}")
    elif word.shown_when:
        said[-1] = said[-1].replace("required if", "required if, and only if,")
    return ", ".join(said or ["advanced"] * word.advanced)


def _meaning(slot: Slot) -> str:
    parts = [f"{slot.word.label}."] if slot.word.label else []
    if slot.word.help:
        parts.append(slot.word.help)
    if slot.default is not None:
        parts.append(f"Default: {shown_value(slot.default)}.")
    if slot.word.deprecated:
        parts.append(f"Deprecated: {slot.word.deprecated}")
    if slot.word.example is not None:
        parts.append(f"Example: {shown_value(slot.word.example)}")
    return " ".join(parts)


def shown_value(value: object) -> str:
    """Write a value as a person would."""
    if isinstance(value, str):
        return value or '""'
    try:
        plain = as_json(value)
        return plain if isinstance(plain, str) else to_json(plain, lines=True)
    except TypeError:  # a default may be an object of the form's own classes
        return str(value)


def first_sentence(text: str) -> str:
    """Give the first paragraph of a docstring on one line."""
    return " ".join(text.partition("\n\n")[0].split())


def type_words(slot: Slot) -> str:
    """Say what a field holds, with bounds and unit."""
    words = [_kind_words(slot), *_bounds(slot)]
    if slot.word.unit:
        words.append(slot.word.unit)
    return ", ".join(words)


def _kind_words(slot: Slot) -> str:
    if isinstance(slot.word, AnyValue):
        return "any value"
    return _one_of(declared_choices(slot)) if isinstance(slot.shape, Fixed) else _shape_words(slot.shape)


def _shape_words(shape: Shape) -> str:
    if isinstance(shape, Scalar):
        return _SCALARS[shape.kind]
    if isinstance(shape, Fixed):
        return _one_of([Choice(value=value) for value in shape.values])
    if isinstance(shape, ListOf):
        return f"list of {type_words(shape.item)}"
    if isinstance(shape, MapOf):
        return "any JSON object" if isinstance(shape.value.shape, Anything) else f"{type_words(shape.value)}, by name"
    if isinstance(shape, Either):
        plain = [_shape_words(member) for member in shape.members if not isinstance(member, Record)]
        objects = [f"object by {shape.tag}"] if shape.tag else ["object"] * (len(plain) < len(shape.members))
        return " or ".join([*plain, *objects])
    return {Anything: "any JSON", AFile: "file"}.get(type(shape), "object")


def _one_of(choices: Sequence[Choice]) -> str:
    grouped: dict[str, list[str]] = {}
    for choice in choices[:_MOST_CHOICES]:
        grouped.setdefault(choice.group, []).append(str(choice.value))
    if len(choices) > _MOST_CHOICES:
        grouped[choices[_MOST_CHOICES - 1].group].append("...")
    groups = [f"{group}: " * bool(group) + " | ".join(values) for group, values in grouped.items()]
    return f"one of {'; '.join(groups)}"


_RANGES = (("minimum", "maximum", ""), ("min_length", "max_length", "character"), ("min_items", "max_items", "item"))


def _bounds(slot: Slot) -> Iterator[str]:
    word = slot.word
    for least, most, noun in _RANGES:
        counts = "entry" if isinstance(word, KeyValue) else noun
        yield from _range(getattr(word, least, None), getattr(word, most, None), counts)
    if isinstance(word, Text) and word.pattern:
        yield word.pattern_help or f"of the pattern {word.pattern}"
    elif isinstance(word, DateTime | Date | Time):
        yield from _span(word.earliest, word.latest)
    elif isinstance(word, Array) and word.unique:
        yield "none twice"
    elif isinstance(word, Dynamic) and not isinstance(slot.shape, Fields):
        yield "with fields that module show --connection shows"
    elif isinstance(word, Upload):
        yield from _files(word)
    elif isinstance(word, Url):
        yield f"{' or '.join(word.schemes)} URL"
    elif isinstance(word, Select) and not isinstance(slot.shape, Fixed):
        yield from _offer(word)


def _files(word: Upload) -> Iterator[str]:
    for allowed in (word.media_types, word.extensions):
        if allowed:
            yield " or ".join(allowed)
    if word.max_bytes is not None:
        yield f"at most {spell_size(word.max_bytes)}"


def spell_size(size: int) -> str:
    """Write a size in bytes as a person would: ``1.5 MB``; a kilobyte has 1000 bytes."""
    for unit, factor in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}" if size < 1000 * factor else f"{size / factor:,.0f} {unit}"
    return _counted(size, "byte")


def _offer(word: Select) -> Iterator[str]:
    if callable(word.choices):
        yield f"see module choices (by {' and '.join(word.depends_on)})" if word.depends_on else "see module choices"
    else:
        yield _one_of(word.choices)
        if word.accepts_others:
            yield "or another"


def _range(least: float | None, most: float | None, noun: str) -> Iterator[str]:
    if least is not None and most is not None:
        yield f"{least:,} to {_counted(most, noun)}" if least != most else f"exactly {_counted(least, noun)}"
    elif least is not None:
        yield f"at least {_counted(least, noun)}"
    elif most is not None:
        yield f"at most {_counted(most, noun)}"


def _span(earliest: date | time | None, latest: date | time | None) -> Iterator[str]:
    if earliest is not None:
        yield f"from {shown_value(earliest)}"
    if latest is not None:
        yield f"until {shown_value(latest)}"


def _counted(number: float, noun: str) -> str:
    if not noun:
        return f"{number:,}"
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else several}"
