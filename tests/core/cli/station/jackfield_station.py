"""Weather station: a connector for the tests of the command line, with something of everything."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from attrs import field, frozen

from jackfield import (
    Array,
    Choice,
    ConnectionType,
    Context,
    Effect,
    Integer,
    KeyValue,
    Number,
    Password,
    Rest,
    Secret,
    Select,
    Text,
    Trigger,
    Url,
    Usage,
    header,
    module,
)


@frozen(kw_only=True)
class Account:
    """Which station is asked."""

    api_key: Annotated[Secret, Password(label="API key", help="On a sticker below the mast.", env="STATION_API_KEY")]
    base_url: Annotated[str, Url(label="Address", env="STATION_URL")]


account = ConnectionType(
    label="Weather station",
    form=Account,
    origin=lambda form: str(form.base_url),
    authorize=header("X-Key", "{api_key}"),
    check="/status",
    help="Ask the janitor for a key.",
)


@frozen(kw_only=True)
class Place:
    """Where to look."""

    latitude: Annotated[float, Number(label="Latitude", minimum=-90, maximum=90, unit="degrees north", example=52.5)]
    longitude: Annotated[float, Number(label="Longitude", minimum=-180, maximum=180, unit="degrees east")]
    units: Annotated[Literal["metric", "imperial"], Select(label="Units")] = "metric"


@frozen(kw_only=True)
class Weather:
    """What it is like there now."""

    temperature_c: float
    wind_kmh: float
    rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)


@module(label="Get the Weather", connection=account, effect=Effect.READ, aliases=["old-station:Weather"])
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/weather", params=form, into=Weather)


@module(label="Set the Weather", connection=account)
def set_weather(form: Place, context: Context) -> Weather:
    """Wish for other weather."""
    answer: Weather = context.client.post("/weather", json=form, into=Weather)
    return answer


@frozen(kw_only=True)
class Search:
    """Which stations."""

    limit: Annotated[int | None, Integer(label="Limit", minimum=1, maximum=100)] = None


@frozen(kw_only=True)
class Station:
    """One station."""

    id: str
    height_m: float


@module(label="List Stations", connection=account, effect=Effect.READ)
def list_stations(form: Search, context: Context) -> Iterator[Station]:
    """List what stations there are."""
    for item in context.client.get("/stations", params=form):
        yield Station(id=item["id"], height_m=item["height_m"])


def _voices(context: Context) -> Sequence[Choice]:
    return [Choice(value=item["id"], label=item["label"]) for item in context.client.get("/voices")]


@frozen(kw_only=True)
class Request:
    """What to tell."""

    voice: Annotated[str, Select(label="Voice", choices=_voices)]
    about: Annotated[str | None, Text(label="About", max_length=20_000_000)] = None


@frozen(kw_only=True)
class Piece:
    """A part of the story."""

    text: str


@frozen(kw_only=True)
class Story:
    """All of it."""

    result: str
    words: int


@module(label="Tell a Story", connection=account, effect=Effect.READ)
def tell_story(form: Request, context: Context) -> Generator[Piece, None, Story]:
    """Tell a story, piece by piece."""
    told = []
    for event in context.client.events("POST", "/story", json=form, until="[DONE]"):
        told.append(event.data)
        yield Piece(text=event.data)
    context.record_usage(Usage(total_tokens=len(told)))
    return Story(result="".join(told), words=len(told))


@frozen(kw_only=True)
class Word:
    """Something said."""

    kind: Literal["word"]
    text: Annotated[str, Text(label="Text", min_length=1)]


@frozen(kw_only=True)
class Picture:
    """Something drawn."""

    kind: Literal["picture"]
    url: Annotated[str, Url(label="Address")]


@frozen(kw_only=True)
class Author:
    """Who wrote it."""

    name: str
    age: Annotated[int | None, Integer(label="Age", minimum=0, unit="years")] = None


@frozen(kw_only=True)
class Note:
    """What to write down."""

    parts: Annotated[list[Word | Picture], Array(label="Parts", min_items=1)]
    author: Author | None = None
    urgent: bool | None = None
    scores: Annotated[Mapping[str, float] | None, KeyValue(label="Scores")] = None
    extra: object = None


@frozen(kw_only=True)
class Written:
    """What was written down."""

    note: object


@module(label="Write a Note")
def write_note(form: Note, context: Context) -> Written:
    """Give back what was written, and warn if it was urgent."""
    if form.urgent:
        context.warn("Urgent notes are read on Mondays.")
    return Written(
        note={
            "parts": [part.text if isinstance(part, Word) else part.url for part in form.parts],
            "author": [form.author.name, form.author.age] if form.author else None,
            "scores": dict(form.scores or {}),
            "extra": form.extra,
        }
    )


@module(label="Fall Over", effect=Effect.READ)
def fall_over(form: Search, context: Context) -> Station:
    """Show what a defect of a connector looks like."""
    return Station(id="none", height_m=1 / 0)


@frozen(kw_only=True)
class Reading:
    """What a station measured."""

    id: int
    measured: str
    value: float


@frozen(kw_only=True)
class Watched:
    """Whose readings."""

    station: Annotated[str | None, Text(label="Station")] = None


@module(
    label="Watch Readings",
    connection=account,
    effect=Effect.READ,
    trigger=Trigger(key="id", date="measured"),
)
def watch_readings(form: Watched, context: Context) -> Iterator[Reading]:
    """Give what the stations measured."""
    for item in context.client.get("/readings", params=form):
        yield Reading(**item)


@frozen(kw_only=True)
class OldTimes:
    """Where it was; in version 1 the field was called ``town``."""

    place: Annotated[str, Text(label="Place")]


@frozen(kw_only=True)
class Tale:
    """What was told."""

    result: str


@module(
    label="Tell of Old Times",
    effect=Effect.READ,
    version=2,
    migrate={1: lambda form: {("place" if name == "town" else name): value for name, value in form.items()}},
)
def old_times(form: OldTimes, context: Context) -> Tale:
    """Tell of old times."""
    return Tale(result=f"Once upon a time in {form.place}")
