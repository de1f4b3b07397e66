"""Which change of a form or an output breaks whom; every rule about fields and keys has an example here."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from attrs import field as attribute
from attrs import frozen, make_class

from jackfield import Choice, Context, Dynamic, File, Integer, Number, Select, Text, Upload, When
from jackfield._engine.schema import form_schema, output_schema
from jackfield.forms import form_of
from jackfield.testing import CHANGES
from jackfield.testing._compat.schemas import input_differences, output_differences

NEEDED = object()


def cls(kind: Any, default: Any = None) -> type:
    """Make a form of one field."""
    made = (
        attribute(type=kind, kw_only=True) if default is NEEDED else attribute(type=kind, default=default, kw_only=True)
    )
    return make_class("Made", {"it": made}, frozen=True)


@frozen(kw_only=True)
class Nothing:
    pass


@frozen(kw_only=True)
class Post:
    method: Literal["post"] = "post"
    text: str


@frozen(kw_only=True)
class Put:
    method: Literal["put"] = "put"
    text: str


@frozen(kw_only=True)
class Patch:
    method: Literal["patch"] = "patch"
    text: str


@frozen(kw_only=True)
class ShortPut:
    method: Literal["put"] = "put"
    text: Annotated[str, Text(max_length=5)]


@frozen(kw_only=True)
class Tree:
    name: Annotated[str, Text(max_length=9)]
    below: "list[Tree] | None" = None


@frozen(kw_only=True)
class SmallTree:
    name: Annotated[str, Text(max_length=3)]
    below: "list[SmallTree] | None" = None


@frozen(kw_only=True)
class Alone:
    it: Annotated[int | None, Integer()] = None
    other: str | None = None


@frozen(kw_only=True)
class Together:
    it: Annotated[int | None, Integer(required_when=When("other"))] = None
    other: str | None = None


def no_fields(context: Context) -> Mapping[str, Any]:
    """Stand for a service that knows fields."""
    return {}


def number(maximum: float | None = None, **said: Any) -> Any:
    """Make the annotation of a number that need not be given."""
    return Annotated[float | None, Number(maximum=maximum, **said)]


def listed(context: Context) -> list[Choice]:
    """Stand for a service that knows choices."""
    return []


def listed_for(context: Context, values: Mapping[str, Any]) -> list[Choice]:
    """Stand for a service that knows choices for a team."""
    return []


def fields_for(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stand for a service that knows fields for a team."""
    return {}


def file(**said: Any) -> type:
    """Make a form of one file that need not be given."""
    return cls(Annotated[File | None, Upload(**said)])


def files(**said: Any) -> type:
    """Make a form of several files."""
    return cls(list[Annotated[File, Upload(**said)]], NEEDED)


@frozen(kw_only=True)
class Asked:
    it: Annotated[str | None, Select(choices=listed)] = None
    more: Annotated[Mapping[str, object] | None, Dynamic(fields=no_fields)] = None
    team: str | None = None


@frozen(kw_only=True)
class AskedChoices:
    it: Annotated[str | None, Select(choices=listed_for, depends_on=["team"])] = None
    more: Annotated[Mapping[str, object] | None, Dynamic(fields=no_fields)] = None
    team: str | None = None


@frozen(kw_only=True)
class AskedFields:
    it: Annotated[str | None, Select(choices=listed)] = None
    more: Annotated[Mapping[str, object] | None, Dynamic(fields=fields_for, depends_on=["team"])] = None
    team: str | None = None


