"""What a policy says, and how it is read from a file."""

import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen, validators

from jackfield import InputError

_NOT_OURS = frozenset({"authorization", "connection", "content-length", "cookie", "host", "transfer-encoding"})


def _texts(_rules: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        message = f"'{attribute.name}' must be a list of texts"
        raise TypeError(message)


def _by_name(kind: type | tuple[type, ...], words: str) -> Callable[..., None]:
    def check(_rules: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not (isinstance(value, dict) and all(isinstance(item, kind) for item in value.values())):
            message = f"'{attribute.name}' must be an object whose values are {words}"
            raise TypeError(message)

    return check


def _name_and_value(_rules: object, attribute: "attrs.Attribute[Any]", value: list[str]) -> None:
    if len(value) not in (0, 2):
        message = f"'{attribute.name}' must be a name and a value"
        raise ValueError(message)
    if value and (value[0].lower() in _NOT_OURS or value[0].lower().startswith("proxy-")):
        message = f"'{attribute.name}' must name no header that carries a credential or frames the request"
        raise ValueError(message)


@frozen(kw_only=True)
class Rules:
    """What a policy says. Patterns are shell patterns: ``openai.*``, ``*-preview``.

    Attributes:
        allow_modules: Only modules that fit one of these exist; ``None`` for all.
        deny_modules: Modules that fit one of these do not exist.
        deny_choices: By field (``openai.create_chat_completion:model``, a pattern too), the values that are not
            offered.
        maximums: By field in the same spelling, the greatest number that may be given.
        cache_s: For how many seconds the result of an operation that only reads is given again; 0 for never.
        cache_items: How many results are kept at most; the oldest go first.
        connections: A folder with one file ``NAME.json`` for each connection, as secret managers mount it.
        events: A file to which every event is appended as one line of JSON.
        header: A name and a value, sent with every request in addition to its credentials: ``["X-Team", "search"]``.
    """

    allow_modules: list[str] | None = field(default=None, validator=validators.optional(_texts))
    deny_modules: list[str] = field(factory=list, validator=_texts)
    deny_choices: dict[str, list[str]] = field(factory=dict, validator=_by_name(list, "lists of texts"))
    maximums: dict[str, float] = field(factory=dict, validator=_by_name((int, float), "numbers"))
    cache_s: float = field(default=0, validator=[validators.instance_of((int, float)), validators.ge(0)])
    cache_items: int = field(default=1000, validator=[validators.instance_of(int), validators.ge(1)])
    connections: str = field(default="", validator=validators.instance_of(str))
    events: str = field(default="", validator=validators.instance_of(str))
    header: list[str] = field(factory=list, validator=[_texts, _name_and_value])

    def hides(self, module_id: str) -> bool:
        """Tell whether a module does not exist for this host."""
        allowed = self.allow_modules is None or fits(module_id, self.allow_modules)
        return not allowed or fits(module_id, self.deny_modules)

    def denied(self, place: str) -> list[str]:
        """Give the patterns of the values that a field does not offer."""
        return [
            pattern
            for where, patterns in self.deny_choices.items()
            if fnmatchcase(place, where)
            for pattern in patterns
        ]

    def maximum(self, place: str) -> float | None:
        """Give the greatest number that a field may be given; the least of several."""
        return min((most for where, most in self.maximums.items() if fnmatchcase(place, where)), default=None)


def fits(text: str, patterns: list[str]) -> bool:
    """Tell whether a text fits one of several patterns."""
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return getattr(error, "strerror", None) or type(error).__name__


def read_rules(path: Path) -> Rules:
    """Read rules from a file of JSON with the names of ``Rules``.

    Raises:
        InputError: It cannot be read, or says something that no policy says. A policy that cannot be read must not
            count as one that allows everything.
    """
    hint = f"Mend {path}, or unset JACKFIELD_POLICY to run without a policy."
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"The policy {path} cannot be read: {_reason(error)}."
        raise InputError(message, hint=hint) from error
    known = [attribute.name for attribute in attrs.fields(Rules)]
    if not isinstance(said, Mapping) or set(said) - set(known):
        message = f"The policy {path} must be a JSON object with no other names than {', '.join(known)}."
        raise InputError(message, hint=hint)
    try:
        return Rules(**said)
    except (TypeError, ValueError) as error:
        message = f"The policy {path} has a value of the wrong kind: {str(error.args[0]).partition(' (got')[0]}."
        raise InputError(message, hint=hint) from error
