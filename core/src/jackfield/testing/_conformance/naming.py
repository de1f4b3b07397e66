"""Rules about names: ids, labels, help."""

import importlib.metadata
import re
from collections.abc import Iterator

from jackfield.connections import ConnectionType
from jackfield.forms import Form, Slot, form_of
from jackfield.host import ConnectorHandle
from jackfield.testing._conformance.places import places_in
from jackfield.testing._conformance.subject import Subject

MOST_LABEL = 60
"""Characters of a label: more do not fit into a list."""

_ODD = "is not connector.verb_noun in lower case, such as weather.get_forecast"
_ID = re.compile(r"[a-z][a-z0-9_]*\.([a-z][a-z0-9]*)(?:_[a-z0-9]+)+")


def ids(subject: Subject) -> Iterator[str]:
    """The id is ``connector.verb_noun``, and in Python the module has the name that stands behind the dot."""
    module_id = subject.handle.id
    if not _ID.fullmatch(module_id):
        yield f"the id {_ODD}"
    name = module_id.partition(".")[2]
    if subject.python_name != name:
        yield f"in {subject.python_module} it is called {subject.python_name}, not {name} as in the id"


def unusable_ids(connector: ConnectorHandle) -> Iterator[str]:
    """An entry point whose name cannot be an id is no module at all, and is told all the same."""
    for point in importlib.metadata.entry_points(group="jackfield.modules"):
        owner = point.name.partition(".")[0].strip().lower()
        is_ours = owner == connector.id or (point.dist is not None and point.dist.name == connector.distribution)
        if is_ours and point.name not in connector.module_ids and not _ID.fullmatch(point.name):
            yield f"the entry point {point.name!r} {_ODD}, so nobody sees the module"


def labels(subject: Subject) -> Iterator[str]:
    """The label of a module begins with the verb of its id; fields have labels that read as one."""
    label, verb = subject.handle.label, subject.handle.id.partition(".")[2].partition("_")[0]
    yield from _flaws_of_label("the label", label)
    if label.partition(" ")[0].lower() != verb:
        yield f"the label {label!r} does not begin with the verb of the id, {verb}"
    yield from _flaws_of_labels(subject.form)


def connection_labels(connector: ConnectorHandle) -> Iterator[str]:
    """The same for its connection types."""
    for type_id, kind in connector.connection_types.items():
        yield from _flaws_of_label(f"the label of {type_id}", kind.label)
        yield from _flaws_of_labels(form_of(kind.form), f"{type_id} ")


def _flaws_of_labels(form: Form, whose: str = "") -> Iterator[str]:
    for path, slot in places_in(form):
        yield from _flaws_of_label(f"{whose}{path}: the label", slot.label)


def _flaws_of_label(where: str, label: str) -> Iterator[str]:
    if not label:
        yield f"{where} is empty"
    elif label[0].islower():
        yield f"{where} {label!r} begins with a small letter"
    elif label[-1] in ".:!?" or label != label.strip():
        yield f"{where} {label!r} ends with a mark or a blank"
    elif len(label) > MOST_LABEL:
        yield f"{where} has {len(label)} characters, and at most {MOST_LABEL} fit into a list"


def helps(subject: Subject) -> Iterator[str]:
    """The docstring of a module says what it does; what fields say in their help are sentences."""
    yield from _flaws_of_text("the description (the function's docstring)", subject.handle.description, needed=True)
    for path, slot in places_in(subject.form):
        yield from _flaws_of_help(path, slot)


def connection_helps(connector: ConnectorHandle) -> Iterator[str]:
    """The package has a title, and a person learns where credentials are found."""
    if not connector.title or connector.title == connector.id:
        yield "the package has no docstring: its first line is the connector's title"
    for type_id, kind in connector.connection_types.items():
        yield from _flaws_of_text(f"the help of {type_id}", kind.help, needed=False)
        for path, slot in places_in(form_of(kind.form)):
            yield from _flaws_of_help(f"{type_id} {path}", slot)
            if slot.is_secret and not (slot.word.help or kind.help or _is_from_login(kind, slot)):
                yield f"{type_id} {path}: nobody is told where this is found; give it a help"


def _is_from_login(kind: ConnectionType, slot: Slot) -> bool:
    """Tell whether a login fills a field, so that nobody has to find it."""
    return kind.oauth is not None and slot.name.endswith("_token")


def _flaws_of_help(path: str, slot: Slot) -> Iterator[str]:
    yield from _flaws_of_text(f"{path}: the help", slot.word.help, needed=False)
    if slot.word.help and slot.word.help.strip(".").lower() == slot.label.lower():
        yield f"{path}: the help only repeats the label"


def _flaws_of_text(where: str, text: str, *, needed: bool) -> Iterator[str]:
    if not text:
        if needed:
            yield f"{where} is empty"
    elif text.rstrip()[-1] not in ".!?:)`":
        yield f"{where} is no sentence, with a full stop: {text.splitlines()[0]!r}"
