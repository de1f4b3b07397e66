"""``connection list``, ``show`` and ``explain``: what is saved, and where a connection comes from; never a secret."""

from collections.abc import Sequence
from datetime import UTC, datetime

from jackfield import ConnectionSource, ConnectionView, Host, SavedConnection
from jackfield._cli.output import print_list, write_json, write_plain
from jackfield._cli.saved import open_store, whole_type_id
from jackfield._cli.settings import open_host
from jackfield._cli.terminal import say, write
from jackfield.vault.filling import not_saved

_MOMENTS = frozenset({"issued_at", "expires_at"})
"""Fields of Tokens that are counted in seconds since 1970, which nobody reads."""
_COLUMNS = {"name": "Name", "type": "Type", "secrets": "Secrets", "check": "Last check", "changed": "Changed"}


def list_connections(form: str) -> None:
    """Print what is saved."""
    with open_host() as host:
        saved = host.saved_connections()
    rows = [_row(each) for each in saved]
    if form == "table":
        rows = [
            {**row, "secrets": ", ".join(each.secrets), "check": _check(each)}
            for row, each in zip(rows, saved, strict=True)
        ]
    print_list(rows, form, plain="name", columns=_COLUMNS)
    if not saved:
        say("No connection is saved. next: jackfield connection add --help")


def _row(saved: SavedConnection) -> dict[str, object]:
    return {
        "name": saved.name,
        "type": saved.type_id,
        "secrets": list(saved.secrets),
        "verdict": saved.verdict,
        "checked": saved.checked,
        "changed": saved.changed,
    }


def _check(saved: SavedConnection) -> str:
    return f"{saved.verdict} ({saved.checked[:10]})" if saved.verdict else ""


def show_connection(name: str, form: str) -> None:
    """Print what may be seen of a saved connection.

    Raises:
        NoConnectionError: It is not saved.
    """
    view = open_store().view(name)
    if form == "json":
        write_json(_as_json(view))
        return
    from jackfield._cli.tables import pairs, rendered  # noqa: PLC0415  rich is for tables only

    facts = [("name", view.name), ("type", view.type_id), ("address", view.base_url), ("saved in", view.source)]
    facts += [(key, _moment(value) if key in _MOMENTS else str(value)) for key, value in view.settings.items()]
    facts += [
        (key, view.references.get(key) or ("set" if is_set else "not set")) for key, is_set in view.secrets.items()
    ]
    write(rendered(pairs([fact for fact in facts if fact[1]])))


def _moment(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _as_json(view: ConnectionView) -> dict[str, object]:
    return {
        "name": view.name,
        "type": view.type_id,
        "base_url": view.base_url,
        "source": view.source,
        "settings": dict(view.settings),
        "secrets": {
            key: {"set": is_set, **({"reference": view.references[key]} if key in view.references else {})}
            for key, is_set in view.secrets.items()
        },
    }


def explain_connection(target: str, name: str | None, form: str) -> None:
    """Print where a connection is looked for, and what is there.

    Args:
        target: A connection type, or the name of a saved connection.
        name: Of the connection, if ``target`` is its type.
        form: ``table`` or ``json``.
    """
    with open_host(connection=name or target) as host:
        type_id, meant = meant_by(host, target, name)
        sources = host.explain_connection(type_id, meant or "")
    if form == "json":
        write_json(
            [
                {"source": each.name, "found": each.found, "used": each.used, "details": list(each.details)}
                for each in sources
            ]
        )
        return
    head = f"{type_id}, {meant}" if meant else f"{type_id}, without a name"
    write_plain(f"{head}: looked for in this order\n" + "".join(_told(each) for each in sources) + _end(sources))


def _told(source: ConnectionSource) -> str:
    state = "used" if source.used else "found, and not used" if source.found else "nothing there"
    return f"\n{source.name}: {state}\n" + "".join(f"  {detail}\n" for detail in source.details)


def _end(sources: Sequence[ConnectionSource]) -> str:
    return "" if any(source.used for source in sources) else "\nNobody knows it.\n"


def meant_by(host: Host, target: str, name: str | None) -> tuple[str, str | None]:
    """Tell a saved connection from a connection type; gives the type and the name.

    A connector that has one type of connection may stand for it.

    Raises:
        NoConnectionError: It can only be a name, and is not saved.
        InputError: It is a connector that has several types, or none.
    """
    types = {} if name is not None else {saved.name: saved.type_id for saved in host.saved_connections()}
    if target in types:
        return types[target], target
    if "." in target:
        return target, name
    type_id = whole_type_id(host, target)
    if type_id != target:
        return type_id, name
    raise not_saved(target, [*types, *(connector.id for connector in host.connectors())])
