"""Types hold from a connector to its callers: mypy, strict, reads this file, and it runs too."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated, Any, assert_type

from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Failure,
    Host,
    Module,
    Number,
    Password,
    Preview,
    Result,
    Secret,
    header,
    module,
)
from jackfield.testing import Replay


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="API key")]


account = ConnectionType(
    label="Weather", form=Account, origin="https://api.weather.example", authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Place:
    """Where to look."""

    latitude: Annotated[float, Number(label="Latitude", minimum=-90, maximum=90)]


@frozen(kw_only=True)
class Weather:
    """What it is like there now."""

    temperature_c: float


@frozen(kw_only=True)
class Word:
    """A piece of a forecast."""

    text: str


@module(label="Get the Weather", connection=account, effect=Effect.READ)
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/v1/weather", params=form, into=Weather)


@module(label="List Days", connection=account, effect=Effect.READ)
def list_days(form: Place, context: Context) -> Iterator[Weather]:
    """Look up some days."""
    yield context.client.get("/v1/weather", params=form, into=Weather)


@module(label="Tell the Forecast", connection=account, effect=lambda _form: Effect.READ)
def tell(form: Place, context: Context) -> Generator[Word, None, Weather]:
    """Tell it word by word."""
    yield Word(text="fine")
    return context.client.get("/v1/weather", params=form, into=Weather)


KEY: Mapping[str, object] = {"api_key": "k"}


def host_with(answers: int) -> Host:
    """Make a host whose service answers so many times."""
    replay = Replay()
    for _ in range(answers):
        replay.reply({"temperature_c": 21})
    return Host(plugins=[replay], modules={"weather.get_weather": get_weather}, discover=False)


def test_a_declaration_gives_typed_results() -> None:
    """Form, output and pieces keep their classes, whatever way a module runs."""
    here = Place(latitude=1)

    with host_with(5) as host:
        ran = host.run(get_weather, here, connection=KEY)
        listed = host.run(list_days, {"latitude": 1}, connection=KEY)
        with host.stream(tell, here, connection=KEY) as stream:
            words = list(stream)
            whole = stream.result
        outcomes = list(host.map(get_weather, [here], connection=KEY))
        by_id = host.run("weather.get_weather", {"latitude": 1}, connection=KEY)
        shown = host.run(get_weather, here, connection=KEY, dry_run=True)

    assert_type(get_weather, Module[Place, Weather, Any])
    assert_type(tell, Module[Place, Weather, Word])
    assert_type(ran, Result[Weather])
    assert_type(listed.outputs, tuple[Weather, ...])
    assert_type(words, list[Word])
    assert_type(whole.output, Weather)
    assert_type(outcomes, list[Result[Weather] | Failure])
    assert_type(by_id, Result[Any])
    assert_type(shown, Preview)
    assert {ran.output, *listed.outputs, whole.output, by_id.output} == {Weather(temperature_c=21)}
    assert words == [Word(text="fine")]


async def awaited(host: Host) -> Weather:
    """Wait for a run."""
    result = await host.arun(get_weather, Place(latitude=1), connection=KEY)
    assert_type(result, Result[Weather])
    return result.output


def test_what_is_awaited_is_typed_too() -> None:
    """As what is run."""
    with host_with(1) as host:
        assert asyncio.run(awaited(host)) == Weather(temperature_c=21)


def test_annotations_that_are_texts_are_read_as_any() -> None:
    """With ``from __future__ import annotations``, as at the head of this file."""
    assert get_weather.signature.form is Place
    assert list_days.signature.output is Weather
    assert tell.signature.piece is Word
    assert get_weather.form.slots[0].word == Number(label="Latitude", minimum=-90, maximum=90)
