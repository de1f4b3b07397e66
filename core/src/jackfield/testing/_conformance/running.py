"""The rules about what a connector does when it runs: requests, secrets, answers, surroundings."""

from jackfield.testing._conformance import answering, keeping, sending, surroundings, together
from jackfield.testing._conformance.rule import Rule

RULES = (
    Rule(
        id="JF401",
        name="unset is absent",
        reason="The service's own defaults stay the service's; what nobody asked for breaks with its next version.",
        bad="""context.client.post("/v1/chat", json={"text": form.text, "heat": form.heat or 1})
""",
        good="""context.client.post("/v1/chat", json=form)  # what is not set is not sent
""",
        of_module=sending.unset,
    ),
    Rule(
        id="JF402",
        name="no dead fields",
        reason="A field that is shown and never sent is worse than none: people believe that it works.",
        bad="""context.client.get("/v1/forecast", params={"place": form.place})  # and form.days?
""",
        good="""context.client.get("/v1/forecast", params=form)
""",
        of_module=sending.dead,
    ),
    Rule(
        id="JF403",
        name="required before the network",
        reason="Who forgets something is told at once, with nothing sent and nothing half done.",
        bad="""station = context.client.get("/v1/station")
if form.place is None and station["place"] is None:
    raise InvalidInputError([Problem(path="$.place", rule="required", message="is required")])
""",
        good="""place: Annotated[str, Text(label="Place")]  # or @module(validate=...), for what several fields say
""",
        of_module=sending.required,
    ),
    Rule(
        id="JF501",
        name="secrets are secrets",
        reason="Only a field of the type Secret is encrypted, masked and kept out of every text.",
        bad="""api_key: Annotated[str, Text(label="API key")]
""",
        good="""api_key: Annotated[Secret, Password(label="API key")]
""",
        of_connector=keeping.connection_fields,
        of_module=keeping.fields,
    ),
    Rule(
        id="JF502",
        name="secrets stay out of errors and logs",
        reason="Errors and logs are sent to other people.",
        bad="""def authorize(request: PreparedRequest, form: Account) -> None:
    log.debug("key %s", form.api_key.reveal())
""",
        good="""authorize=header("X-Key", "{api_key}")
""",
        of_module=keeping.errors,
        of_connector=keeping.connection_errors,
    ),
    Rule(
        id="JF503",
        name="secrets stay out of recordings",
        reason="What is recorded before the credential is added can be shown to anybody, if that is where it is added.",
        bad="""origin=lambda form: f"https://api.weather.example/{form.api_key.reveal()}"
""",
        good="""origin="https://api.weather.example", authorize=header("X-Key", "{api_key}")
""",
        of_module=keeping.recordings,
        of_connector=keeping.connection_recordings,
    ),
    Rule(
        id="JF601",
        name="the effect is true",
        reason="Hosts repeat what only reads, and never what may leave a second thing behind.",
        bad="""@module(label="Send a Report", connection=account, effect=Effect.READ)
def send_report(form: Report, context: Context) -> Sent:
    return context.client.post("/v1/reports", json=form, into=Sent)
""",
        good="""@module(label="Send a Report", connection=account, effect=Effect.UNSAFE)
def send_report(form: Report, context: Context) -> Sent:
    return context.client.post("/v1/reports", json=form, into=Sent)
""",
        of_module=answering.effect,
    ),
    Rule(
        id="JF602",
        name="the kind is true",
        reason="A scenario runs what follows a search once for each bundle.",
        bad="""def list_stations(form: Region, context: Context) -> Stations:
    return context.client.get("/v1/stations", into=Stations)
""",
        good="""def list_stations(form: Region, context: Context) -> Iterator[Station]:
    yield from context.client.get("/v1/stations", into=Stations).stations
""",
        of_module=answering.kind,
    ),
    Rule(
        id="JF603",
        name="the output is true",
        reason="What follows is built on what the output declares.",
        bad="""temperature_c: float  # the service leaves it out where there is no sensor
""",
        good="""temperature_c: float | None = None
""",
        of_module=answering.output,
    ),
    Rule(
        id="JF604",
        name="errors are mapped",
        reason="The class of an error says what to do: wait, mend the key, mend the input, call somebody.",
        bad="""try:
    return context.client.get("/v1/forecast", into=Forecast)
except RemoteError:
    return Forecast(text="unknown")
""",
        good="""return context.client.get("/v1/forecast", into=Forecast)  # or ConnectionType(read_error=...)
""",
        of_module=answering.errors,
    ),
    Rule(
        id="JF701",
        name="needs no home directory",
        reason="Containers and services often have none, or one that cannot be written.",
        bad="""folder = Path.home() / ".weather"
folder.mkdir(exist_ok=True)
""",
        good="""context.store_file(content, name="forecast.json")  # the host knows where files go
""",
        of_module=surroundings.homeless,
    ),
    Rule(
        id="JF702",
        name="needs no event loop",
        reason="Hosts run modules in threads without a loop, and notebooks inside of a running one.",
        bad="""return asyncio.run(_fetch(form))
""",
        good="""return context.client.get("/v1/forecast", params=form, into=Forecast)
""",
        of_module=surroundings.loops,
    ),
    Rule(
        id="JF703",
        name="runs in threads",
        reason="Hosts run many at once.",
        bad="""_current = {}  # of this process: two runs write into it


def get_forecast(form: Place, context: Context) -> Forecast:
    _current["place"] = form.place
""",
        good="""def get_forecast(form: Place, context: Context) -> Forecast:
    place = form.place
""",
        of_module=together.threads,
    ),
    Rule(
        id="JF704",
        name="runs after a fork",
        reason="Web servers and workers fork; threads, locks and connections of the parent are not there any more.",
        bad="""_pool = ThreadPoolExecutor(4)  # its threads stay in the parent
""",
        good="""with ThreadPoolExecutor(4) as pool:  # for one run
    ...
""",
        of_module=surroundings.forked,
    ),
    Rule(
        id="JF705",
        name="prints nothing",
        reason="What a host prints is read by programs: a line of somebody else in it breaks them.",
        bad="""print("asking for", form.place)
""",
        good="""logging.getLogger(__name__).debug("asking")  # or context.warn("..."), for the user
""",
        of_module=surroundings.silent,
    ),
)
