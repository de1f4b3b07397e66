"""Choices that depend on what the user typed, or on other fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
import pytest
from attrs import field, frozen

from jackfield import (
    Array,
    Choice,
    ConnectionType,
    Context,
    Effect,
    FromText,
    Host,
    InputError,
    InvalidInputError,
    Password,
    PluginError,
    Secret,
    Select,
    header,
    module,
)
from jackfield._cli.describe import type_words
from jackfield._engine.schema import form_schema
from jackfield.forms import form_of
from jackfield.testing import Replay


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password()]


account = ConnectionType(
    label="Cities", form=Account, origin="https://cities.example", authorize=header("X-Key", "{api_key}")
)


def _people(context: Context, query: str) -> Sequence[str]:
    found: Sequence[str] = context.client.get("/people", params={"q": query})
    return found


def _cities(context: Context, values: Mapping[str, object], query: str) -> Sequence[str]:
    found: Sequence[str] = context.client.get("/cities", params={**values, "q": query})
    return found


def _streets(context: Context, values: Mapping[str, object]) -> Sequence[Choice]:
    return [Choice(value=f"{values.get('city')} {number}") for number in (1, 2)]


@frozen(kw_only=True)
class Place:
    country: Annotated[str, Select(choices=["cz", "de"])] = "cz"
    number: int | None = None
    city: Annotated[str | None, Select(choices=_cities, depends_on=["country", "number"])] = None
    street: Annotated[str | None, Select(choices=_streets, depends_on=["city"])] = None
    people: Annotated[Sequence[Annotated[str, Select(choices=_people)]] | None, Array(unique=True)] = None
    kinds: Sequence[Literal["a", "b"]] | None = None
    size: Annotated[
        Literal["s", "m", "l"] | None,
        Select(choices=[Choice(value="s", group="Small"), Choice(value="l", label="Large"), Choice(value="m")]),
    ] = None


@frozen(kw_only=True)
class Gone:
    ok: bool = True


@module(label="Go", connection=account, effect=Effect.READ)
def go(form: Place, context: Context) -> Gone:
    """Go to a place."""
    return Gone()


class Asking:
    """A host that answers from memory, and what it was asked."""

    def __init__(self) -> None:
        self.replay = Replay()
        self.host = Host(discover=False, plugins=[self.replay], modules={"a.go": go})

    def choices(self, name: str, answer: Any = None, **options: Any) -> list[object]:
        """Ask for choices; the service gives this answer."""
        if answer is not None:
            self.replay.reply(answer)
        return [choice.value for choice in self.host.choices("a.go", name, connection={"api_key": "k"}, **options)]

    @property
    def asked(self) -> list[str]:
        """What the service was asked."""
        return [str(request.url).partition("example/")[2] for request in self.replay.requests]


@pytest.fixture
def asking() -> Iterator[Asking]:
    """Close the host afterwards."""
    made = Asking()
    yield made
    made.host.close()


def test_a_function_that_takes_a_query_searches_by_itself(asking: Asking) -> None:
    """What the service finds is not searched once more; each query is asked once."""
    assert asking.choices("people", ["Ann", "Bob"], query="xyz") == ["Ann", "Bob"]
    assert asking.choices("people", query="xyz") == ["Ann", "Bob"]
    assert asking.choices("people", ["Cid"], query="c") == ["Cid"]
    assert asking.asked == ["people?q=xyz", "people?q=c"]


def test_a_function_is_given_the_values_that_its_choices_depend_on(asking: Asking) -> None:
    """Read as their fields read them, with defaults, and kept apart; no others."""
    assert asking.choices("city", ["Praha"], values={"street": "x"}) == ["Praha"]
    values = {"country": FromText("de"), "number": FromText("5")}
    assert asking.choices("city", ["Berlin"], values=values) == ["Berlin"]
    assert asking.choices("city", values={"country": "de", "number": 5, "size": "odd"}) == ["Berlin"]
    assert asking.choices("street", values={"city": "Wien"}) == ["Wien 1", "Wien 2"]
    assert asking.choices("street", values={"city": "Wien"}, query="2") == ["Wien 2"]
    assert asking.asked == ["cities?country=cz&q=", "cities?country=de&number=5&q="]


def test_a_wrong_value_of_another_field_is_told(asking: Asking) -> None:
    """Before anybody is asked."""
    with pytest.raises(InvalidInputError, match=r"\$\.country: must be one of cz, de"):
        asking.choices("city", values={"country": "at"})

    assert asking.asked == []


def test_a_list_of_choices_offers_those_of_its_items(asking: Asking) -> None:
    """Several of them may be chosen."""
    assert asking.choices("kinds") == ["a", "b"]
    with pytest.raises(InputError, match="The field 'number' offers no choices"):
        asking.choices("number")


def test_schema_and_people_are_told() -> None:
    """What searches, what depends on what, and groups."""
    form = form_of(Place)
    offers = {
        key: schema.get("items", schema).get("x-jackfield", {}).get("choices")
        for key, schema in form_schema(form)["properties"].items()
    }
    words = {slot.key: type_words(slot) for slot in form.slots}

    assert offers["city"] == {
        "dynamic": True,
        "freeText": True,
        "searched": True,
        "dependsOn": ["country", "number"],
    }
    assert offers["street"] == {"dynamic": True, "freeText": True, "dependsOn": ["city"]}
    assert offers["people"] == {"dynamic": True, "freeText": True, "searched": True}
    assert words["city"] == "text, see module choices (by country and number)"
    assert words["people"] == "list of text, see module choices, none twice"
    assert words["size"] == "one of Small: s; l | m"


def _odd(context: Context, wish: str) -> Sequence[str]:
    return [wish]


MISUSES: list[tuple[Any, str, str]] = [
    (Select(choices=_odd), "its function has a parameter 'wish'", "by name query and values"),
    (Select(choices=_streets), "its function takes values", "go together"),
    (Select(choices=_people, depends_on=["kind"]), "its function takes no values", "go together"),
    (Select(choices=_streets, depends_on=["knd"]), "depends_on names knd, which is no other field", "There are: kind."),
    (
        Select(choices=["a"], depends_on=["kind"]),
        "depends_on is for choices that are asked for",
        "leave depends_on out",
    ),
]


@pytest.mark.parametrize(("word", "what", "remedy"), MISUSES, ids=[each[1] for each in MISUSES])
def test_a_question_that_cannot_be_asked_is_named_with_its_remedy(word: Any, what: str, remedy: str) -> None:
    """When the form is read."""
    hint: Any = Annotated[str, word]
    spots = {"kind": field(type=str), "spot": field(type=hint)}
    cls = attrs.make_class("Here", spots, kw_only=True, frozen=True)

    with pytest.raises(PluginError) as caught:
        form_of(cls)

    assert caught.value.message.startswith("Here.spot: ")
    assert what in caught.value.message
    assert remedy in caught.value.hint


def test_one_text_is_not_a_list_of_names() -> None:
    """Each of its letters would be a name."""
    with pytest.raises(TypeError, match="depends_on='city' is one text; give a list of names"):
        Select(choices=_streets, depends_on="city")


@pytest.mark.parametrize("given", [None, "cz", {"cz": 1}, 5])
def test_a_function_that_gives_no_list_is_told_what_it_gave(given: Any) -> None:
    """A text is a list of letters for Python, and for nobody else."""

    @frozen(kw_only=True)
    class Wish:
        city: Annotated[str | None, Select(choices=lambda context: given)] = None

    @module(label="Wish", connection=account, effect=Effect.READ)
    def wish(form: Wish, context: Context) -> Gone:
        """Wish for a city."""
        return Gone()

    with Host(discover=False, modules={"a.wish": wish}) as host, pytest.raises(PluginError, match="not a list of choi"):
        host.choices("a.wish", "city", connection={"api_key": "k"})


@frozen(kw_only=True)
class Numbered:
    """What services number."""

    name: Annotated[str | None, Select(choices=lambda _context: [7, Choice(value=8, label="Eight"), 7, "7"])] = None
    sure: Annotated[
        str | None, Select(choices=lambda _context: [7, Choice(value=8, label="Eight")], free_text=False)
    ] = None
    count: Annotated[int | None, Select(choices=lambda _context: ["7"])] = None


@module(label="Take Numbers", effect=Effect.READ)
def take_numbers(form: Numbered, context: Context) -> Numbered:
    """Give what was chosen."""
    return form


def test_numbers_are_offered_as_the_field_holds_them() -> None:
    """Each once: what is offered can be chosen."""
    with Host(modules={"numbers.take_numbers": take_numbers}, discover=False) as host:
        offered = host.choices("numbers.take_numbers", "name")
        assert [(choice.value, choice.label) for choice in offered] == [("7", ""), ("8", "Eight")]
        for choice in host.choices("numbers.take_numbers", "sure"):
            assert host.run("numbers.take_numbers", {"sure": choice.value}).bundle == {"sure": choice.value}


def test_a_text_that_is_offered_where_numbers_are_held_is_a_defect() -> None:
    """Nobody could choose it."""
    with (
        Host(modules={"numbers.take_numbers": take_numbers}, discover=False) as host,
        pytest.raises(PluginError, match="offered a text for 'count', which holds numbers"),
    ):
        host.choices("numbers.take_numbers", "count")