ASKED = Annotated[str, Select(choices=listed, free_text=False)]
SUGGESTED = Annotated[str, Select(choices=listed, free_text=True)]
LISTED = (Choice(value="a"), Choice(value="b"))
TAKEN = [
    ("a new required field", Nothing, cls(str, NEEDED), {"JC101"}),
    ("a field that becomes required", cls(str | None), cls(str, NEEDED), {"JC102"}),
    ("a field required beside another", Alone, Together, {"JC102"}),
    ("a removed field", cls(str | None), Nothing, {"JC103"}),
    ("a text for a number", cls(int | None), cls(str | None), {"JC104"}),
    ("an integer for a number", cls(float | None), cls(int | None), {"JC104"}),
    ("a number for an integer", cls(int | None), cls(float | None), {"JC153"}),
    ("several types for one", cls(int | None), cls(int | str | None), {"JC153"}),
    ("one type for several", cls(int | str | None), cls(str | None), {"JC106"}),
    ("a list for an item", cls(str | None), cls(list[str] | None), {"JC104"}),
    ("a new bound", cls(number()), cls(number(5)), {"JC105"}),
    ("a tighter bound", cls(number(7)), cls(number(5)), {"JC105"}),
    ("a wider bound", cls(number(5)), cls(number(7)), {"JC153"}),
    ("no bound any more", cls(number(5)), cls(number()), {"JC153"}),
    ("a pattern", cls(str, NEEDED), cls(Annotated[str, Text(pattern="a+")], NEEDED), {"JC105"}),
    ("a choice less", cls(Literal["a", "b"], "a"), cls(Literal["a"], "a"), {"JC106"}),
    ("a choice more", cls(Literal["a"], "a"), cls(Literal["a", "b"], "a"), {"JC153"}),
    ("choices for a text", cls(str, NEEDED), cls(Literal["a", "b"], NEEDED), {"JC107"}),
    ("a text for choices", cls(Literal["a", "b"], NEEDED), cls(str, NEEDED), {"JC153"}),
    (
        "a list that becomes a cage",
        cls(Annotated[str, Select(choices=LISTED, free_text=True)], NEEDED),
        cls(Annotated[str, Select(choices=LISTED)], NEEDED),
        {"JC107"},
    ),
    ("no mapping", cls(number()), cls(number(mappable=False)), {"JC108"}),
    (
        "a dynamic field",
        cls(Mapping[str, object] | None),
        cls(Annotated[Mapping[str, object] | None, Dynamic(fields=no_fields)]),
        {"JC109"},
    ),
    ("fewer extensions of a file", file(extensions=[".csv", ".txt"]), file(extensions=[".csv"]), {"JC105"}),
    ("media types of a file", file(), file(media_types=["text/csv"]), {"JC105"}),
    ("smaller files", file(max_bytes=9), file(max_bytes=5), {"JC105"}),
    ("larger files", file(max_bytes=5), file(max_bytes=9), {"JC153"}),
    ("smaller files in a list", files(max_bytes=9), files(max_bytes=5), {"JC105"}),
    ("choices that only the service knows", cls(Literal["x", "y"], NEEDED), cls(ASKED, NEEDED), {"JC109"}),
    ("choices that the service suggests", cls(Literal["x", "y"], NEEDED), cls(SUGGESTED, NEEDED), {"JC109"}),
    ("suggestions for a text", cls(str, NEEDED), cls(SUGGESTED, NEEDED), set()),
    ("choices of a service for a text", cls(str, NEEDED), cls(ASKED, NEEDED), {"JC107"}),
    ("suggestions that become a cage", cls(SUGGESTED, NEEDED), cls(ASKED, NEEDED), {"JC107"}),
    ("a cage that becomes suggestions", cls(ASKED, NEEDED), cls(SUGGESTED, NEEDED), set()),
    ("choices that depend on a field", Asked, AskedChoices, {"JC110"}),
    ("fields that depend on a field", Asked, AskedFields, {"JC110"}),
    ("choices that depend no more", AskedChoices, Asked, set()),
    ("another variable", cls(number(env="SHOP_TEAM")), cls(number(env="SHOP_GROUP")), {"JC111"}),
    ("no variable any more", cls(number(env="SHOP_TEAM")), cls(number()), {"JC111"}),
    ("a variable", cls(number()), cls(number(env="SHOP_TEAM")), set()),
    ("a new optional field", Nothing, cls(str | None), {"JC151"}),
    ("a field that need not be given", cls(str, NEEDED), cls(str | None), {"JC152"}),
    ("a deprecated field", cls(number()), cls(number(deprecated="Use more.")), {"JC154"}),
    ("another default", cls(int, 3), cls(int, 5), {"JC155"}),
    ("a variant less", cls(Post | Put | Patch, NEEDED), cls(Post | Put, NEEDED), {"JC106"}),
    ("a variant more", cls(Post | Put, NEEDED), cls(Post | Put | Patch, NEEDED), {"JC153"}),
    ("a bound in a variant", cls(Post | Put, NEEDED), cls(Post | ShortPut, NEEDED), {"JC105"}),
    ("a bound in a list", cls(list[Put] | None), cls(list[ShortPut] | None), {"JC105"}),
    ("a form that holds itself", Tree, SmallTree, {"JC105"}),
    ("the same", Tree, Tree, set()),
]
GIVEN = [
    ("a key less", cls(str, NEEDED), Nothing, {"JC301"}),
    ("a key more", Nothing, cls(str, NEEDED), {"JC351"}),
    ("another type", cls(int, NEEDED), cls(str, NEEDED), {"JC302"}),
    ("a number for an integer", cls(int, NEEDED), cls(float, NEEDED), {"JC302"}),
    ("an integer for a number", cls(float, NEEDED), cls(int, NEEDED), set()),
    ("a key that may be missing", cls(str, NEEDED), cls(str | None), {"JC303"}),
    ("a key that is always there", cls(str | None), cls(str, NEEDED), set()),
    ("a value more", cls(Literal["a"], NEEDED), cls(Literal["a", "b"], NEEDED), {"JC352"}),
    ("a variant more", cls(Post | Put, NEEDED), cls(Post | Put | Patch, NEEDED), {"JC352"}),
    ("a variant less", cls(Post | Put | Patch, NEEDED), cls(Post | Put, NEEDED), set()),
]


@pytest.mark.parametrize(("old", "new", "rules"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_what_was_accepted_and_is_not_breaks_saved_inputs(old: type, new: type, rules: set[str]) -> None:
    """What is accepted besides does not."""
    found = input_differences(form_schema(form_of(old)), form_schema(form_of(new)))

    assert {difference.rule for difference in found} == rules


@pytest.mark.parametrize(("old", "new", "rules"), [case[1:] for case in GIVEN], ids=[case[0] for case in GIVEN])
def test_what_was_given_and_is_not_breaks_whoever_reads_it(old: type, new: type, rules: set[str]) -> None:
    """What is given besides does not."""
    found = output_differences(output_schema(form_of(old)), output_schema(form_of(new)))

    assert {difference.rule for difference in found} == rules


def test_every_rule_about_fields_and_keys_is_tried() -> None:
    """No rule is there that nothing ever keeps or breaks."""
    tried = {rule for *_, rules in [*TAKEN, *GIVEN] for rule in rules}

    assert tried == {rule.id for rule in CHANGES if rule.id[2] in "13"}


def test_a_difference_says_where_and_what() -> None:
    """A person sees what to mend without opening both versions."""
    (found,) = input_differences(form_schema(form_of(Tree)), form_schema(form_of(SmallTree)))[:1]

    assert found == ("JC105", "$.name", "maxLength was 9, is 3")
