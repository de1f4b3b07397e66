"""A command that somebody could type, made of a form."""

import shlex
from collections.abc import Iterator, Mapping

from jackfield import Kind, ModuleHandle
from jackfield import to_json as as_json
from jackfield._cli.describe import shown_value
from jackfield._cli.output import to_json
from jackfield._filenames import usual_suffix
from jackfield.fields import Date, DateTime, Field, Integer, Number, Select, Time, Upload, Url
from jackfield.forms import AFile, Either, Fields, Fixed, Form, ListOf, Record, Scalar, ScalarKind, Slot, form_of

_URL = "https://example.com"
_DEEPEST = 8
_MOMENTS = {
    ScalarKind.DATETIME: "2026-01-31T12:00:00Z",
    ScalarKind.DATE: "2026-01-31",
    ScalarKind.TIME: "12:00:00",
}


def example_of(handle: ModuleHandle, form: Form) -> str:
    """Make a command that runs a module, or watches it if it is a trigger."""
    return example_command(handle.id, form, verb="watch" if handle.kind is Kind.TRIGGER else "run")


def example_command(module_id: str, form: Form, *, verb: str = "run") -> str:
    """Make a command that fills every required field, and those in sight that have an example."""
    return " ".join(["jackfield module", verb, module_id, *_samples(form, "")])


def _samples(form: Form, prefix: str, tag: str = "", value: object = None) -> Iterator[str]:
    for slot in _filled(form, tag, value):
        if slot.key == tag:
            yield f"{prefix}{tag}={value}"
        else:
            yield from _sample(slot, prefix + slot.key)


def _filled(form: Form, tag: str, value: object) -> list[Slot]:
    """Give what an example fills; what it fills may make more fields required."""
    values: dict[str, object] = {}
    while True:
        filled = [slot for slot in form.slots if slot.key == tag or _is_wanted(form, slot, values)]
        given = {slot.key: value if slot.key == tag else _value_for(slot) or () for slot in filled}
        if given == values:
            return filled
        values = given


def _is_wanted(form: Form, slot: Slot, values: Mapping[str, object]) -> bool:
    example = slot.word.example is not None and not slot.word.advanced
    return form.is_required(slot, values) or (example and form.is_shown(slot, values))


def _sample(slot: Slot, name: str) -> Iterator[str]:
    shape = slot.shape
    value = _value_for(slot)
    if name.count(".") > _DEEPEST:  # a form may hold itself
        return
    if value is not None:
        yield _assigned(name, value)
    elif isinstance(shape, AFile):
        yield shlex.quote(f"{name}=@{slot.key or 'file'}{_suffix(slot.word)}")
    elif isinstance(shape, Record):
        yield from _samples(form_of(shape.cls), f"{name}.")
    elif isinstance(shape, Fields):
        for inner in shape.slots:
            if inner.required or inner.word.example is not None:
                yield from _sample(inner, f"{name}.{inner.key}")
    elif isinstance(shape, ListOf):
        yield from _sample(shape.item, f"{name}.0")
    elif isinstance(shape, Either) and shape.tag:
        tag, record = next(iter(shape.tagged.items()))
        yield from _samples(form_of(record.cls), f"{name}.", shape.tag, tag)
    else:
        yield f"{name}:=@{name}.json"


def _suffix(word: Field) -> str:
    return usual_suffix(word.media_types, word.extensions) if isinstance(word, Upload) else ""


def _value_for(slot: Slot) -> object:  # noqa: PLR0911  one return for each kind reads best
    """Make up a value for a field that needs only one; ``None`` if it needs several, or JSON."""
    word, shape = slot.word, slot.shape
    if word.example is not None:
        return as_json(word.example)
    if isinstance(shape, Fixed):
        return shape.values[0]
    if isinstance(word, Select) and not callable(word.choices) and word.choices:
        return word.choices[0].value
    if isinstance(word, Number | Integer):
        return next((bound for bound in (word.minimum, word.maximum) if bound is not None), 1)
    if isinstance(shape, Scalar) and shape.kind in _MOMENTS:
        bounds = (word.earliest, word.latest) if isinstance(word, DateTime | Date | Time) else ()
        return next((as_json(bound) for bound in bounds if bound is not None), _MOMENTS[shape.kind])
    members = shape.members if isinstance(shape, Either) else (shape,)
    if not any(isinstance(member, Scalar) for member in members):
        return None
    if isinstance(word, Url):
        return _URL
    return True if shape == Scalar(ScalarKind.BOOLEAN) else slot.key.upper() or "TEXT"


def _assigned(name: str, value: object) -> str:
    if isinstance(value, str) and not value.startswith("@"):
        return shlex.quote(f"{name}={value}")
    if isinstance(value, bool):
        return f"{name}={'yes' if value else 'no'}"
    if isinstance(value, int | float):
        return f"{name}={shown_value(value)}"
    return shlex.quote(f"{name}:={to_json(value, lines=True)}")
