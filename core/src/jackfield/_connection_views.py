"""What may be seen of a connection: everything but its secrets; and where one was found."""

import re
from collections.abc import Mapping

from attrs import field, frozen

from jackfield._cards import Card, Table
from jackfield.secrets import MASK
from jackfield.showing import Shown

__all__ = ["ConnectionSource", "ConnectionView", "SavedConnection"]

_USERINFO = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")


def _web_safe(settings: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is no secret to the form, and yet where people put one: headers, ``https://user:password@host``."""
    return {name: _shown(value) for name, value in settings.items()}


def _shown(value: object) -> object:
    if isinstance(value, Mapping):
        return dict.fromkeys(map(str, value), MASK)
    return _USERINFO.sub(MASK, value) if isinstance(value, str) else value


@frozen(kw_only=True)
class ConnectionView(Shown):
    """What may be seen of a connection: everything but its secrets.

    Attributes:
        type_id: Of its connection type: ``openai.openai``; empty if that is not registered.
        name: As saved; empty for one that has no name.
        source: Where its values come from, in words.
        base_url: Where its requests go.
        settings: The values of the fields that are no secrets; only those that are set. Of names and values that a user
            made up (headers) the values are ``***``, and so is a password in a URL.
        secrets: For each secret field, whether it is set; one that stands deeper has a dotted name.
        references: For each secret field that is kept elsewhere, where: ``env:OPENAI_API_KEY``.
    """

    type_id: str
    name: str
    source: str
    base_url: str
    settings: Mapping[str, object] = field(converter=_web_safe)
    secrets: Mapping[str, bool]
    references: Mapping[str, str] = field(factory=dict)

    def _card(self) -> Card:
        kept = {
            name: self.references.get(name, "set" if is_set else "not set") for name, is_set in self.secrets.items()
        }
        rows = [*self.settings.items(), *kept.items()]
        facts = [("type", self.type_id), ("from", self.source), ("goes to", self.base_url)]
        title = f"Connection {self.name}".rstrip()
        return Card(title=title, facts=facts, tables=[Table(columns=("field", "value"), rows=rows)])


@frozen(kw_only=True)
class SavedConnection:
    """What a store lists of a connection.

    Attributes:
        name: What users call it.
        type_id: Of its connection type: ``openai.openai``.
        secrets: The secret fields that are set.
        changed: When it was changed last: ISO 8601; empty if the store does not know.
        verdict: What the last check found, as in ConnectionCheck; empty if it was never checked as it is now.
        checked: When that was.
    """

    name: str
    type_id: str
    secrets: tuple[str, ...] = ()
    changed: str = ""
    verdict: str = ""
    checked: str = ""


@frozen(kw_only=True)
class ConnectionSource:
    """A place that was asked for a connection.

    Attributes:
        name: What it is called: ``the environment``, ``the store ...``, ``a plugin``.
        found: Whether it has anything of it.
        used: Whether it is the one whose values are used; the others' are not mixed in.
        details: What was seen there, in sentences; never a value.
    """

    name: str
    found: bool
    used: bool
    details: tuple[str, ...]
