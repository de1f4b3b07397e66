"""A connector as data: what its users can rely on, and nothing of how it does it."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from jackfield._engine.catalog import MODULES, Catalog
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.index import read_entries
from jackfield._engine.schema import form_schema, output_schema
from jackfield._engine.watched import told_by
from jackfield._tokens import OAuth2
from jackfield.connections import ConnectionType
from jackfield.forms import Form, form_of, records_in
from jackfield.modules import AnyModule, Effect
from jackfield.testing._compat.fingerprints import fingerprint
from jackfield.testing._conformance.places import places_in

_REACHES_OUT = frozenset({"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"})


def main() -> None:
    """Describe the distribution that is asked for on standard input, in a process of its own."""
    asked = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr  # whatever a connector prints is no part of the answer
    sys.path[:] = asked["path"]
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    json.dump(describe(asked["distribution"]), answer)


def _refuse(event: str, _given: object) -> None:
    if event in _REACHES_OUT:
        message = f"{event} while it is examined: nothing may be reached then"
        raise PermissionError(message)


def describe(distribution: str) -> Mapping[str, Any]:
    """Describe what an installed distribution provides; nobody else's plugins have a say in it."""
    wanted = canonicalize_name(distribution)
    entries = [entry for entry in read_entries(None) if canonicalize_name(entry.distribution) == wanted]
    catalog = Catalog(entries, PluginPolicy())
    loaded: dict[str, AnyModule] = {}
    types: dict[str, ConnectionType] = {}
    failures = []
    for module_id in catalog.module_ids:
        try:
            loaded[module_id] = catalog.load_module(module_id)
        except Exception as error:  # noqa: BLE001  somebody else's code
            failures.append(_failure(module_id, error))
    for connector_id in catalog.connector_ids:
        try:
            connector = catalog.load_connector(connector_id)
        except Exception as error:  # noqa: BLE001  somebody else's code
            failures.append(_failure(connector_id, error))
        else:
            types.update(connector.connection_types if connector else {})
    told = {(problem.group, problem.name): problem.message for problem in catalog.broken}
    failures += [
        f"{name}: {message}" for (group, name), message in told.items() if group != MODULES or name not in loaded
    ]
    return {
        "versions": sorted({entry.version for entry in entries}),
        "modules": {module_id: _module(found, catalog, module_id) for module_id, found in loaded.items()},
        "connection_types": {type_id: _type(kind) for type_id, kind in types.items()},
        "failures": list(dict.fromkeys(failures)),
    }


def _failure(name: str, error: Exception) -> str:
    return f"{name}: {getattr(error, 'message', error)}"


def _module(module: AnyModule, catalog: Catalog, module_id: str) -> Mapping[str, Any]:
    return {
        "kind": module.kind.value,
        "effect": module.effect.value if isinstance(module.effect, Effect) else "depends",
        "streams": module.streams,
        "connection": (catalog.type_id(module_id, module.connection) or "?") if module.connection else "",
        "aliases": sorted(module.aliases),
        "sunset": module.sunset.words if module.sunset else "",
        "version": module.version,
        "migrates": sorted(module.migrate),
        "checked": fingerprint(module.validate) if module.validate else "",
        "keeps": [*_keeping(module.output)],
        "told_by": told_by(module.trigger) if module.trigger else {},
        "input": form_schema(module.form),
        "output": output_schema(module.output),
    }


def _keeping(form: Form) -> Iterator[str]:
    """Name the places of an output that keep what the service gives and nobody declared."""
    if form.rest:
        yield "$"
    yield from (path for path, slot in places_in(form) if any(form_of(cls).rest for cls in records_in(slot.shape)))


def _type(kind: ConnectionType) -> Mapping[str, Any]:
    return {
        "input": form_schema(form_of(kind.form)),
        "origin": "" if callable(kind.origin) else kind.origin,
        "login": _login(kind.oauth) if kind.oauth else "",
    }


def _login(oauth: OAuth2) -> str:
    scopes = "scopes by its form" if callable(oauth.scopes) else " ".join(sorted(oauth.scopes)) or "no scopes"
    place = "" if callable(oauth.token_url) else f" at {oauth.token_url}"
    return f"OAuth 2{place} ({scopes})"
