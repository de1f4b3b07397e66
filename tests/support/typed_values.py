"""Random JSON values of the types that somebody else's package declares: of its ``TypedDict`` and pydantic classes."""

import types
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from attrs import frozen
from hypothesis import strategies as st

__all__ = ["JSON", "TEXTS", "Values"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x2FFFF), max_size=6) | st.sampled_from(
    ["é ✓", "\u2028", '"\\', "a\r\nb", "true", "1", "null", "[]"]
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
JSON = st.recursive(
    st.booleans() | NUMBERS | TEXTS | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
_PLAIN: Mapping[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(0, 2**40),
    float: NUMBERS,
    bool: st.booleans(),
    object: JSON,
    type(None): st.none(),
}
_WRAPPERS = {"Required", "NotRequired", "ReadOnly"}


@frozen
class Values:
    """Makes values of types.

    Attributes:
        special: What to make for a key, by ``Class.key`` or the key alone, where its type says less than is meant.
        nulls: Whether an optional key inside an object may be there with null.
        more: Whether objects of pydantic classes may have keys that their class does not know.
        fewest: How many items a list has at least.
        loose: Whether a key that its pydantic class needs may be missing all the same.
    """

    special: Mapping[str, st.SearchStrategy[Any]]
    nulls: bool = False
    more: bool = False
    fewest: int = 1
    loose: bool = False

    def of(self, kind: Any) -> st.SearchStrategy[Any]:
        """Make values of a type."""
        kind = _unwrapped(kind)
        origin, inside = get_origin(kind), get_args(kind)
        if origin is Literal:
            return st.sampled_from(inside)
        if origin in (Union, types.UnionType):
            return st.one_of([self.of(member) for member in inside])
        if origin in (list, Sequence, Iterable):
            return st.lists(self.of(inside[0]), min_size=self.fewest, max_size=self.fewest + 2)
        if origin in (dict, Mapping):
            return st.dictionaries(st.text("abc_", min_size=1, max_size=4), self.of(inside[1]), max_size=3)
        return self._object(kind) if hasattr(kind, "__annotations__") else _PLAIN[kind]

    def _object(self, kind: Any) -> st.SearchStrategy[Any]:
        """Make objects of a class; which keys are needed, it says by its wrappers or by its fields' defaults."""
        declared = getattr(kind, "model_fields", None)
        if declared is None:
            hints = get_type_hints(kind, include_extras=True)
            return self._keyed(kind, hints, {name for name, hint in hints.items() if _is_required(kind, name, hint)})
        hints = {field.alias or name: field.annotation for name, field in declared.items()}
        needed = {field.alias or name for name, field in declared.items() if field.is_required() and not self.loose}
        fixed = self._keyed(kind, hints, needed)
        if not self.more:
            return fixed
        extra = st.dictionaries(st.sampled_from(["x_new", "x-more"]), JSON.filter(_is_set), max_size=1)
        return st.builds(lambda known, added: {**known, **added}, fixed, extra)

    def _keyed(self, kind: Any, hints: Mapping[str, Any], needed: Collection[str]) -> st.SearchStrategy[Any]:
        made = {name: self._field(kind, name, hint) for name, hint in hints.items()}
        optional = {name: value for name, value in made.items() if name not in needed}
        return st.fixed_dictionaries({name: made[name] for name in needed}, optional=optional)

    def _field(self, kind: Any, name: str, hint: Any) -> st.SearchStrategy[Any]:
        special = self.special.get(f"{kind.__name__}.{name}", self.special.get(name))
        if special is not None:
            return special
        return self.of(hint if self.nulls else without_null(hint))


def _is_set(value: object) -> bool:
    return value is not None


def _unwrapped(kind: Any) -> Any:
    while get_origin(kind) is Annotated or getattr(get_origin(kind), "_name", None) in _WRAPPERS:
        kind = get_args(kind)[0]
    return kind


def _is_required(kind: Any, name: str, hint: Any) -> bool:
    wrapper = getattr(get_origin(hint), "_name", None)
    return wrapper == "Required" or (name in kind.__required_keys__ and wrapper != "NotRequired")


def without_null(kind: Any) -> Any:
    """Give a type without null; as it is if it is nothing else."""
    kind = _unwrapped(kind)
    members = [member for member in get_args(kind) if member is not type(None)]
    return Union[tuple(members)] if get_origin(kind) in (Union, types.UnionType) and members else kind  # noqa: UP007
