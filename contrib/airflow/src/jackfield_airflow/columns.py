"""The columns of an Airflow connection, and the fields of ours."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from jackfield import FromText, InputError, Secret

_USERS = ("login", "username", "user")
_HIDDEN = ("access_token", "api_key", "passphrase", "password", "private_key", "secret", "token")
"""What Airflow masks in ``extra`` goes by the name of the key; these are some of the words that it knows."""
_KEPT = ("type", "enum", "minimum", "maximum", "pattern", "minLength", "maxLength")
"""What a form of Airflow's can say of a field; of the formats it only needs the one for secrets."""


@frozen(kw_only=True)
class Columns:
    """Which field of a connection type stands in which column; all others stand in ``extra``, by name.

    Attributes:
        fields: The JSON Schema of each field, by name.
        host: The field that is the address; empty if there is none.
        login: The field that is a user's name; empty if there is none.
        password: The most important secret; empty if there is none.
    """

    fields: Mapping[str, Mapping[str, Any]]
    host: str = ""
    login: str = ""
    password: str = ""

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> "Columns":
        """Choose them, by the JSON Schema of a connection type."""
        fields: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
        required = schema.get("required", ())
        secrets = [name for name, field in fields.items() if field.get("writeOnly")]
        secrets.sort(key=lambda name: (name not in required, _is_advanced(fields[name])))
        urls = [name for name, field in fields.items() if field.get("format") == "uri" and not _is_advanced(field)]
        return cls(
            fields=fields,
            host="base_url" if "base_url" in fields else next(iter(urls), ""),
            login=next((name for name in _USERS if name in fields), ""),
            password=next(iter(secrets), ""),
        )

    def secret_names(self) -> list[str]:
        """Give the fields that are secrets."""
        return [name for name, field in self.fields.items() if field.get("writeOnly")]

    def keys(self) -> dict[str, str]:
        """Give the key in ``extra`` of each field that stands there, by the name of the field."""
        taken = (self.host, self.login, self.password)
        return {name: self._key(name) for name in self.fields if name not in taken}

    def _key(self, name: str) -> str:
        known = not self.fields[name].get("writeOnly") or any(word in name for word in _HIDDEN)
        return name if known else f"{name}_secret"

    def form(self) -> dict[str, Any]:
        """Give the form of Airflow's UI: ``conn-fields`` and ``ui-field-behaviour`` of a provider."""
        relabeled = {column: getattr(self, column) for column in ("host", "login", "password")}
        hidden = ["schema", "port", "extra", *(column for column, name in relabeled.items() if not name)]
        labels = {column: self._label(name) for column, name in relabeled.items() if name}
        shown = {column: str(self.fields[name].get("default", "")) for column, name in relabeled.items() if name}
        return {
            "conn-fields": {key: self._field(name) for name, key in self.keys().items()},
            "ui-field-behaviour": {
                "hidden-fields": hidden,
                "relabeling": labels,
                "placeholders": {column: text for column, text in shown.items() if text},
            },
        }

    def _label(self, name: str) -> str:
        return str(self.fields[name].get("title", name))

    def _field(self, name: str) -> dict[str, Any]:
        field = self.fields[name]
        schema = {word: field[word] for word in _KEPT if word in field}
        schema["type"] = [str(field.get("type", "object")), "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        if field.get("writeOnly"):
            schema["format"] = "password"
        told = {"label": self._label(name), "schema": schema}
        return told | ({"description": field["description"]} if field.get("description") else {})

    def values(self, connection: Any) -> dict[str, object]:
        """Give the values of our form that a connection of Airflow's has, secrets as Secret.

        Args:
            connection: With the attributes of ``airflow.sdk.Connection``.

        Raises:
            InputError: ``extra`` is no JSON object, or a column is filled in that this type has no use for.
        """
        found: dict[str, object] = dict(self._columns(connection))
        names = {key: name for name, key in self.keys().items()}
        for key, value in _extra(connection).items():
            if value not in (None, ""):
                found.setdefault(names.get(key, key), value)
        secrets = self.secret_names()
        return {name: _typed(value, secret=name in secrets) for name, value in found.items()}

    def _columns(self, connection: Any) -> Iterator[tuple[str, str]]:
        given = {"host": _address(connection), "login": connection.login, "password": connection.password}
        for column, value in given.items():
            name: str = getattr(self, column)
            if value and not name:
                message = (
                    f"The Airflow connection {connection.conn_id!r} has a {column}, and its type has no use for it."
                )
                raise InputError(
                    message, hint=f"Leave {column} empty. Keys of extra: {', '.join(self.keys().values())}."
                )
            if value:
                yield name, value


def _is_advanced(field: Mapping[str, Any]) -> bool:
    return bool(field.get("x-jackfield", {}).get("advanced"))


def _typed(value: object, *, secret: bool) -> object:
    """Have text read as a person means it: Airflow's forms, URIs and environment variables know little else."""
    if not isinstance(value, str):
        return value
    return Secret(value) if secret else FromText(value)


def _address(connection: Any) -> str:
    """Give the address: as it stands in ``host``, or made of the parts that a URI of Airflow's has."""
    host = connection.host or ""
    if not host or "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"


def _extra(connection: Any) -> Mapping[str, object]:
    try:
        extra = json.loads(connection.extra or "{}")
    except ValueError:
        extra = None
    if not isinstance(extra, dict):
        message = f"extra of the Airflow connection {connection.conn_id!r} is no JSON object."
        raise InputError(message, hint='Write it as {"name": "value"}.') from None
    return extra
