"""From JSON values to the classes that declare them, and back: checked, with every problem named by its path.

The only file that knows cattrs, which writes the code that fills each class and keeps going after a mistake. What
single values, lists, unions and words mean is ours (``composition`` and the files it stands on): cattrs alone turns
``123`` into ``"123"`` for a text, and knows neither bounds nor tags.

There are three ways to read: what a caller gave, what a service answered, and typed objects that somebody made in
Python (``typed``). The code for a class is made when the first value for it comes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import attrs
from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn_from_attrs, override

from jackfield import _json
from jackfield._engine.anyjson import json_reader
from jackfield._engine.coercion import Read
from jackfield._engine.composition import Readers, Records, typed_object
from jackfield._engine.conditions import Conditions
from jackfield._engine.dumping import dump, dump_masked
from jackfield._engine.examples import check_all_examples, check_own_examples
from jackfield._engine.intake import with_files
from jackfield._engine.problems import WrongValueError, counted, describe, refuse_type, step, under, unknown_field
from jackfield._engine.typed import TYPED
from jackfield.errors import AnswerError, InvalidInputError, Problem, listed
from jackfield.fields import FromText
from jackfield.files import File
from jackfield.forms import Anything, Form, Slot, form_of, is_recursive, slot_of

__all__ = ["CODEC", "check_examples", "check_output", "dump", "load_field", "load_form", "load_output"]

T = TypeVar("T")

_MOST_LEVELS = 100
"""How deep a value may be whose class holds itself. Each level of classes takes four calls, and Python allows 1000."""

_TOO_DEEP = [Problem(path="", rule="depth", message=f"is nested deeper than {_MOST_LEVELS} levels")]


def load_form(cls: type[T], value: object, *, subject: str = "") -> T:
    """Read what a caller gave as a form.

    Args:
        cls: The attrs class of the form.
        value: A mapping, or an instance of the class, which is checked and given back as it is. Types are strict,
            except in texts of type FromText.
        subject: What an error is about: ``openai.create_chat_completion``.

    Raises:
        InvalidInputError: Something is wrong; all that is wrong is in it, in the order of the form.
        PluginError: The class cannot be a form.
    """
    problems: Sequence[Problem] = _TOO_DEEP
    try:
        if not _is_too_deep(cls, value):
            return _INPUT.read(cls, value)  # type: ignore[no-any-return]
    except WrongValueError as error:
        problems = error.problems
    except RecursionError:  # the value is deep in a way that is not JSON, or the caller's own stack was nearly used up
        pass
    # Not inside ``except``: an error that travels on must not hold on to the value by the one it was made of.
    raise InvalidInputError(under("$", problems), subject=subject)


def load_field(slot: Slot, value: object, *, path: str = "$", subject: str = "") -> Any:
    """Read what a caller gave for one field of a form.

    Args:
        slot: The field.
        value: As ``load_form`` takes it for this field.
        path: Where it is, for the error.
        subject: As in ``load_form``.

    Raises:
        InvalidInputError: Something is wrong with it.
    """
    try:
        return _INPUT_READERS.of(slot)(value)
    except WrongValueError as error:
        problems = error.problems
    raise InvalidInputError(under(path, problems), subject=subject)


def _is_too_deep(cls: type, value: object) -> bool:
    # Only a class that holds itself lets values be deep; places for any JSON count for themselves.
    return is_recursive(cls) and _json.is_deeper(value, _MOST_LEVELS)


def load_output(cls: type[T], value: object, *, request_id: str = "") -> T:
    """Read what a service answered as a class, or as any type that may stand in a form (``list[Model]``).

    Keys that the class does not declare go into its ``Rest``, or are ignored.

    Args:
        cls: The class.
        value: JSON values, as ``_json.parse`` gives them.
        request_id: The service's own name for the answer.

    Raises:
        AnswerError: Something is not as declared; all of it is named.
    """
    problems: Sequence[Problem] = _TOO_DEEP
    try:
        return _read_answer(cls, value)  # type: ignore[no-any-return]
    except WrongValueError as error:
        problems = error.problems
    except RecursionError:
        pass
    what = f"The answer is not what {_name_of(cls)} declares"
    raise _undeclared(what, problems, request_id)


def read_values(form: Form, names: Sequence[str], values: Mapping[str, object]) -> dict[str, object]:
    """Read some fields of an input that is not whole yet, as JSON; what is not given has its default, or is not there.

    A secret that is set is ``***``: plugins that narrow forms get these values.

    Raises:
        InvalidInputError: A value is wrong.
    """
    problems: list[Problem] = []
    found: dict[str, object] = {}
    for slot in (slot for slot in form.slots if slot.key in names):
        try:
            given = values.get(slot.key)
            held = slot.default if given is None else read_slot(slot, given)
        except InvalidInputError as error:
            problems += error.problems
        else:
            found.update({slot.key: dump_masked(held)} if held is not None else {})
    if problems:
        raise InvalidInputError(problems)
    return found


def read_slot(slot: Slot, value: object) -> object:
    """Read what a caller gave for one field.

    Raises:
        InvalidInputError: It is wrong.
    """
    try:
        return _INPUT_READERS.of(slot)(value)
    except WrongValueError as error:
        problems = under(f"${step(slot.key)}", error.problems)
    raise InvalidInputError(problems)


def check_output(cls: type, value: object, *, request_id: str = "") -> None:
    """Check what a module returned: an instance of the class, and every attribute of its declared type.

    Raises:
        AnswerError: It is not; names all that is wrong.
    """
    problems: Sequence[Problem] = _TOO_DEEP
    try:
        TYPED.read(cls, value)
    except WrongValueError as error:
        problems = error.problems
    except RecursionError:
        pass
    else:
        return
    what = f"The module returned {describe(value)}, which is not what {cls.__name__} declares"
    raise _undeclared(what, problems, request_id)


def _undeclared(what: str, problems: Sequence[Problem], request_id: str) -> AnswerError:
    found = under("$", problems)
    message = "\n".join([f"{what}: {counted(len(found), 'problem')}", *listed(found)])
    return AnswerError(message, problems=found, request_id=request_id)


def _name_of(kind: Any) -> str:
    return kind.__name__ if attrs.has(kind) else str(kind)


_FILE = Problem(path="$", rule="file", message="is a file: send it by files=[...], or what file.read() gives")


def _refuse_file(_: File) -> File:
    raise WrongValueError([attrs.evolve(_FILE, path="")])


class _Codec:
    """What the transport's client needs to take and give typed values."""

    def dump(self, value: object) -> object:
        """Turn a value into JSON values; a file has none for a service, which could not follow the reference.

        Raises:
            InvalidInputError: There is a file in it.
        """
        kind: type = type(value)
        if kind is File:
            raise InvalidInputError([_FILE])
        if attrs.has(kind):
            try:
                with_files(value, _refuse_file)
            except WrongValueError as error:
                raise InvalidInputError(error.problems) from None
        return dump(value)

    def load(self, value: object, kind: type[T], *, request_id: str = "") -> T:
        """Read JSON values as a class."""
        return load_output(kind, value, request_id=request_id)


