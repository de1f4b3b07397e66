"""The rules about what a connector declares: imports, names, schemas."""

from jackfield.testing._conformance import naming, patterns, schemas, surroundings
from jackfield.testing._conformance.rule import Rule

RULES = (
    Rule(
        id="JF101",
        name="imports alone",
        reason="Running one module imports its file and its connection. A file that needs another module's file makes "
        "every run slower, and fails where that one fails.",
        bad="""# jackfield_weather/forecast.py
from jackfield_weather.station import Station  # another module's file
""",
        good="""# jackfield_weather/forecast.py
from jackfield_weather.places import Station  # what the modules share has a file of its own
""",
        of_module=surroundings.alone,
    ),
    Rule(
        id="JF102",
        name="imports do nothing",
        reason="Hosts import a module to show it. Nobody expects that a list on a screen writes files, asks a service "
        "or starts a program.",
        bad="""CACHE = Path("~/.weather").expanduser()
CACHE.mkdir(exist_ok=True)
""",
        good="""def _remember(context: Context, content: bytes) -> File:
    return context.store_file(content, name="forecast.json")
""",
        of_module=surroundings.quiet,
    ),
    Rule(
        id="JF103",
        name="imports are quick",
        reason="A command line pays for the import at each call.",
        bad="""import pandas  # a second, for one table in a hundred runs
""",
        good="""def _as_table(text: str) -> list[Row]:
    import pandas  # only who asks for a table pays for it
""",
        of_module=surroundings.budget,
    ),
    Rule(
        id="JF201",
        name="ids",
        reason="People type ids, and save them. One spelling everywhere lets them guess right.",
        bad="""[project.entry-points."jackfield.modules"]
"weather.Forecast" = "jackfield_weather:fetch"
""",
        good="""[project.entry-points."jackfield.modules"]
"weather.get_forecast" = "jackfield_weather:get_forecast"
""",
        of_module=naming.ids,
        of_connector=naming.unusable_ids,
    ),
    Rule(
        id="JF202",
        name="labels",
        reason="Labels stand beside each other in lists: they begin alike, with the verb of the id, and are short.",
        bad="""@module(label="the forecast.", connection=account)
""",
        good="""@module(label="Get the Forecast", connection=account)
""",
        of_module=naming.labels,
        of_connector=naming.connection_labels,
    ),
    Rule(
        id="JF203",
        name="help",
        reason="What a module does and where a key is found is asked by everybody once.",
        bad="""api_key: Annotated[Secret, Password(label="API key", help="api key")]
""",
        good="""api_key: Annotated[Secret, Password(label="API key", help="Shown on your account page.")]
""",
        of_module=naming.helps,
        of_connector=naming.connection_helps,
    ),
    Rule(
        id="JF301",
        name="valid schemas",
        reason="Web forms, language models and other programs read the JSON Schema of forms and outputs.",
        bad="""@frozen(kw_only=True)
class Forecast:
    phase: complex  # JSON has no such value
""",
        good="""@frozen(kw_only=True)
class Forecast:
    phase: list[float]
""",
        of_module=schemas.valid,
    ),
    Rule(
        id="JF302",
        name="examples work",
        reason="People copy examples.",
        bad="""days: Annotated[int, Integer(label="Days", maximum=7, example=14)]
""",
        good="""days: Annotated[int, Integer(label="Days", maximum=7, example=3)]
""",
        of_module=schemas.examples,
    ),
    Rule(
        id="JF303",
        name="patterns refuse quickly",
        reason=(
            "A pattern that can read one text in many ways tries them all before it refuses it: for forty characters "
            "that takes days, and nothing interrupts it, neither a deadline nor Ctrl-C."
        ),
        bad="""isbn: Annotated[str, Text(label="ISBN", pattern=r"([0-9]+-?)+", example="978-3-16-148410-0")]
""",
        good="""isbn: Annotated[str, Text(label="ISBN", pattern=r"[0-9]+(-[0-9]+)*", example="978-3-16-148410-0")]
""",
        of_module=patterns.quick,
        of_connector=patterns.quick_in_connections,
    ),
)
