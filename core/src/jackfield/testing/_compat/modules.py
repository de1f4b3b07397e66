"""What two descriptions of a connector differ in."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jackfield._engine.watched import told_otherwise
from jackfield.kinds import Effect
from jackfield.testing._compat.change import Change
from jackfield.testing._compat.rules import RULE
from jackfield.testing._compat.schemas import Difference, Schema, input_differences, output_differences

Described = Mapping[str, Any]

_ADDRESS = re.compile("https?://", re.IGNORECASE)
_SAFETY = [Effect.READ.value, Effect.IDEMPOTENT.value, Effect.KEYED.value, "depends", Effect.UNSAFE.value]
"""From the safest; what depends on the form may be anything."""


def changes(old: Described, new: Described) -> list[Change]:
    """Give all in which two differ, what breaks somebody first."""
    found = [*_of_modules(old["modules"], new["modules"])]
    found += _of_types(old["connection_types"], new["connection_types"])
    return sorted(found, key=lambda change: (not change.breaking, change.subject, change.place, change.rule.id))


def _change(rule: str, subject: str, detail: str, place: str = "") -> Change:
    return Change(rule=RULE[rule], subject=subject, place=place, detail=detail)


def _of_modules(old: Described, new: Described) -> Iterator[Change]:
    heirs = {alias: module_id for module_id, found in new.items() for alias in found["aliases"]}
    for module_id, was in old.items():
        if module_id in new:
            yield from _of_module(module_id, was, new[module_id])
        elif module_id in heirs:
            yield _change("JC252", module_id, f"is now {heirs[module_id]}")
            yield from _of_module(module_id, was, new[heirs[module_id]])
        else:
            yield _change("JC201", module_id, "is no more, and no other module has it among its aliases")
    for module_id in sorted(new.keys() - old.keys() - {heirs[name] for name in old if name in heirs}):
        yield _change("JC251", module_id, "is new")


def _of_module(module_id: str, was: Described, now: Described) -> Iterator[Change]:
    for rule, name in (("JC202", "kind"), ("JC204", "connection")):
        if was[name] != now[name]:
            yield _change(rule, module_id, f"was {was[name] or 'none'}, is {now[name] or 'none'}")
    if was["effect"] != now["effect"]:
        safer = _SAFETY.index(now["effect"]) < _SAFETY.index(was["effect"])
        yield _change("JC253" if safer else "JC203", module_id, f"was {was['effect']}, is {now['effect']}")
    if was["streams"] and not now["streams"]:
        yield _change("JC206", module_id, "gives its output as a whole only")
    for alias in sorted({*was["aliases"]} - {*now["aliases"]}):
        yield _change("JC205", module_id, f"is not known as {alias} any more")
    if now["sunset"] and now["sunset"] != was["sunset"]:
        yield _change("JC254", module_id, now["sunset"])
    if was["version"] != now["version"]:
        between = range(was["version"], now["version"])
        migrated = len(between) > 0 and {*between} <= {*now["migrates"]}
        detail = f"was version {was['version']}, is {now['version']}"
        yield _change("JC255" if migrated else "JC207", module_id, detail)
    yield from _beside_schemas(module_id, was, now)
    if was["told_by"] and now["told_by"] and (said := told_otherwise(was["told_by"], now["told_by"])):
        yield _change("JC209", module_id, said)
    yield from _told(module_id, input_differences, was["input"], now["input"])
    yield from _told(module_id, output_differences, was["output"], now["output"])


def _beside_schemas(module_id: str, was: Described, now: Described) -> Iterator[Change]:
    """Tell what the schemas of a form and an output do not: checks of the whole, and keys that nobody declared."""
    if now["checked"] and not was["checked"]:
        yield _change("JC208", module_id, "its form is checked as a whole")
    elif now["checked"] != was["checked"] and now["checked"]:
        yield _change("JC256", module_id, "look whether it refuses what it took")
    for place in (each for each in was["keeps"] if each not in now["keeps"]):
        yield _change("JC210", module_id, "gives only what it declares there", place)


def _told(
    subject: str, compare: Callable[[Schema, Schema], list[Difference]], was: Schema, now: Schema
) -> Iterator[Change]:
    for rule, place, detail in compare(was, now):
        yield _change(rule, subject, detail, place)


def _of_addresses(type_id: str, was: Schema, now: Schema) -> Iterator[Change]:
    """Tell of addresses that most connections of a type have because its form does, where the form says the origin."""
    for name, field in was["properties"].items():
        before, after = (found.get("default") for found in (field, now["properties"].get(name, field)))
        if before != after and isinstance(before, str) and _ADDRESS.match(before):
            yield _change("JC402", type_id, f"was {before} by default, is {after or 'none'}", f"$.{name}")


def _of_types(old: Described, new: Described) -> Iterator[Change]:
    for type_id, was in old.items():
        now = new.get(type_id)
        if now is None:
            yield _change("JC401", type_id, "is no more")
            continue
        if was["origin"] != now["origin"]:
            detail = f"was {was['origin'] or 'as its form says'}, is {now['origin'] or 'as its form says'}"
            yield _change("JC402", type_id, detail)
        elif not was["origin"]:
            yield from _of_addresses(type_id, was["input"], now["input"])
        if was["login"] != now["login"]:
            yield _change(
                "JC403", type_id, f"was {was['login'] or 'by its fields'}, is {now['login'] or 'by its fields'}"
            )
        yield from _told(type_id, input_differences, was["input"], now["input"])
    for type_id in sorted(new.keys() - old.keys()):
        yield _change("JC451", type_id, "is new")
