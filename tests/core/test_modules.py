"""What a function says about the module that it becomes."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen

from jackfield import Choice, Context, Effect, Host, InputError, Kind, Module, PluginError, Select, Sunset, module


@frozen(kw_only=True)
class Cat:
    kind: Literal["cat"] = "cat"
    name: Annotated[str, Select(label="Name", choices=("Tom", Choice(value="Kitty", label="The other")))] = "Tom"


@frozen(kw_only=True)
class Dog:
    kind: Literal["dog"] = "dog"
    size: int = 1


@frozen(kw_only=True)
class Zoo:
    animals: Sequence[Cat | Dog] = ()
    open: Literal["yes", "no"] = "yes"


@frozen(kw_only=True)
class Count:
    number: int


def action(form: Zoo, context: Context) -> Count:
    """Count them."""
    return Count(number=len(form.animals))


def search(form: Zoo, context: Context) -> Iterator[Count]:
    """Count each."""
    yield from (Count(number=1) for _ in form.animals)


def listing(form: Zoo, context: Context) -> list[Count]:
    """Count each at once."""
    return [Count(number=1) for _ in form.animals]


def streaming(form: Zoo, context: Context) -> Generator[Count, None, Count]:
    """Count up."""
    for number, _ in enumerate(form.animals, 1):
        context.check()
        yield Count(number=number)
    return Count(number=len(form.animals))


@pytest.mark.parametrize(
    ("function", "kind", "streams"),
    [
        (action, Kind.ACTION, False),
        (search, Kind.SEARCH, False),
        (listing, Kind.SEARCH, False),
        (streaming, Kind.ACTION, True),
    ],
)
def test_the_return_annotation_says_the_kind(function: Callable[..., Any], kind: Kind, *, streams: bool) -> None:
    """Form, output, kind and description are read from the function."""
    made = module(label="Count", effect=Effect.READ)(function)

    assert (made.kind, made.streams) == (kind, streams)
    assert (made.form.cls, made.output.cls) == (Zoo, Count)
    assert made.description == function.__doc__


def test_only_universal_and_trigger_are_said() -> None:
    """No annotation tells them."""
    assert module(label="Call", kind=Kind.UNIVERSAL)(action).kind is Kind.UNIVERSAL


def unannotated(form, context: Context) -> Count:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Lack an annotation."""
    raise NotImplementedError


def lonely(form: Zoo) -> Count:
    """Lack a context."""
    raise NotImplementedError


