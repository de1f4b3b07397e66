"""``module run`` on a terminal: what is required and was not given is asked for, field by field."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jackfield import Cancellation, Choice, Host, ModuleHandle
from jackfield import to_json as as_json
from jackfield._cli.answers import LEFT_OUT, Answers, Path, name_of, only
from jackfield._cli.attend import attend
from jackfield._cli.describe import first_sentence, shown_value, type_words
from jackfield._cli.output import to_json
from jackfield._cli.prompts import ask, confirm, matching, picked, show_menu, tell
from jackfield._cli.terminal import say
from jackfield._cli.wishes import RunWishes, WatchWishes
from jackfield._engine.conversion import load_field
from jackfield.fields import Select
from jackfield.forms import Anything, Either, Fixed, Form, ListOf, MapOf, Record, Scalar, Shape, Slot, form_of

_FormFor = Callable[[Mapping[str, object]], Form]


def complete(
    host: Host,
    handle: ModuleHandle,
    values: Mapping[str, object],
    arguments: Sequence[str],
    wishes: RunWishes | WatchWishes,
) -> dict[str, object]:
    """Ask for what is missing in the input of a module, and tell which command would have said it all.

    Args:
        host: Where choices are asked for.
        handle: The module.
        values: What was given.
        arguments: The same, as it was typed.
        wishes: How it is to run.

    Raises:
        click.Abort: The input ended before everything was answered.
        NoConnectionError: A field's choices need a connection, and there is none, so that the run would fail too.
        CredentialsError: The same with credentials that are wrong.
    """

    def offer(field: str, query: str) -> Sequence[Choice]:
        cancellation = Cancellation()
        options: dict[str, Any] = {
            "connection": wishes.connection,
            "cancellation": cancellation,
            "values": asker.known,
            "confidential": wishes.confidential,
        }
        return attend(lambda _: host.choices(handle.id, field, query=query, **options), lambda _: None, cancellation)

    answers = Answers(offer)
    asker = Asker(handle.id, answers, optional=wishes.ask is True)
    completed = asker.filled(handle.form_for, values, ())
    if answers.arguments and not wishes.confidential:
        parts = ["jackfield", "module", wishes.verb, handle.id, *arguments, *answers.arguments, *wishes.as_options()]
        say(f"\nThe same without questions:\n  {shlex.join(parts)}\n")
    return completed


class Asker:
    """Walks over a form, and asks for fields.

    Args:
        subject: What they are for.
        answers: Asks for single values.
        optional: Whether fields that may be left out are asked for too, unless they are advanced.

    Attributes:
        known: What is filled in so far, which may decide what other fields offer.
    """

    def __init__(self, subject: str, answers: Answers, *, optional: bool) -> None:
        self._subject = subject
        self._answers = answers
        self._optional = optional
        self._begun = False
        self.known: Mapping[str, object] = {}

    def filled(self, form_for: _FormFor, given: Mapping[str, object], path: Path) -> dict[str, object]:
        """Ask for what is missing in an object, whose form may change with what is filled in."""
        values = dict(given)
        if not path:
            self.known = values
        seen: set[str] = set()
        while True:
            form = form_for(values)
            slot = next((slot for slot in form.slots if slot.key not in seen), None)
            if slot is None:
                return values
            seen.add(slot.key)
            if slot.key in values:
                values[slot.key] = self._mended(slot.shape, values[slot.key], (*path, slot.key))
            elif self._is_wanted(form, slot, values):
                required = form.is_required(slot, values)
                answer = self._answer(slot, (*path, slot.key), required=required)
                if answer is not LEFT_OUT:
                    values[slot.key] = answer

    def _is_wanted(self, form: Form, slot: Slot, values: Mapping[str, object]) -> bool:
        if form.is_required(slot, values):
            return True
        in_sight = self._optional and not slot.word.advanced and not slot.word.deprecated
        return in_sight and form.is_shown(slot, values)

    def _mended(self, shape: Shape, value: object, path: Path) -> object:
        """Ask for what is missing inside of what was given."""
        if isinstance(value, list) and isinstance(shape, ListOf):
            return [self._mended(shape.item.shape, item, (*path, str(at))) for at, item in enumerate(value)]
        cls = _class_of(shape, value)
        return self._object(cls, value, path) if cls is not None and isinstance(value, Mapping) else value

    def _object(self, cls: type, given: Mapping[str, object], path: Path) -> dict[str, object]:
        form = form_of(cls)
        return self.filled(lambda _: form, given, path)

    def _answer(self, slot: Slot, path: Path, *, required: bool, title: str = "") -> Any:
        """Ask for one field, unless there is but one answer."""
        if required and isinstance(slot.shape, Fixed) and len(slot.shape.values) == 1:
            self._answers.keep(path, "=", shown_value(slot.shape.values[0]))
            return slot.shape.values[0]
        self._introduce(slot, title or slot.label, required=required)
        return self._value(slot, path, required=required)

    def _introduce(self, slot: Slot, title: str, *, required: bool) -> None:
        if not self._begun:
            self._begun = True
            tell(f"{self._subject} needs more to run. An answer may be @FILE, for the text of a file; Ctrl-C stops.")
        menu = isinstance(slot.word, Select) or isinstance(slot.shape, Fixed | Either | Record)
        facts = [*([] if menu else [type_words(slot)]), *([] if required else ["Enter leaves it out"])]
        tell(f"\n{title} ({'; '.join(facts)})" if facts else f"\n{title}")
        if slot.word.help:
            tell(slot.word.help)
        if slot.word.example is not None:
            tell(f"For example: {shown_value(slot.word.example)}")
        if slot.default is not None:
            tell(f"Without an answer: {shown_value(slot.default)}")

    def _value(self, slot: Slot, path: Path, *, required: bool) -> Any:
        shape = slot.shape
        if isinstance(shape, ListOf):
            return self._list(slot, shape, path, required=required)
        if isinstance(shape, MapOf) and not isinstance(shape.value.shape, Anything):
            return self._map(slot, shape, path, required=required)
        if isinstance(shape, Record):
            return self._object(shape.cls, {}, path) if required or confirm(f"Fill in {name_of(path)}?") else LEFT_OUT
        if isinstance(shape, Either) and not all(isinstance(member, Scalar | Fixed) for member in shape.members):
            return self._either(shape, path, required=required)
        if isinstance(slot.word, Select) or isinstance(shape, Fixed):
            return self._answers.chosen(slot, path, required=required)
        return self._answers.typed(slot, path, required=required)

    def _either(self, shape: Either, path: Path, *, required: bool) -> Any:
        plain = [option for option in shape.options if not (shape.tag and isinstance(option.shape, Record))]
        kinds = [Choice(value=type_words(option)) for option in plain]
        kinds += [_variant(tag, record) for tag, record in shape.tagged.items()]
        show_menu(kinds)
        while True:
            text = ask(f"{name_of(path)}: which of these (number or name)")
            if not text and not required:
                return LEFT_OUT
            kind = picked(text, kinds) or (only(matching(text, kinds)) if text else None)
            if kind is not None:
                number = kinds.index(kind)
                if number < len(plain):
                    return self._value(plain[number], path, required=True)
                return self._tagged(shape, number - len(plain), path)
            tell(f"Please answer with a number from 1 to {len(kinds)}.")

    def _tagged(self, shape: Either, number: int, path: Path) -> dict[str, object]:
        tag, record = list(shape.tagged.items())[number]
        self._answers.keep((*path, shape.tag), "=", shown_value(tag))
        return self._object(record.cls, {shape.tag: tag}, path)

    def _list(self, slot: Slot, shape: ListOf, path: Path, *, required: bool) -> Any:
        least = _bound(slot, "min_items") or 0
        items: list[object] = []
        while len(items) != _bound(slot, "max_items"):
            enough = len(items) >= least or not (required or items)
            item = self._item(shape.item, (*path, str(len(items))), enough=enough)
            if item is LEFT_OUT:
                break
            items.append(item)
        if not items and not required:
            return LEFT_OUT
        if not items:
            self._answers.keep(path, ":=", "[]")
        return items

    def _item(self, slot: Slot, path: Path, *, enough: bool) -> Any:
        """Ask for an item of a list, or whether there is one more."""
        title = name_of(path)
        if isinstance(slot.shape, Scalar) and not isinstance(slot.word, Select):
            prompt = f"{title}, Enter to end" if enough else title
            return self._answers.typed(slot, path, required=not enough, prompt=prompt)
        if enough and not confirm(f"Add {title}?"):
            return LEFT_OUT
        return self._answer(slot, path, required=True, title=title)

    def _map(self, slot: Slot, shape: MapOf, path: Path, *, required: bool) -> Any:
        entries: dict[str, object] = {}
        while True:
            name = ask(f"{name_of(path)}: a name, Enter to end")
            enough = len(entries) >= (_bound(slot, "min_items") or 0) or not (required or entries)
            if not name and enough:
                break
            if not name:
                tell(f"It must have at least {_bound(slot, 'min_items')}.")
                continue
            value = self._answers.typed(shape.value, (*path, name), required=True, prompt=name)
            self._answers.arguments.pop()  # a name may have a dot in it: the map is told as a whole
            entries[name] = as_json(load_field(shape.value, value))
        if not entries and not required:
            return LEFT_OUT
        self._answers.keep(path, ":=", to_json(entries, lines=True))
        return entries


def _bound(slot: Slot, name: str) -> int | None:
    found: int | None = getattr(slot.word, name, None)
    return found


def _variant(tag: object, record: Record) -> Choice:
    return Choice(value=str(tag), help=first_sentence(form_of(record.cls).description))


def _class_of(shape: Shape, value: object) -> type | None:
    """Give the class that a given object is to fill; ``None`` if that is not certain."""
    if isinstance(shape, Record):
        return shape.cls
    if not isinstance(shape, Either) or not isinstance(value, Mapping):
        return None
    if shape.tag:
        found = {str(tag): record for tag, record in shape.tagged.items()}.get(str(value.get(shape.tag)))
        return found.cls if found else None
    return next((member.cls for member in shape.members if isinstance(member, Record)), None)
