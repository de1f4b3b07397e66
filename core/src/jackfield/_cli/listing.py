"""``module list`` and ``module choices``."""

from collections.abc import Callable, Sequence

import attrs

from jackfield import Cancellation, Choice, Choices, Host, JackfieldError, ModuleHandle
from jackfield._cli.attend import Due, attend
from jackfield._cli.inputs import read_inputs
from jackfield._cli.output import print_list
from jackfield._cli.settings import open_host
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import say
from jackfield._cli.wishes import ChoiceWishes

_NONE = "No {} is installed. next: install a connector, as the tutorial shows"


def print_modules(form: str) -> None:
    """Print which modules there are, without importing them."""
    with open_host() as host:
        rows = [_origin(handle) for handle in host.modules()]
        print_list(rows, form, plain="id", columns={"id": "Module", "distribution": "From", "version": "Version"})
        _say_what_is_missing(rows, host)


def print_module_details(form: str) -> None:
    """Print what each module is and when it is shut down; this imports them all."""
    columns = {"id": "Module", "label": "Label", "kind": "Kind", "effect": "Effect", "sunset": "Sunset"}
    with open_host() as host:
        rows = [row for handle in host.modules() if (row := _details(handle))]
        if form == "table":
            rows = [{**row, "effect": row["effect"] or "depends", "sunset": _date(row["sunset"])} for row in rows]
            columns = {key: title for key, title in columns.items() if key != "sunset" or any(row[key] for row in rows)}
        print_list(rows, form, plain="id", columns=columns)
        _say_what_is_missing(rows, host)


def _origin(handle: ModuleHandle) -> dict[str, object]:
    return {"id": handle.id, "distribution": handle.distribution, "version": handle.version}


def _details(handle: ModuleHandle) -> dict[str, object] | None:
    try:
        return {
            **_origin(handle),
            "label": handle.label,
            "kind": handle.kind.value,
            "effect": handle.effect.value if handle.effect else None,
            "sunset": attrs.asdict(handle.sunset) if handle.sunset else None,
        }
    except JackfieldError:  # counted among the broken ones
        return None


def _date(sunset: object) -> str:
    return str(sunset["date"]) if isinstance(sunset, dict) else ""


def _say_what_is_missing(rows: Sequence[object], host: Host) -> None:
    broken = host.broken
    if not rows:
        say(_NONE.format("module") if not broken else "No module can be used.")
    if broken:
        say(f"{len(broken)} not usable, see: jackfield plugin list")


def print_choices(
    module_id: str, field: str, others: Sequence[str], wishes: ChoiceWishes, about: dict[str, str]
) -> None:
    """Print what a field offers."""
    talk = Talk()
    with open_host(talk, connection=wishes.connection) as host:
        handle = host.module(module_id)
        about.update(module=handle.id, connector=handle.connection_type_id.partition(".")[0])
        values = read_inputs(others, handle.form, handle.id)
        cancellation = Cancellation()

        def ask(tell: Callable[[object], None]) -> Choices:
            talk.pass_on = tell
            return host.choices(
                handle.id,
                field,
                query=wishes.query,
                values=values,
                max_age_s=0 if wishes.fresh else None,
                connection=wishes.connection,
                deadline_s=wishes.deadline_s,
                cancellation=cancellation,
            )

        found = attend(ask, talk.hear, cancellation, Due(wishes.deadline_s))
    columns = {"group": "Group", "value": "Value", "label": "Label", "help": "Help"}
    rows = [{**_choice(choice), **_staleness(found)} for choice in _by_group(found)]
    used = {key: title for key, title in columns.items() if key == "value" or any(row[key] for row in rows)}
    print_list(rows, wishes.form, plain="value", columns=used)
    if found.stale:
        say(f"warning: this list is {_age(found.age_s)} old, since the service gives none now: {found.stale_because}")
    if not rows:
        say("Nothing is offered." if not wishes.query else "Nothing that is offered has this text in it.")


def _by_group(choices: Sequence[Choice]) -> list[Choice]:
    """Put choices of one group together, in the order in which the groups come up."""
    groups = [*dict.fromkeys(choice.group for choice in choices)]
    return sorted(choices, key=lambda choice: groups.index(choice.group))


def _choice(choice: Choice) -> dict[str, object]:
    return {"value": choice.value, "label": choice.label, "group": choice.group, "help": choice.help}


def _staleness(found: Choices) -> dict[str, object]:
    return {"stale": True, "age_s": round(found.age_s)} if found.stale else {}


def _age(seconds: float) -> str:
    for length_s, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length_s:
            count = int(seconds // length_s)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def print_connectors(form: str) -> None:
    """Print which connectors there are, without importing them."""
    with open_host() as host:
        handles = host.connectors()
        broken = host.broken
    rows = [{"id": handle.id, "distribution": handle.distribution, "version": handle.version} for handle in handles]
    print_list(rows, form, plain="id", columns={"id": "Connector", "distribution": "From", "version": "Version"})
    if not rows:
        say(_NONE.format("connector") if not broken else "No connector can be used, see: jackfield plugin list")