CODEC = _Codec()


# The code for a class.

_OBJECTS = (dict, Mapping)
"""The first is nearly always right, and asked about much faster than an abstract class."""

_REST = " the rest "
"""The key under which undeclared keys come to the attribute that takes them; no service says it."""


class _Filler:
    """Fills one class from a mapping, by code that cattrs writes for it.

    ``closed`` is for what a caller gave: a key that the class does not declare is a problem there, and null says "leave
    it out".
    """

    def __init__(self, form: Form, readers: Mapping[str, Read], read_rest: Read, *, closed: bool) -> None:
        self._form = form
        self._closed = closed
        self._declared = frozenset(readers)
        by_name = {slot.name: (slot.key, readers[slot.key]) for slot in form.slots}
        if form.rest:
            by_name[form.rest] = (_REST, read_rest)
        given = [attribute for attribute in attrs.fields(form.cls) if attribute.name in by_name]
        self._keys = [by_name[attribute.name][0] for attribute in given]
        # Under other names: cattrs takes what it shall know of an attribute as keyword arguments beside its own, and a
        # service may well have a field called ``converter``. Types are not looked at: every attribute has a reader.
        options: dict[str, Any] = {
            f"at_{index}": override(rename=by_name[attribute.name][0], struct_hook=by_name[attribute.name][1])
            for index, attribute in enumerate(given)
        }
        self._structure: Read = make_dict_structure_fn_from_attrs(
            [each.evolve(name=f"at_{index}", alias=each.alias, type=object) for index, each in enumerate(given)],
            form.cls,
            _converter(),
            _cattrs_forbid_extra_keys=closed and not form.rest,
            _cattrs_use_linecache=False,
            _cattrs_detailed_validation=True,
            **options,
        )

    def fill(self, value: Mapping[str, object]) -> object:
        """Make an instance."""
        found = self._with_rest(value) if self._form.rest else value
        try:
            return self._structure(found, self._form.cls)
        except ClassValidationError as error:
            problems = self._problems(error, found)
        raise WrongValueError(problems)

    def _with_rest(self, value: Mapping[str, object]) -> dict[str, object]:
        found = {key: item for key, item in value.items() if key in self._declared}
        found[_REST] = {key: item for key, item in value.items() if key not in self._declared}
        return found

    def _problems(self, error: ClassValidationError, value: Mapping[str, object]) -> list[Problem]:
        """Turn what cattrs collected into problems, in the order of the form."""
        noted, others = error.group_exceptions()
        found: list[Problem] = []
        for cause, note in noted:
            found += self._problems_at(self._keys[int(note.name.removeprefix("at_"))], cause, value)
        for cause in others:
            found += self._problems_of_all(cause, value)
        return found

    def _problems_at(self, key: str, cause: Exception, value: Mapping[str, object]) -> list[Problem]:
        if isinstance(cause, KeyError):
            return [Problem(path=step(key), rule="required", message="is required")]
        if not isinstance(cause, WrongValueError):
            raise cause
        if self._closed and value[key] is None:
            slot = self._form.slot(key)
            way_out = "" if slot is None or slot.required else "; leave it out"
            return [Problem(path=step(key), rule="type", message=f"must not be null{way_out}")]
        return under("" if key == _REST else step(key), cause.problems)

    def _problems_of_all(self, cause: Exception, value: Mapping[str, object]) -> list[Problem]:
        """Turn a failure that is not about one attribute into problems: unknown keys, or a rule of the class itself."""
        if isinstance(cause, ForbiddenExtraKeysError):
            known = [slot.key for slot in self._form.slots]
            return [unknown_field(key, known) for key in value if key in cause.extra_fields]
        if isinstance(cause, InvalidInputError):
            return [attrs.evolve(problem, path=problem.path.removeprefix("$")) for problem in cause.problems]
        if isinstance(cause, ValueError):
            # Not its text: attrs' own validators put the value there.
            return [Problem(path="", rule="check", message=f"breaks a rule of {self._form.cls.__name__}")]
        raise cause