def returning_nothing(form: Zoo, context: Context):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Lack a return annotation."""
    raise NotImplementedError


@pytest.mark.parametrize("function", [unannotated, lonely, returning_nothing])
def test_a_function_of_another_shape_is_refused_with_the_right_shape(function: Callable[..., Any]) -> None:
    """The error shows what a module looks like."""
    made: Module[Any, Any, Any] = module(label="Wrong")(function)

    with pytest.raises(PluginError, match=r"\(form: Form, context: Context\) -> Output"):
        _ = made.kind


def test_a_name_that_cannot_be_resolved_says_where_to_import_it() -> None:
    """The trap of TYPE_CHECKING blocks and of classes inside functions."""

    def hidden(form: "Hidden", context: Context) -> Count:  # type: ignore[name-defined]  # noqa: F821
        raise NotImplementedError

    with pytest.raises(PluginError, match="'Hidden'") as refused:
        _ = module(label="Wrong")(hidden).kind

    assert "TYPE_CHECKING" in refused.value.hint


def test_a_module_without_a_connection_has_no_client() -> None:
    """The error says what to declare."""

    @module(label="Ask", effect=Effect.READ)
    def ask(form: Zoo, context: Context) -> Count:
        """Ask."""
        assert context.left_s > 0
        context.client.get("/")
        raise NotImplementedError

    with Host(discover=False) as host, pytest.raises(PluginError, match="declares no connection"):
        host.run(ask)


def test_choices_are_found_at_the_path_of_a_field() -> None:
    """Through lists and variants, and without a connection, since nobody is asked."""
    with Host(modules={"zoo.count": module(label="Count", effect=Effect.READ)(action)}, discover=False) as host:
        kinds = host.choices("zoo.count", "animals.kind")
        names = host.choices("zoo.count", "animals.name", query="other")
        with pytest.raises(
            InputError, match=r"no field 'animals\.colour'; below 'animals' there are: kind, name, size"
        ):
            host.choices("zoo.count", "animals.colour")
        with pytest.raises(InputError, match="offers no choices"):
            host.choices("zoo.count", "animals.size")

    assert [choice.value for choice in kinds] == ["cat", "dog"]
    assert [choice.value for choice in names] == ["Kitty"]


def test_a_list_of_outputs_is_a_search() -> None:
    """Whoever has all at once need not be a generator."""
    zoo = Zoo(animals=(Cat(), Dog()))

    with Host(discover=False) as host:
        many = host.run(module(label="List", effect=Effect.READ)(listing), zoo)
        with host.stream(module(label="Count", effect=Effect.READ)(streaming), zoo) as stream:
            pieces = [piece.number for piece in stream]

    assert many.bundles == ({"number": 1}, {"number": 1})
    assert pieces == [1, 2]
    assert stream.result.output.number == 2


MEANINGLESS = {
    "no label": ({"label": ""}, "label is ''"),
    "a connection by its name": ({"connection": "pets"}, "Get a Pet: connection is 'pets'"),
    "a check that is none": ({"validate": 3}, "Get a Pet: validate is 3"),
    "an end that is a text": ({"sunset": "2027"}, "Get a Pet: sunset is '2027'"),
    "a trigger that is a text": ({"trigger": "id"}, "Get a Pet: trigger is 'id'"),
    "a way from 1 that is none": ({"version": 2, "migrate": {1: 3}}, "Get a Pet: migrate is a Python dict"),
    "one alias alone": ({"aliases": "pets:Get"}, "Get a Pet: aliases is 'pets:Get'"),
}


@pytest.mark.parametrize(("said", "words"), MEANINGLESS.values(), ids=MEANINGLESS)
def test_what_means_nothing_is_refused_where_it_is_declared(said: dict[str, Any], words: str) -> None:
    """Not when a user runs it; the hint says what would mean something."""
    with pytest.raises(PluginError, match=words) as refused:
        module(**{"label": "Get a Pet", "effect": Effect.READ, **said})(lambda form, context: form)

    assert refused.value.hint.startswith("Give ")


def test_a_coroutine_is_no_module() -> None:
    """It would never be awaited: hosts run a module in a thread."""

    async def get_cat(form: Cat, context: Context) -> Cat:
        return form

    with pytest.raises(PluginError, match='the function is one that is written with "async def"') as refused:
        module(label="Get a Cat", effect=Effect.READ)(get_cat)

    assert "def" in refused.value.hint


@pytest.mark.parametrize(
    "day", ["2024-01-04", date(2024, 1, 4), datetime(2024, 1, 4, 12, tzinfo=UTC)], ids=["text", "date", "moment"]
)
def test_the_day_of_a_sunset_may_be_a_date(day: str | date) -> None:
    """A date in it had every list of modules in JSON fail."""
    ended = module(label="Old", sunset=Sunset(date=day, replacement="new"))(action)
    with Host(modules={"zoo.old": ended}, discover=False, environ={}) as host:
        schema = host.module("zoo.old").schema()

    assert json.loads(json.dumps(schema))["x-jackfield"]["sunset"]["date"] == "2024-01-04"


@pytest.mark.parametrize("day", ["soon", "", 5, None], ids=repr)
def test_a_sunset_without_a_day_is_refused_where_it_is_declared(day: Any) -> None:
    """With what is wanted."""
    with pytest.raises(ValueError, match=r"a day such as 2026-01-31, was "):
        Sunset(date=day, replacement="new")
