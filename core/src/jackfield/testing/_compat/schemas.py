"""What two JSON Schemas of ours differ in, for who gives values (inputs) and for who gets them (outputs)."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jackfield.testing._compat.rules import RULE

Schema = Mapping[str, Any]

_RISING = ("minimum", "minLength", "minItems", "minProperties", "earliest")
_FALLING = ("maximum", "maxLength", "maxItems", "maxProperties", "latest", "maxBytes")
_EQUAL = ("pattern", "format", "uniqueItems", "shownWhen")
_LISTED = ("schemes", "mediaTypes", "extensions")
_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number"}
_ANY = frozenset({"any"})
_OURS = "x-jackfield"


class Difference(NamedTuple):
    """The id of a rule, where, and what."""

    rule: str
    place: str
    detail: str


class Side(NamedTuple):
    """A schema, and the whole in which its references lead somewhere."""

    schema: Schema
    root: Schema

    @classmethod
    def of(cls, root: Schema) -> "Side":
        """Take a whole schema."""
        return cls(root, root)

    def inner(self, schema: Schema) -> "Side":
        """Take a part of it; what stands beside a reference outranks what it leads to."""
        reference = schema.get("$ref")
        if reference is None:
            return Side(schema, self.root)
        found = self.root["$defs"][reference.rpartition("/")[2]]
        return Side({**found, **{key: value for key, value in schema.items() if key != "$ref"}}, self.root)

    @property
    def properties(self) -> dict[str, "Side"]:
        """Its fields."""
        return {key: self.inner(schema) for key, schema in self.schema.get("properties", {}).items()}

    @property
    def members(self) -> list["Side"]:
        """What it may be: itself, unless it says that it may be several things."""
        several = self.schema.get("oneOf") or self.schema.get("anyOf")
        if several:
            return [member for schema in several for member in self.inner(schema).members]
        return [self]

    @property
    def types(self) -> frozenset[str]:
        """The types of JSON that it allows; ``any`` for all."""
        found = self.schema.get("type")
        if found is None:
            return frozenset(_NAMES[type(value)] for value in self.values) or _ANY
        return frozenset({found} if isinstance(found, str) else found)

    @property
    def values(self) -> list[Any]:
        """The only values that it allows; none if it allows others."""
        return [self.schema["const"]] if "const" in self.schema else list(self.schema.get("enum", ()))

    @property
    def tags(self) -> dict[str, tuple[Any, ...]]:
        """The fields that have fixed values: by these the variants of a field are told apart."""
        return {key: tuple(field.values) for key, field in self.properties.items() if field.values}

    @property
    def required(self) -> frozenset[str]:
        """The fields that must be there."""
        return frozenset(self.schema.get("required", ()))

    def bound(self, name: str) -> Any:
        """Give a bound, be it in the language of JSON Schema or in our own words."""
        extras = self.said
        return self.schema.get(name, extras.get(name, extras.get("file", {}).get(name)))

    @property
    def said(self) -> Mapping[str, Any]:
        """What JSON Schema has no word for."""
        found: Mapping[str, Any] = self.schema.get(_OURS, {})
        return found


_Seen = frozenset[tuple[int, int]]


def input_differences(old: Schema, new: Schema) -> list[Difference]:
    """Compare what is taken: what was right must be right."""
    return list(_field(Side.of(old), Side.of(new), "$", frozenset()))


def output_differences(old: Schema, new: Schema) -> list[Difference]:
    """Compare what is given: what could be relied on still can."""
    return list(_key(Side.of(old), Side.of(new), "$", frozenset()))


def _once(old: Side, new: Side, seen: _Seen) -> _Seen | None:
    """Note that two schemas are compared; ``None`` if they are already: a form may hold itself."""
    pair = (id(old.schema.get("properties", old.schema)), id(new.schema.get("properties", new.schema)))
    return None if pair in seen else seen | {pair}


def _weight(found: list[Difference]) -> tuple[int, int]:
    """Tell which of several readings is meant: the one that breaks least."""
    return sum(RULE[difference.rule].breaking for difference in found), len(found)


# What is taken.


def _field(old: Side, new: Side, place: str, seen: _Seen) -> Iterator[Difference]:
    inside = _once(old, new, seen)
    if inside is None:
        return
    yield from _words(old, new, place)
    olds, news = old.members, new.members
    if len(olds) == len(news) == 1:
        yield from _single(olds[0], news[0], place, inside)
        return
    yield from _bounds(Side({_OURS: old.said}, old.root), Side({_OURS: new.said}, new.root), place)
    met: list[Side] = []
    for member in olds:
        alike = [other for other in news if _may_be(member, other)]
        if not alike:
            rule = "JC106" if len(olds) > 1 else "JC104"
            yield Difference(rule, place, f"{_called(member)} is not accepted any more")
            continue
        met += alike
        found = [list(_single(member, other, place, inside)) for other in alike]
        yield from min(found, key=_weight)
    for member in news:
        if not any(member is other for other in met):
            yield Difference("JC153", place, f"{_called(member)} is accepted, too")


def _may_be(member: Side, other: Side) -> bool:
    """Say whether a value of the one may be meant as the other."""
    tags = other.tags
    shared = [(values, tags[name]) for name, values in member.tags.items() if name in tags]
    return _takes(other.types, member.types) and all(set(map(repr, one)) & set(map(repr, two)) for one, two in shared)


def _called(side: Side) -> str:
    said = [f"{name} {' or '.join(map(str, values))}" for name, values in side.tags.items()]
    values = " or ".join(map(str, side.values))
    return ", ".join(said) or values or " or ".join(sorted(side.types))


def _takes(new: frozenset[str], old: frozenset[str]) -> bool:
    wide = new | {"integer"} if "number" in new else new
    return "any" in new or old <= wide


def _single(old: Side, new: Side, place: str, seen: _Seen) -> Iterator[Difference]:
    if not _takes(new.types, old.types):
        yield Difference("JC104", place, f"was {_typed(old)}, is {_typed(new)}")
        return
    if old.types != new.types:
        yield Difference("JC153", place, f"was {_typed(old)}, is {_typed(new)}")
    yield from _choices(old, new, place)
    yield from _bounds(old, new, place)
    yield from _fields(old, new, place, seen)
    for key, sign in (("items", "[]"), ("additionalProperties", ".*")):
        inner, outer = old.schema.get(key), new.schema.get(key)
        if isinstance(inner, Mapping) and isinstance(outer, Mapping):
            yield from _field(old.inner(inner), new.inner(outer), place + sign, seen)


def _typed(side: Side) -> str:
    return " or ".join(sorted(side.types))


def _choices(old: Side, new: Side, place: str) -> Iterator[Difference]:
    if new.values and not old.values:
        yield Difference("JC107", place, f"only {_listed(new.values)}")
    elif new.values:
        gone = [value for value in old.values if value not in new.values]
        more = [value for value in new.values if value not in old.values]
        if gone:
            yield Difference("JC106", place, f"no longer {_listed(gone)}")
        if more:
            yield Difference("JC153", place, f"also {_listed(more)}")
    else:
        yield from _offers(old, new, place)


def _offers(old: Side, new: Side, place: str) -> Iterator[Difference]:
    """Compare what is offered where the new schema names no values: others are taken too, or the service knows them."""
    was, now = old.said.get("choices", {}), new.said.get("choices", {})
    if now.get("dynamic") and not was.get("dynamic") and (was or old.values):
        yield Difference("JC109", place, "only the service knows its choices")
    elif old.values:
        yield Difference("JC153", place, f"not only {_listed(old.values)}")
    if now.get("freeText") is False and was.get("freeText", not old.values):
        yield Difference("JC107", place, "only what the list offers")


def _listed(values: list[Any]) -> str:
    return ", ".join(map(str, values))


def _bounds(old: Side, new: Side, place: str) -> Iterator[Difference]:
    for name in (*_RISING, *_FALLING, *_EQUAL, *_LISTED):
        was, now = old.bound(name), new.bound(name)
        if was == now:
            continue
        rule = "JC105" if _is_tighter(name, was, now) else "JC153"
        yield Difference(rule, place, f"{name} was {_bound(was)}, is {_bound(now)}")


def _is_tighter(name: str, was: Any, now: Any) -> bool:
    if now is None or was is None:
        return now is not None
    if name in _LISTED:
        return not set(was) <= set(now)
    if name in _RISING:
        return bool(now > was)
    return bool(now < was) if name in _FALLING else True


def _bound(value: Any) -> str:
    return "none" if value is None else _listed(value) if isinstance(value, list) else str(value)


def _fields(old: Side, new: Side, place: str, seen: _Seen) -> Iterator[Difference]:
    olds, news = old.properties, new.properties
    closed = new.schema.get("additionalProperties") is False
    for key, field in olds.items():
        where = f"{place}.{key}"
        if key not in news:
            if closed:
                yield Difference("JC103", where, "there is no such field any more")
            continue
        yield from _field(field, news[key], where, seen)
        if (key in old.required) != (key in new.required):
            rule = "JC102" if key in new.required else "JC152"
            yield Difference(rule, where, f"was {_needed(key, old)}, is {_needed(key, new)}")
    for key in news.keys() - olds.keys():
        rule = "JC101" if key in new.required else "JC151"
        yield Difference(rule, f"{place}.{key}", _needed(key, new))
    if closed and olds and old.schema.get("additionalProperties") not in (False, None):
        yield Difference("JC103", place, "fields that are not declared are refused")


def _needed(key: str, side: Side) -> str:
    return "required" if key in side.required else "optional"


def _words(old: Side, new: Side, place: str) -> Iterator[Difference]:
    """Compare what is said about a field as a whole."""
    was, now = old.said, new.said
    if now.get("mappable") is False and was.get("mappable") is not False:
        yield Difference("JC108", place, "only a fixed value is accepted")
    if now.get("dynamic") and not was.get("dynamic"):
        yield Difference("JC109", place, "only the service knows its fields")
    more = [name for name in _depends_on(new) if name not in _depends_on(old)]
    if more and _is_asked(old):
        yield Difference("JC110", place, f"what the service offers depends on {_listed(more)}, too")
    if was.get("env") and now.get("env") != was["env"]:
        yield Difference("JC111", place, f"was {was['env']}, is {now.get('env', 'none')}")
    if now.get("requiredWhen") and now.get("requiredWhen") != was.get("requiredWhen"):
        yield Difference("JC102", place, f"is required depending on {now['requiredWhen']['field']}")
    if place != "$" and new.schema.get("deprecated") and not old.schema.get("deprecated"):
        yield Difference("JC154", place, now.get("deprecated", ""))
    before, after = old.schema.get("default"), new.schema.get("default")
    if before != after:
        yield Difference("JC155", place, f"was {_bound(before)}, is {_bound(after)}")


def _is_asked(side: Side) -> bool:
    return bool(side.said.get("dynamic") or side.said.get("choices", {}).get("dynamic"))


def _depends_on(side: Side) -> list[str]:
    found: list[str] = {**side.said.get("choices", {}), **side.said.get("dynamic", {})}.get("dependsOn", [])
    return found


# What is given.


def _key(old: Side, new: Side, place: str, seen: _Seen) -> Iterator[Difference]:
    inside = _once(old, new, seen)
    if inside is None:
        return
    olds, news = old.members, new.members
    for member in news:
        alike = [other for other in olds if _may_be(member, other)]
        if alike:
            yield from min((list(_one_key(other, member, place, inside)) for other in alike), key=_weight)
        elif member.tags and any(member.tags.keys() & other.tags.keys() for other in olds):
            yield Difference("JC352", place, f"also {_called(member)}")
        else:
            was = " or ".join(map(_called, olds))
            yield Difference("JC302", place, f"was {was}, may be {_called(member)}")


def _one_key(old: Side, new: Side, place: str, seen: _Seen) -> Iterator[Difference]:
    more = [value for value in new.values if value not in old.values]
    if old.values and (more or not new.values):
        yield Difference("JC352", place, f"also {_listed(more) or 'others'}")
    olds, news = old.properties, new.properties
    for key, field in olds.items():
        where = f"{place}.{key}"
        if key not in news:
            yield Difference("JC301", where, "is given no more")
            continue
        yield from _key(field, news[key], where, seen)
        if key in old.required - new.required:
            yield Difference("JC303", where, "was always there")
    for key in news.keys() - olds.keys():
        yield Difference("JC351", f"{place}.{key}", "is new")
    for name, sign in (("items", "[]"), ("additionalProperties", ".*")):
        inner, outer = old.schema.get(name), new.schema.get(name)
        if isinstance(inner, Mapping) and isinstance(outer, Mapping):
            yield from _key(old.inner(inner), new.inner(outer), place + sign, seen)
