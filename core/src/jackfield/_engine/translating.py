"""Another product's input of a module as ours, and our bundle as theirs, as a Translation says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jackfield._engine.conversion import load_form
from jackfield._engine.foreign_values import ForeignReader, as_list, is_empty, typed_value
from jackfield.errors import InvalidInputError, Problem
from jackfield.modules import AnyModule
from jackfield.translations import To, Translated, Translation, is_expression

_CONNECTION = "__IMTCONN__"
_MISSING = object()
_NOT_SHOWN = "is a secret, which is not translated: give it where the module is run"


def translate(module: AnyModule, module_id: str, translation: Translation, mapper: Mapping[str, object]) -> Translated:
    """Give a mapper as the input of a module, with all that could not be translated."""
    return _Translator(module, module_id, translation).translated(mapper)


class _Translator:
    """Translates one mapper."""

    def __init__(self, module: AnyModule, module_id: str, translation: Translation) -> None:
        self._module = module
        self._module_id = module_id
        self._translation = translation
        self._values: dict[str, Any] = {}
        self._reader = ForeignReader()
        self._left: dict[str, object] = {}
        self._problems: list[Problem] = []
        self._notes: list[str] = []

    def translated(self, mapper: Mapping[str, object]) -> Translated:
        """Translate it."""
        for name, value in mapper.items():
            self._take(name, value)
        for path, value in self._translation.always.items():
            self._put(path, value, "")
        form = self._module.form
        found = self._reader.fields(form.slots, self._values, "$")
        for path in self._reader.secrets:
            self._problems.append(Problem(path=path, rule="secret", message=_NOT_SHOWN))
        self._check(found)
        return Translated(
            module_id=self._module_id,
            values=found,
            expressions=self._reader.expressions,
            left=self._left,
            problems=tuple(self._problems),
            notes=tuple(self._notes),
        )

    # Where each field goes.

    def _take(self, name: str, value: object) -> None:
        rule = self._translation.fields.get(name)
        if name == _CONNECTION:
            self._notes.append(f"{name}: connections are not imported; name one of yours where you run it")
        elif name == self._translation.typed and isinstance(value, list):
            for index, item in enumerate(value):
                self._take_typed(item, f"{name}[{index}]")
        elif rule is not None:
            self._put_by(rule, value, name)
        elif self._module.form.slot(name) is not None:
            self._put(name, value, name)
        elif not is_empty(value):
            self._leave(name, value, f"has no counterpart in {self._module_id}")

    def _take_typed(self, item: object, place: str) -> None:
        """Take one of the parameters that have no field there: ``{key, type, value}``."""
        if not isinstance(item, Mapping) or not isinstance(item.get("key"), str):
            self._leave(place, item, "must be an object with a key, a type and a value")
            return
        name, value = item["key"], typed_value(item.get("value"), item.get("type"))
        rule = self._translation.fields.get(name)
        if rule is not None:
            self._put_by(rule, value, place)
        elif self._module.form.slot(name) is not None:
            self._put(name, value, place)
        elif self._translation.extra:
            self._put_extra(name, value, place)
        else:
            self._leave(place, item, f"has no counterpart in {self._module_id}")

    def _put_by(self, rule: To, value: object, name: str) -> None:
        if is_empty(value):
            return
        if isinstance(value, str):
            value = rule.values.get(value, value)
        if rule.rewrite:
            value = rule.rewrite(value)
        if rule.each and not is_expression(value):
            value = [rule.each(item) if isinstance(item, Mapping) else item for item in as_list(value)]
        self._put(rule.path, value, name)

    def _put(self, path: str, value: object, name: str) -> None:
        *outer, last = path.split(".")
        place = self._values
        for part in outer:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        self._put_in(place, last, value, name)

    def _put_extra(self, name: str, value: object, place: str) -> None:
        """Put a parameter of any name, dots included, where those without a field go."""
        self._put_in(self._values.setdefault(self._translation.extra, {}), name, value, place)

    def _put_in(self, place: dict[str, Any], key: str, value: object, name: str) -> None:
        if is_empty(place.get(key)):
            place[key] = value
        elif name and not is_empty(value):  # what their module means without saying so gives way to what is said
            self._leave(name, value, f"says {key} a second time")

    def _leave(self, name: str, value: object, why: str) -> None:
        self._left[name] = value
        self._problems.append(Problem(path=f"$.{name}", rule="unknown_field", message=why))

    # Whether our module takes it.

    def _check(self, values: Mapping[str, object]) -> None:
        try:
            form: Any = load_form(self._module.signature.form, values)
        except InvalidInputError as error:
            self._problems += [problem for problem in error.problems if not self._is_unknown_yet(problem.path)]
            return
        if self._module.validate and not self._reader.expressions:
            self._problems += self._module.validate(form)

    def _is_unknown_yet(self, path: str) -> bool:
        return any(path == known or path.startswith((f"{known}.", f"{known}[")) for known in self._reader.expressions)


def translate_output(translation: Translation, bundle: Mapping[str, object]) -> dict[str, object]:
    """Give a bundle with the names that theirs has, beside ours."""
    found: dict[str, object] = dict(bundle)
    for path in translation.dates:
        when = _at(found, path)
        if isinstance(when, int | float) and not isinstance(when, bool):
            _set(found, path, datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z"))
    for theirs, ours in translation.output.items():
        outer, brackets, inner = theirs.partition("[].")
        if not brackets:
            value = _at(found, ours)
            if value is not _MISSING:
                _set(found, theirs, value)
            continue
        items = _at(found, outer)
        if isinstance(items, Sequence) and not isinstance(items, str):
            _set(found, outer, [_with(item, inner, ours.partition("[].")[2]) for item in items])
    return found


def _with(item: object, theirs: str, ours: str) -> object:
    if not isinstance(item, Mapping):
        return item
    changed: dict[str, object] = dict(item)
    value = _at(changed, ours)
    if value is not _MISSING:
        changed.setdefault(theirs, value)
    return changed


def _at(bundle: Mapping[str, object], path: str) -> object:
    value: object = bundle
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _set(bundle: dict[str, object], path: str, value: object) -> None:
    """Set a value; objects on the way are copied, since the bundle is somebody else's."""
    *outer, last = path.split(".")
    for part in outer:
        inner = bundle.get(part)
        copied = dict(inner) if isinstance(inner, Mapping) else {}
        bundle[part] = copied
        bundle = copied
    bundle[last] = value