@cache
def _converter() -> Converter:
    return Converter()


@cache
def check_examples(cls: type) -> None:
    """Have a form, and the forms in it, shown with examples that they accept.

    Raises:
        PluginError: An example breaks the field that shows it.
    """
    check_all_examples(form_of(cls), _INPUT_READERS.of)


def _read_input(cls: type) -> Read:
    form = form_of(cls)
    check_own_examples(form, _INPUT_READERS.of)
    readers = {slot.key: _INPUT_READERS.of(slot) for slot in form.slots}
    fill = _Filler(form, readers, _INPUT_READERS.of_rest(), closed=True).fill
    # Optional means absent: null for one of these is as if it were not there.
    may_be_null = {
        slot.key for slot in form.slots if not slot.required and (slot.nullable or isinstance(slot.shape, Anything))
    }

    conditions = Conditions(form)

    def fill_if(given: Mapping[str, object]) -> object:
        problems = conditions.of_json(given, readers)
        try:
            found = fill(given)
        except WrongValueError as error:
            problems = conditions.in_order([*error.problems, *problems])
        if problems:
            raise WrongValueError(problems)
        return found

    fill_all = fill if conditions.none else fill_if

    def read(value: object, _: object = None) -> object:
        if isinstance(value, cls):
            return TYPED.read(cls, value)
        given = typed_object(value) if isinstance(value, FromText) else value
        if not isinstance(given, _OBJECTS):
            refuse_type("an object", given)
        for item in given.values():
            if item is None:
                given = {key: item for key, item in given.items() if item is not None or key not in may_be_null}
                break
        return fill_all(given)

    return read


def _read_output(cls: type) -> Read:
    form = form_of(cls)
    readers = {slot.key: _OUTPUT_READERS.nullable(slot) for slot in form.slots}
    fill = _Filler(form, readers, _OUTPUT_READERS.of_rest(), closed=False).fill

    def read(value: object, _: object = None) -> object:
        if not isinstance(value, _OBJECTS):
            refuse_type("an object", value)
        return fill(value)

    return read


_INPUT = Records(_read_input)
_INPUT_READERS = Readers(records=_INPUT, json=json_reader(lenient=True), lenient=True, named_files=True)

_OUTPUT = Records(_read_output)
_OUTPUT_READERS = Readers(records=_OUTPUT, json=lambda value, _=None: value, lenient=False)


def _read_answer(kind: Any, value: object) -> Any:
    return _output_reader(kind)(value)


@cache
def _output_reader(kind: Any) -> Read:
    if attrs.has(kind):
        return _OUTPUT.reader(kind)
    return _OUTPUT_READERS.nullable(slot_of(kind, _name_of(kind)))
