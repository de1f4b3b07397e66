"""The ways in which a connector can change, as data.

Source: Make, "Managing breaking changes" (developers.make.com), read 2026-11, in our words; what Make has no word for
(effects, origins, outputs) follows from what a host does with it.
"""

from collections.abc import Mapping

from jackfield.testing._compat.change import ChangeRule

_FIELD = "days: Annotated[{}, Integer({})]{}"


def _breaks(rule_id: str, name: str, reason: str, was: str, now: str) -> ChangeRule:
    return ChangeRule(id=rule_id, name=name, breaking=True, reason=reason, was=was, now=now)


def _keeps(rule_id: str, name: str, reason: str, was: str, now: str) -> ChangeRule:
    return ChangeRule(id=rule_id, name=name, breaking=False, reason=reason, was=was, now=now)


def _field(kind: str = "int | None", said: str = 'label="Days"', default: str = " = None") -> str:
    return _FIELD.format(kind, said, default)


_NEEDED = _field("int", default="")
_UNIT = 'unit: Annotated[Literal["c", "f"], Select(label="Unit")] = "c"'

CHANGES = (
    _breaks("JC101", "new required field", "No saved input gives it, so each is refused.", "", _NEEDED),
    _breaks("JC102", "field becomes required", "Inputs that leave it out are refused.", _field(), _NEEDED),
    _breaks("JC103", "field removed", "Inputs that give it are refused: there is no such field.", _field(), ""),
    _breaks(
        "JC104",
        "field has another type",
        "What was right for the old type is none of the new. From integer to number nothing is lost, and from any one "
        "type to several of which it is one.",
        _field(),
        'days: Annotated[str | None, Text(label="Days")] = None',
    ),
    _breaks(
        "JC105",
        "tighter bound",
        "Values between the old bound and the new are refused; a new pattern or format is a bound, too.",
        _field(said='label="Days", maximum=14'),
        _field(said='label="Days", maximum=7'),
    ),
    _breaks(
        "JC106",
        "choice removed",
        "Inputs with that choice are refused. So are those of a variant that is no more.",
        _UNIT,
        _UNIT.replace('"c", "f"', '"c"'),
    ),
    _breaks(
        "JC107",
        "only what is listed is accepted",
        "The field took any text, mapped from elsewhere or typed, and now only its choices.",
        'unit: Annotated[str, Select(label="Unit", choices=UNITS, free_text=True)]',
        'unit: Annotated[str, Select(label="Unit", choices=UNITS)]',
    ),
    _breaks(
        "JC108",
        "field cannot be mapped any more",
        "A scenario that fills it from an earlier bundle cannot be saved.",
        _field(),
        _field(said='label="Days", mappable=False'),
    ),
    _breaks(
        "JC109",
        "field becomes dynamic",
        "Which values are right was known without the service, and now is not; what was saved may be refused. So it is "
        "with choices that a function lists now.",
        'columns: Annotated[Columns, Collection(label="Columns")]',
        'columns: Annotated[Mapping[str, object], Dynamic(label="Columns", fields=columns_of)]',
    ),
    _breaks(
        "JC110",
        "what is offered depends on more fields",
        "Saved inputs need not give the field that the service is asked with now.",
        'list_id: Annotated[str, Select(label="List", choices=lists_of)]',
        'list_id: Annotated[str, Select(label="List", choices=lists_of, depends_on=["team"])]',
    ),
    _breaks(
        "JC111",
        "another environment variable",
        "The value that people keep in the old variable is not found any more.",
        'team: Annotated[str | None, Text(label="Team", env="WEATHER_TEAM")] = None',
        'team: Annotated[str | None, Text(label="Team", env="WEATHER_GROUP")] = None',
    ),
    _keeps("JC151", "new optional field", "Inputs without it mean what they meant.", "", _field()),
    _keeps("JC152", "field need not be given any more", "Inputs that give it are as right.", _NEEDED, _field()),
    _keeps("JC153", "wider field", "All that was accepted still is.", _UNIT, _UNIT.replace('"f"', '"f", "k"')),
    _keeps(
        "JC154",
        "field deprecated",
        "It works, and whoever gives it is told what to use instead.",
        _field(),
        _field(said='label="Days", deprecated="Use until."'),
    ),
    _keeps(
        "JC155",
        "other default",
        "Inputs that leave the field out may mean something else: say it in the changelog.",
        _field("int", default=" = 3"),
        _field("int", default=" = 5"),
    ),
    _breaks(
        "JC201",
        "module removed",
        "Nothing runs it any more. A module that is renamed keeps the old id among its aliases.",
        '"weather.get_forecast" = "jackfield_weather:get_forecast"',
        "",
    ),
    _breaks(
        "JC202",
        "another kind",
        "Who takes one bundle gets a list, or the reverse.",
        "def get_forecast(form: Place, context: Context) -> Forecast:",
        "def get_forecast(form: Place, context: Context) -> Iterator[Forecast]:",
    ),
    _breaks(
        "JC203",
        "less safe effect",
        "Hosts repeated it after a failure, and let a model call it, trusting the old one.",
        '@module(label="Get the Forecast", effect=Effect.READ)',
        '@module(label="Get the Forecast", effect=Effect.UNSAFE)',
    ),
    _breaks(
        "JC204",
        "another connection type",
        "The connection that people saved for it does not fit.",
        '@module(label="Get the Forecast", connection=account)',
        '@module(label="Get the Forecast", connection=team_account)',
    ),
    _breaks(
        "JC205",
        "alias dropped",
        "What was brought from elsewhere by that name finds no module.",
        '@module(label="Get the Forecast", aliases=["weather:Forecast"])',
        '@module(label="Get the Forecast")',
    ),
    _breaks(
        "JC206",
        "pieces are no longer streamed",
        "Who reads its pieces as they come gets none.",
        "def tell(form: Place, context: Context) -> Generator[Word, None, Story]:",
        "def tell(form: Place, context: Context) -> Story:",
    ),
    _breaks(
        "JC207",
        "saved inputs are refused",
        "The version of the module's form rose, and no function brings inputs of the old one to it; or it fell.",
        '@module(label="Get the Forecast")',
        '@module(label="Get the Forecast", version=2)',
    ),
    _breaks(
        "JC208",
        "forms are checked as a whole",
        "Inputs in which each value is right by itself may be refused now. Whether a check that was there became "
        "stricter cannot be seen from outside.",
        '@module(label="Get the Forecast")',
        '@module(label="Get the Forecast", validate=checked)',
    ),
    _breaks(
        "JC209",
        "a trigger tells its items by other parts",
        "What a watch remembers of them means nothing any more: it is refused until it begins anew.",
        '@module(label="Watch Warnings", trigger=Trigger(key="id"))',
        '@module(label="Watch Warnings", trigger=Trigger(key="name"))',
    ),
    _breaks(
        "JC210",
        "unknown keys are left out",
        "Whoever reads a key that the service gives and the output does not declare finds it missing.",
        "rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)",
        "",
    ),
    _keeps("JC251", "new module", "Nobody uses it yet.", "", '"weather.get_tides" = "jackfield_weather:get_tides"'),
    _keeps(
        "JC252",
        "module renamed",
        "Its old id is one of its aliases.",
        '"weather.get_forecast" = "jackfield_weather:get_forecast"',
        '"weather.get_outlook" = "jackfield_weather:get_outlook"  # aliases=["weather.get_forecast"]',
    ),
    _keeps(
        "JC253",
        "safer effect",
        "Hosts may repeat it more often, and need not ask.",
        '@module(label="Send a Report", effect=Effect.UNSAFE)',
        '@module(label="Send a Report", effect=Effect.KEYED)',
    ),
    _keeps(
        "JC254",
        "sunset announced",
        "It works until then, and whoever sees it is told.",
        '@module(label="Get the Forecast")',
        '@module(label="Get the Forecast", sunset=Sunset(date="2027-01-31", replacement="weather.get_outlook"))',
    ),
    _keeps(
        "JC255",
        "saved inputs are migrated",
        "Inputs that say their version run as before; those that a program makes by itself do not.",
        '@module(label="Get the Forecast")',
        '@module(label="Get the Forecast", version=2, migrate={1: from_1})',
    ),
    _keeps(
        "JC256",
        "check of whole forms changed",
        "Whether it refuses more than before cannot be seen from outside: look at it.",
        '@module(label="Get the Forecast", validate=checked)  # and checked() was another function',
        '@module(label="Get the Forecast", validate=checked)',
    ),
    _breaks("JC301", "output loses a key", "What is mapped from it is missing.", "text: str | None = None", ""),
    _breaks(
        "JC302",
        "key of the output has another type",
        "What reads it fails, or takes it for something else.",
        "wind_kmh: int",
        "wind_kmh: str",
    ),
    _breaks(
        "JC303",
        "key of the output may be missing",
        "It always was there, so nobody looks whether it is.",
        "text: str",
        "text: str | None = None",
    ),
    _keeps("JC351", "output gains a key", "Who does not know it passes it over.", "", "humidity: float | None = None"),
    _keeps(
        "JC352",
        "key of the output may have more values",
        "A service adds values, too: who reads them expects others.",
        'sky: Literal["clear", "gray"]',
        'sky: Literal["clear", "gray", "red"]',
    ),
    _breaks(
        "JC401",
        "connection type removed",
        "Saved connections of it cannot be used. The name of the variable is the name of the type.",
        "account = ConnectionType(...)",
        "login = ConnectionType(...)",
    ),
    _breaks(
        "JC402",
        "other origin",
        "The secrets of saved connections would go where their owners never sent them. So they would where the form "
        "says the address, and its default changes.",
        'origin="https://api.weather.example"',
        'origin="https://api.weather2.example"',
    ),
    _breaks(
        "JC403",
        "other way of logging in",
        "People must log in again, or give more rights.",
        "authorize=oauth",
        'authorize=header("X-Key", "{api_key}")',
    ),
    _keeps("JC451", "new connection type", "Nobody uses it yet.", "", "team = ConnectionType(...)"),
)
"""Every way, by id."""

RULE: Mapping[str, "ChangeRule"] = {rule.id: rule for rule in CHANGES}
