"""What is watched: how one watch is told from another, also after the form of its module changed."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import attrs

from jackfield._engine.dumping import dump_masked
from jackfield._engine.saved_inputs import current_form, saved_form, without_secrets
from jackfield.errors import JackfieldError
from jackfield.modules import AnyModule
from jackfield.operations import Operation
from jackfield.secrets import MASK
from jackfield.shapes import Fixed
from jackfield.triggers import Order, Part, Trigger

_TOKEN_BYTES = 12


class Subject(NamedTuple):
    """What is watched.

    Attributes:
        id: What tells one watch from another: module, connection and form, hashed. No secret is in it.
        told_by: How its items are told apart, as JSON: what is remembered of them means nothing if that changes.
        account: The connection.
        values: The form in JSON, without secrets; ``None`` in a confidential run, of which nothing is kept.
        module: The trigger.
        module_id: Its id.
    """

    id: str
    told_by: Mapping[str, object]
    account: tuple[str, ...]
    values: Mapping[str, object] | None
    module: AnyModule
    module_id: str

    def facts(self, salt: bytes) -> dict[str, object]:
        """Give as JSON what is kept of it, so that a later version of the module knows it again."""
        kept: dict[str, object] = {}
        if self.values is not None:
            form = saved_form(self.module, self.module_id, _veiled(self.module, self.values, salt))
            kept = {"account": _token(self.account, salt), "input": form}
        return {"subject": self.id, "told_by": dict(self.told_by), **kept}

    def is_of(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether facts that were kept are of this watch, perhaps in the words of an older version."""
        return bool(facts.get("subject") == self.id or self._was(facts))

    def _was(self, facts: Mapping[str, Any]) -> bool:
        former = facts.get("input")
        if self.values is None or not isinstance(former, Mapping):
            return False
        try:
            salt = bytes.fromhex(facts["salt"])
            if facts.get("account") != _token(self.account, salt):
                return False
            form, _ = current_form(self.module, self.module_id, former)
        except (JackfieldError, KeyError, TypeError, ValueError):  # damaged, or from before what can be migrated
            return False
        return _plain(self.module, form) == _veiled(self.module, self.values, salt)


def subject_of(operation: Operation, trigger: Trigger) -> Subject:
    """Give what an operation with a trigger watches."""
    connection, form, module = operation.connection, operation.form, operation.module
    assert module is not None  # noqa: S101  a trigger
    defaults = {slot.name: slot.default for slot in attrs.fields(type(form))}
    # What is as it would be anyway is left out: a field that a later version adds changes nothing.
    given = {name: getattr(form, name) for name, default in defaults.items() if getattr(form, name) != default}
    account = (connection.type_id, connection.name, connection.base_url) if connection else ()
    text = json.dumps([operation.module_id, account, dump_masked(given)], sort_keys=True)
    import hashlib  # noqa: PLC0415  it brings OpenSSL, and few processes watch anything

    values: Any = None if operation.confidential else dump_masked(form)
    return Subject(
        id=hashlib.sha256(text.encode()).hexdigest()[:32],
        told_by=told_by(trigger),
        account=account,
        values=None if values is None else _plain(module, values),
        module=module,
        module_id=operation.module_id,
    )


def _veiled(module: AnyModule, values: Mapping[str, Any], salt: bytes) -> dict[str, Any]:
    """Put a hash in the place of each text that somebody wrote; what migrates a form carries it as it would the text.

    Numbers, switches and what is chosen from a list stay: a new version may say them otherwise.
    """
    chosen = {slot.key for slot in module.form.slots if isinstance(slot.shape, Fixed)}
    return {key: value if key in chosen else _hashed(value, salt) for key, value in values.items()}


def _hashed(value: Any, salt: bytes) -> Any:
    if isinstance(value, str):
        return _token(value, salt)
    if isinstance(value, Mapping):
        return {key: _hashed(item, salt) for key, item in value.items()}
    return [_hashed(item, salt) for item in value] if isinstance(value, list) else value


def _token(value: object, salt: bytes) -> str:
    import hashlib  # noqa: PLC0415  as above

    return hashlib.blake2b(json.dumps(value).encode(), digest_size=_TOKEN_BYTES, key=salt).hexdigest()


def _plain(module: AnyModule, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a form in JSON without its secrets, and without what is as it would be anyway."""
    kept, _ = without_secrets(module.form, values)
    usual = {slot.key: dump_masked(slot.default) for slot in module.form.slots if not slot.required}
    return {key: value for key, value in kept.items() if value not in (None, MASK, [], {}) and usual.get(key) != value}


def told_by(trigger: Trigger) -> dict[str, object]:
    """Say as JSON how a trigger tells its items apart."""
    return {
        "key": _named(trigger.key),
        "date": _named(trigger.date),
        "updates": trigger.updates,
        "order": trigger.order.value,
    }


def told_otherwise(was: Mapping[str, object], now: Mapping[str, object]) -> str:
    """Say by what other parts items are told apart now, so that what is remembered of them means nothing."""
    changed = [name for name in ("key", "date", "updates", "order") if name in was and was[name] != now[name]]
    if was.get("date") is None and "date" in changed:
        changed.remove("date")  # all is known by its key, and dates only say where to end
    if "order" in changed and (was.get("date") is not None or was["order"] != Order.NEWEST_FIRST.value):
        changed.remove("order")  # only a first look that ends early passes over what another order shows
    return ", ".join(f"{name} was {_spelled(was[name])}, is {_spelled(now[name])}" for name in changed)


def _named(part: Part | None) -> str | None:
    """Name a part of an item; a function only as such, since it may get another name, or move."""
    return "a function" if callable(part) else part


def _spelled(part: object) -> str:
    return "not given" if part is None else str(part)
