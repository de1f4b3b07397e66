"""Inputs that were saved: a form in JSON that says of which module, and of which version of it.

A form changes over the years. What was saved for an older one is brought to the present by the module's own functions,
one version after the other.
"""

import copy
from collections.abc import Mapping
from typing import Any, TypeGuard

from jackfield.errors import InvalidInputError, PluginError, Problem
from jackfield.forms import Either, Form, ListOf, MapOf, Record, Scalar, ScalarKind, Shape, form_of
from jackfield.modules import AnyModule
from jackfield.secrets import Secret

_OBJECTS = (dict, Mapping)
"""The first is nearly always right, and asked about much faster than an abstract class."""

_SECRET: Any = object()
"""Stands for what is left out."""

MODULE, VERSION = "$module", "$version"
"""The two keys beside the fields of a form by which it says what it is; no field has a name with ``$``."""


def is_saved(given: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether an input says what it is."""
    return isinstance(given, _OBJECTS) and (VERSION in given or MODULE in given)


def saved_form(module: AnyModule, module_id: str, form: Mapping[str, object]) -> dict[str, object]:
    """Have a form in JSON say what it is; its secrets are left out, since it is to lie in a file."""
    return {MODULE: module_id, VERSION: module.version, **without_secrets(module.form, form)[0]}


def without_secrets(form: Form, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Give values in JSON without what stands in places for secrets, and the paths of these places."""
    left_out: list[str] = []
    slots = {slot.key: slot for slot in form.slots}
    kept = {}
    for key, value in values.items():
        found = _kept(slots[key].shape, value, key, left_out) if key in slots else value
        if found is not _SECRET:
            kept[key] = found
    return kept, left_out


def _kept(shape: Shape, value: Any, path: str, left_out: list[str]) -> Any:
    if _is_secret(shape) and isinstance(value, str | Secret):
        left_out.append(path)
        return _SECRET
    if isinstance(value, Mapping):
        records = _records(shape, value)
        for cls in records:
            value, more = without_secrets(form_of(cls), value)
            left_out += [f"{path}.{name}" for name in more]
        inner = shape.value.shape if isinstance(shape, MapOf) else None
        kept = {key: _kept(inner, item, f"{path}.{key}", left_out) if inner else item for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not _SECRET}
    if isinstance(value, list | tuple) and (inner := _item_of(shape)) is not None:
        items = [_kept(inner, item, f"{path}.{at}", left_out) for at, item in enumerate(value)]
        return [item for item in items if item is not _SECRET]
    return value


def _is_secret(shape: Shape) -> bool:
    if isinstance(shape, Either):
        return any(map(_is_secret, shape.members))
    return shape == Scalar(ScalarKind.SECRET)


def _records(shape: Shape, value: Mapping[str, Any]) -> list[type]:
    """Give the classes that an object may be of; by its tag, if it has one that is known."""
    if isinstance(shape, Record):
        return [shape.cls]
    if not isinstance(shape, Either):
        return []
    tagged = {str(tag): record.cls for tag, record in shape.tagged.items()} if shape.tag else {}
    chosen = tagged.get(str(value.get(shape.tag)))
    return [chosen] if chosen else [member.cls for member in shape.members if isinstance(member, Record)]


def _item_of(shape: Shape) -> Shape | None:
    if isinstance(shape, Either):
        return next((found for member in shape.members if (found := _item_of(member)) is not None), None)
    return shape.item.shape if isinstance(shape, ListOf) else None


def current_form(module: AnyModule, module_id: str, saved: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Give the form that a saved input means today.

    Args:
        module: Which is to run with it.
        module_id: Its id.
        saved: What ``saved_form`` gave, perhaps years ago. It is not changed.

    Returns:
        The form, which nobody has checked, and what the user should know of it; empty if it was up to date.

    Raises:
        InvalidInputError: It is of another module, or of a version that this module knows nothing of.
        PluginError: A function of the module that is to migrate it fails.
    """
    form = {name: value for name, value in saved.items() if name not in (MODULE, VERSION)}
    named, version = saved.get(MODULE, module_id), saved.get(VERSION, 1)
    if named != module_id and named not in module.aliases:
        raise _refused(MODULE, "module", f"is {_shown(named)}: this is no input of {module_id}", module_id)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _refused(VERSION, "type", "must be a whole number of at least 1", module_id)
    if version > module.version:
        message = f"is {version}, and this module is version {module.version}; update its package"
        raise _refused(VERSION, "version", message, module_id)
    for step in range(version, module.version):
        form = _migrated(module, module_id, step, form)
    if version == module.version:
        return form, ""
    return form, f"The input was saved for version {version} of {module_id}, and was brought to {module.version}."


def _migrated(module: AnyModule, module_id: str, version: int, form: dict[str, Any]) -> dict[str, Any]:
    migrate = module.migrate.get(version)
    if migrate is None:
        message = f"is of version {version}, from which {module_id} has no way to {version + 1}"
        raise _refused(VERSION, "version", message, module_id)
    reason = ""
    try:
        found: object = migrate(copy.deepcopy(form))
    except Exception as error:  # noqa: BLE001  a connector's code
        reason = f"failed with {type(error).__name__}"  # its message may show the input
    else:
        if isinstance(found, Mapping):
            return dict(found)
        reason = f"gave {type(found).__name__}, not a form in JSON"
    message = f"{module_id}: what migrates an input from version {version} to {version + 1} {reason}."
    raise PluginError(message, stage="object")


def _shown(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 100 else f"a Python {type(value).__name__}"  # noqa: PLR2004  an id


def _refused(key: str, rule: str, message: str, module_id: str) -> InvalidInputError:
    return InvalidInputError([Problem(path=f"$.{key}", rule=rule, message=message)], subject=module_id)
