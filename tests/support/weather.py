"""A connector for the tests of hosts, with something of everything; its service answers from memory."""

from collections.abc import Generator, Iterator, Mapping
from typing import Annotated

from attrs import frozen

from jackfield import (
    Choice,
    ConnectionType,
    Context,
    Effect,
    HttpSettings,
    Number,
    Password,
    Problem,
    Rest,
    Secret,
    Select,
    Usage,
    header,
    module,
)

CANARY = "canary-4711-key"
QUICK = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key", env="WEATHER_API_KEY")]
    region: str | None = None


account = ConnectionType(
    label="Weather",
    form=Account,
    origin="https://api.weather.example/v1",
    authorize=header("X-Key", "{api_key}"),
    check=lambda client: str(client.get("/status")["account"]),
)


def cities(context: Context) -> list[Choice]:
    """Ask the service for its cities."""
    return [Choice(value=city) for city in context.client.get("/cities")]


@frozen(kw_only=True)
class Place:
    latitude: Annotated[float, Number(label="Latitude", minimum=-90, maximum=90)]
    city: Annotated[str | None, Select(label="City", choices=cities)] = None


@frozen(kw_only=True)
class Weather:
    temperature_c: float
    rest: Annotated[Mapping[str, object], Rest()] = {}


@module(label="Get the Weather", connection=account, effect=Effect.READ)
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/weather", params=form, into=Weather)


@module(label="List Stations", connection=account, effect=Effect.READ)
def list_stations(form: Place, context: Context) -> Iterator[Weather]:
    """List what each station measures."""
    for temperature in context.client.get("/stations", params=form):
        yield Weather(temperature_c=temperature)


@frozen(kw_only=True)
class Word:
    text: str


@module(label="Tell the Forecast", connection=account, effect=Effect.READ)
def tell_forecast(form: Place, context: Context) -> Generator[Word, None, Weather]:
    """Tell the forecast word by word."""
    count = 0
    for event in context.client.events("POST", "/forecast", json=form, until="[DONE]"):
        count += 1
        yield Word(text=event.data)
    context.record_usage(Usage(output_tokens=count))
    context.warn("Forecasts are often wrong.")
    return Weather(temperature_c=count)


@module(label="Report", connection=account, effect=Effect.UNSAFE)
def report(form: Place, context: Context) -> Weather:
    """Report what was measured."""
    return context.client.post("/reports", json=form, into=Weather)


@module(label="Fail", effect=Effect.READ)
def fail(form: Place, context: Context) -> Weather:
    """Have a defect."""
    raise ZeroDivisionError(str(form))


@module(label="Lie", effect=Effect.READ)
def lie(form: Place, context: Context) -> Weather:
    """Give something else than declared."""
    return Weather(temperature_c="warm")  # type: ignore[arg-type]


@module(
    label="Add",
    effect=Effect.READ,
    validate=lambda form: (
        [Problem(path="$.city", rule="city", message="is not in this hemisphere")] if form.city else []
    ),
)
def add(form: Place, context: Context) -> Weather:
    """Compute without a service."""
    return Weather(temperature_c=form.latitude + 1)


MODULES = {
    "weather.get_weather": get_weather,
    "weather.list_stations": list_stations,
    "weather.tell_forecast": tell_forecast,
    "weather.report": report,
    "weather.fail": fail,
    "weather.lie": lie,
    "weather.add": add,
}
HERE = {"latitude": 52.5}
KEY = {"api_key": CANARY}
