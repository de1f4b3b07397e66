"""What may be seen of connections and their types."""

from typing import Any

from jackfield import ConnectionCheck, ConnectionType, ConnectionView, SavedConnection, Store
from jackfield_web.problems import WebError, nothing_there, problem
from jackfield_web.visits import Visit


def store_of(visit: Visit) -> Store:
    """Give the store of whoever asks."""
    store = visit.call.store
    if store is None:
        hint = "Whoever runs the application can give Web(connections=...)."
        message = "This application keeps no connections."
        raise WebError(message, status=404, hint=hint)
    return store


def view_of(visit: Visit) -> ConnectionView:
    """Give what may be seen of the connection that the path names."""
    store, name = store_of(visit), visit.path["connection"]
    if not any(saved.name == name for saved in store.saved()):
        missing = nothing_there("connection", "GET connections lists those that there are.")
        raise missing
    return store.view(name)


def told_saved(store: Store, view: ConnectionView, checked: ConnectionCheck | None) -> dict[str, Any]:
    """Say what was saved, and note what the check found if there was one."""
    if checked is not None:
        store.note_check(view.name, checked.verdict)
    return {**told_connection(view), "check": told_check(checked) if checked else None}


def told_connection(view: ConnectionView) -> dict[str, Any]:
    """Say what may be seen of one; where it is kept on the server is nobody's business."""
    return {
        "name": view.name,
        "type": view.type_id,
        "base_url": view.base_url,
        "settings": {**view.settings},
        "secrets": {**view.secrets},
        "references": {**view.references},
    }


def told_listed(saved: SavedConnection) -> dict[str, Any]:
    """Say of one what a list tells."""
    return {
        "name": saved.name,
        "type": saved.type_id,
        "secrets": list(saved.secrets),
        "changed": saved.changed,
        "verdict": saved.verdict,
        "checked": saved.checked,
    }


def told_check(found: ConnectionCheck) -> dict[str, Any]:
    """Say what a check found."""
    return {
        "verdict": str(found.verdict),
        "passed": [str(tier) for tier in found.passed],
        "account": found.label,
        "error": problem(found.error) if found.error else None,
    }


def needs_person(kind: ConnectionType) -> bool:
    """Tell whether a person may have to log in for connections of a type."""
    return kind.oauth is not None and kind.oauth.needs_person


def told_type(type_id: str, kind: ConnectionType, connector: str) -> dict[str, Any]:
    """Say what a type is."""
    return {
        "id": type_id,
        "label": kind.label,
        "connector": connector,
        "help": kind.help,
        "needs_login": needs_person(kind),
        "can_check": bool(kind.check),
    }
