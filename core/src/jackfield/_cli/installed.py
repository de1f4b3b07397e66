"""``plugin list``: who provides what, and what keeps it from being used."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import attrs

from jackfield._cli.contributed import GROUP as COMMANDS
from jackfield._cli.contributed import contributions, load
from jackfield._cli.main import cli
from jackfield._cli.output import print_list, write_plain
from jackfield._cli.provided import said_provided
from jackfield._cli.terminal import say
from jackfield._engine.catalog import Catalog
from jackfield._engine.compatibility import core_version, unmet_requirement
from jackfield._engine.discovery import PluginPolicy, PluginProblem, pin_as_json
from jackfield._engine.index import Entry, normalize, read_entries
from jackfield._engine.pins import Pin, told_remedy
from jackfield._home import Home
from jackfield.errors import JackfieldError

OK = "ok"
BROKEN = "broken"
_STATUSES = ("denied", "changed", "incompatible", "duplicate")


class Installed(NamedTuple):
    """One distribution that provides something.

    Attributes:
        distribution: As it spells its own name.
        version: Its version.
        entries: What it provides.
        status: The gravest of what keeps it from being used; ``ok`` if nothing does.
        problems: Each thing that does.
        pin: What it must be; ``None`` if it may be anything.
    """

    distribution: str
    version: str
    entries: tuple[Entry, ...]
    status: str
    problems: tuple[PluginProblem, ...]
    pin: Pin | None = None


def print_plugins(form: str, *, load: bool) -> None:
    """Print who provides what."""
    home = Home.find()
    entries = read_entries(home.cache)
    policy = PluginPolicy.load(home)
    problems = [*known_problems(entries, policy)]
    if load:
        problems += [problem for problem in _found_by_loading() if _key(problem) not in map(_key, problems)]
    found = [item._replace(pin=policy.pins.get(normalize(item.distribution))) for item in _listed(entries, problems)]
    if form == "table":
        columns = {
            "distribution": "Distribution",
            "version": "Version",
            "provides": "Provides",
            "pin": "Pinned",
            "status": "Status",
        }
        print_list([_shown(item) for item in found], form, plain="distribution", columns=columns)
        write_plain("".join(_told(problem) for problem in problems if problem.stage != "denied"))
    else:
        print_list([_as_json(item) for item in found], form, plain="distribution", columns={})
    if not found:
        say("Nothing is installed that provides anything. next: install a connector, as the tutorial shows")


def _told(problem: PluginProblem) -> str:
    return f"\n{problem.stage}: {problem.message}\n" + (f"  next: {problem.hint}\n" if problem.hint else "")


def known_problems(entries: Sequence[Entry], policy: PluginPolicy) -> Iterator[PluginProblem]:
    """Give what is known without importing anything."""
    yield from Catalog(entries, policy).broken
    for found in contributions(cli.lazy).values():
        if found.obstacle == "built-in":
            yield PluginProblem(
                group=COMMANDS,
                name=found.name,
                distributions=tuple(entry.distribution for entry in found.entries),
                stage=found.obstacle,
                message=found.message,
                hint=found.next_step,
            )
    yield from _unlike_pinned(entries, policy)
    for owner, entry in {entry.distribution: entry for entry in entries if unmet_requirement(entry)}.items():
        if not policy.denies(owner):
            yield PluginProblem(
                group=entry.group,
                name=entry.name,
                distributions=(owner,),
                stage="incompatible",
                message=f"{owner} requires {unmet_requirement(entry)!r}, and this is jackfield {core_version()}.",
                hint=f"Upgrade or remove {owner}, or: jackfield plugin deny {owner}",
            )


def _unlike_pinned(entries: Sequence[Entry], policy: PluginPolicy) -> Iterator[PluginProblem]:
    pins = policy.checked_pins()
    for owner, entry in {
        entry.distribution: entry for entry in entries if not policy.denies(entry.distribution)
    }.items():
        flaw = pins.flaw(normalize(owner), entry.version)
        if flaw:
            yield PluginProblem(
                group=entry.group,
                name=entry.name,
                distributions=(owner,),
                stage="changed",
                message=f"{owner} is pinned, and {flaw}.",
                hint=told_remedy(normalize(owner)),
            )


def _found_by_loading() -> Iterator[PluginProblem]:
    from jackfield._cli.settings import open_host  # noqa: PLC0415  without --load, nothing of a host is needed

    with open_host() as host:
        for module in host.modules():
            try:
                _ = module.form, module.output
            except JackfieldError as error:
                yield _failed("jackfield.modules", module.id, module.distribution, error)
        for connector in host.connectors():
            try:
                _ = connector.connection_types
            except JackfieldError as error:
                yield _failed("jackfield.connectors", connector.id, connector.distribution, error)
        yield from host.broken
    for command in contributions(cli.lazy).values():
        try:
            load(command)
        except JackfieldError as error:
            yield _failed(COMMANDS, command.name, command.entries[0].distribution, error)


def _failed(group: str, name: str, distribution: str, error: JackfieldError) -> PluginProblem:
    owners = getattr(error, "distributions", ()) or (distribution,)
    stage = getattr(error, "stage", "") or BROKEN
    return PluginProblem(
        group=group, name=name, distributions=owners, stage=stage, message=error.message, hint=error.hint
    )


def _key(problem: PluginProblem) -> tuple[str, str, str]:
    return problem.group, problem.name, problem.stage


def _listed(entries: Iterable[Entry], problems: Collection[PluginProblem]) -> Iterator[Installed]:
    owned: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (normalize(entry.distribution), entry)):
        owned.setdefault((entry.distribution, entry.version), []).append(entry)
    for (distribution, version), own in owned.items():
        theirs = tuple(problem for problem in problems if distribution in problem.distributions)
        yield Installed(distribution, version, tuple(own), _status(theirs), theirs)


def _status(problems: Sequence[PluginProblem]) -> str:
    stages = {problem.stage for problem in problems}
    known = next((status for status in _STATUSES if status in stages), "")
    if known:
        return known
    return "duplicate" if stages == {"built-in"} else BROKEN if stages else OK


def _shown(item: Installed) -> dict[str, object]:
    return {
        "distribution": item.distribution,
        "version": item.version,
        "provides": said_provided(item.entries),
        "pin": "" if item.pin is None else "files" if item.pin.sha256 else "version",
        "status": item.status,
    }


def _as_json(item: Installed) -> dict[str, object]:
    return {
        "distribution": item.distribution,
        "version": item.version,
        "status": item.status,
        "pin": pin_as_json(item.pin) if item.pin else None,
        "provides": [{"group": entry.group, "name": entry.name, "value": entry.value} for entry in item.entries],
        "problems": [attrs.asdict(problem) for problem in item.problems],
    }
