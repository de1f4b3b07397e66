"""What a program that embeds Jackfield can do with a Host; the service answers from memory."""

import asyncio
import json
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    AnswerError,
    BusyError,
    Cancellation,
    Choice,
    ConnectionType,
    Context,
    CredentialsError,
    Effect,
    Event,
    Execution,
    Failure,
    Host,
    HttpSettings,
    InputError,
    InvalidInputError,
    Kind,
    NoConnectionError,
    NotFoundError,
    Number,
    Operation,
    OperationCancelledError,
    OperationFinished,
    OperationStarted,
    Password,
    PluginError,
    Problem,
    Rest,
    Result,
    RetryScheduled,
    Secret,
    Select,
    UnknownModuleError,
    UnsafeRequestError,
    Usage,
    header,
    hookimpl,
    module,
)
from jackfield.testing import Replay

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


@pytest.fixture
def replay() -> Replay:
    """Give a service that answers from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """Give a host of the modules above, which repeats without waiting."""
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}, settings=QUICK) as host:
        yield host


def test_it_runs_a_module_on_json_and_on_typed_input(host: Host, replay: Replay) -> None:
    """The id with JSON values and the declaration with a form give the same."""
    replay.reply({"temperature_c": 21.5, "sky": "blue"})
    replay.reply({"temperature_c": 21.5, "sky": "blue"})

    by_id = host.run("weather.get_weather", HERE, connection=KEY)
    typed = host.run(get_weather, Place(latitude=52.5), connection=KEY)

    assert by_id.bundle == {"temperature_c": 21.5, "sky": "blue"} == typed.bundle
    assert typed.output.temperature_c == 21.5
    assert [request.url for request in replay.requests] == ["https://api.weather.example/v1/weather?latitude=52.5"] * 2


def test_requests_pass_the_send_hook_without_a_credential(host: Host, replay: Replay) -> None:
    """A recorder never holds a key."""
    replay.reply({"temperature_c": 1})

    host.run(get_weather, HERE, connection=KEY)

    (request,) = replay.requests
    assert "X-Key" not in request.headers
    assert CANARY not in str(vars(request))


def test_it_reads_an_unnamed_connection_from_the_variables_that_the_form_names(replay: Replay) -> None:
    """Without a connection in the call, the environment is asked."""
    replay.reply({"temperature_c": 1})

    with Host(plugins=[replay], modules=MODULES, discover=False, environ={"WEATHER_API_KEY": CANARY}) as host:
        result = host.run("weather.get_weather", HERE)

    assert result.output.temperature_c == 1


def test_it_reads_a_named_connection_from_variables_of_its_own(replay: Replay) -> None:
    """A name stands in the variable, and nothing falls back to the unnamed connection."""
    replay.reply({"temperature_c": 1})
    environ = {
        "JACKFIELD_CONNECTION__MY_WEATHER__API_KEY": "k",
        "JACKFIELD_CONNECTION__OTHER__REGION": "eu",
        "WEATHER_API_KEY": "x",
    }

    with Host(plugins=[replay], modules=MODULES, discover=False, environ=environ) as host:
        host.run("weather.get_weather", HERE, connection="my-weather")
        with pytest.raises(NoConnectionError, match=r"\$\.api_key: is required"):
            host.run("weather.get_weather", HERE, connection="other")
        with pytest.raises(NoConnectionError, match="no connection 'third'") as missing:
            host.run("weather.get_weather", HERE, connection="third")

    assert "JACKFIELD_CONNECTION__THIRD__API_KEY" in missing.value.hint
    assert len(replay.requests) == 1


def test_without_credentials_it_says_which_variable_to_set(host: Host) -> None:
    """The error of a newcomer names the remedy."""
    with pytest.raises(NoConnectionError) as missing:
        host.run("weather.get_weather", HERE)

    assert "WEATHER_API_KEY" in missing.value.hint


def test_all_problems_of_an_input_come_at_once_and_nothing_is_sent(host: Host, replay: Replay) -> None:
    """Bad input is one error with every path in it."""
    with pytest.raises(InvalidInputError) as invalid:
        host.run("weather.get_weather", {"latitude": 91, "cty": "Berlin"}, connection=KEY)

    assert {problem.path for problem in invalid.value.problems} == {"$.latitude", "$.cty"}
    assert replay.requests == []


def test_a_module_can_check_its_form_as_a_whole(host: Host) -> None:
    """What no single field can say is a problem like any other."""
    assert host.run("weather.add", HERE).output.temperature_c == 53.5

    with pytest.raises(InvalidInputError, match="hemisphere"):
        host.run("weather.add", {**HERE, "city": "Perth"})


def test_an_unknown_module_is_answered_with_close_names(host: Host) -> None:
    """A typing error costs one look."""
    with pytest.raises(UnknownModuleError) as unknown:
        host.run("weather.get_wether", HERE)

    assert unknown.value.suggestions[0] == "weather.get_weather"


def test_an_answer_that_breaks_its_declaration_is_an_error(host: Host, replay: Replay) -> None:
    """Neither an empty answer nor one of another shape is a success."""
    replay.reply({"temperature": 21})
    replay.reply(content=b"")

    with pytest.raises(AnswerError, match="temperature_c"):
        host.run(get_weather, HERE, connection=KEY)
    with pytest.raises(AnswerError):
        host.run(get_weather, HERE, connection=KEY)


def test_what_a_module_returns_is_checked_too(host: Host) -> None:
    """A connector's own mistake is found before the bundle reaches anybody."""
    with pytest.raises(AnswerError, match=r"temperature_c"):
        host.run(lie, HERE)


def test_a_defect_of_a_connector_names_the_place_and_shows_no_input(host: Host) -> None:
    """An exception of any class becomes one that says whom to tell."""
    with pytest.raises(PluginError) as defect:
        host.run(fail, {"latitude": 52.5, "city": "Atlantis"})

    assert "ZeroDivisionError at test_host.py:" in defect.value.message
    assert "Atlantis" not in str(defect.value)


def test_a_search_gives_its_bundles_in_order(host: Host, replay: Replay) -> None:
    """None, one or many; the singular is only for one."""
    replay.reply([1, 2, 3])

    result = host.run(list_stations, HERE, connection=KEY)

    assert [bundle["temperature_c"] for bundle in result.bundles] == [1, 2, 3]
    assert host.module(list_stations).kind is Kind.SEARCH
    with pytest.raises(ValueError, match=r"3 bundles"):
        _ = result.bundle


def test_a_stream_gives_its_pieces_and_the_whole(host: Host, replay: Replay) -> None:
    """The result of a stream is what run() gives."""
    replay.reply(events=["it", "rains", "[DONE]"])
    replay.reply(events=["it", "rains", "[DONE]"])

    with host.stream(tell_forecast, HERE, connection=KEY) as stream:
        pieces = [piece.text for piece in stream]
        whole = stream.result
    run = host.run(tell_forecast, HERE, connection=KEY)

    assert pieces == ["it", "rains"]
    assert whole.bundle == run.bundle == {"temperature_c": 2}
    assert whole.usage == Usage(output_tokens=2)
    assert whole.warnings == ("Forecasts are often wrong.",)


def test_a_stream_that_is_left_early_has_no_result(host: Host, replay: Replay) -> None:
    """Leaving the block closes it."""
    replay.reply(events=["it", "rains", "[DONE]"])

    with host.stream(tell_forecast, HERE, connection=KEY) as stream:
        next(stream)

    with pytest.raises(InputError, match="closed before its end"):
        _ = stream.result


def test_repeats_are_only_for_what_may_be_repeated(host: Host, replay: Replay) -> None:
    """A read is tried again after a 503, a report that may have been filed is not."""
    for _ in range(4):
        replay.reply({"error": {"message": "overloaded"}}, status=503)
    replay.requests.clear()

    with pytest.raises(BusyError) as busy:
        host.run(report, HERE, connection=KEY)
    assert busy.value.status == 503
    assert len(replay.requests) == 1

    with pytest.raises(BusyError):
        host.run(get_weather, HERE, connection=KEY)
    assert len(replay.requests) == 4


def test_a_result_counts_its_attempts_and_keeps_the_request_id(host: Host, replay: Replay) -> None:
    """What to quote to the service's support is at hand."""
    replay.reply({}, status=429, headers={"Retry-After-Ms": "1"})
    replay.reply({"temperature_c": 1}, headers={"X-Request-Id": "req_7"})

    result = host.run(report, HERE, connection=KEY)

    assert (result.attempts, result.request_id) == (2, "req_7")


def test_map_gives_results_and_failures_in_the_order_of_the_inputs(host: Host) -> None:
    """One bad input stops no other."""
    inputs = [{"latitude": latitude} for latitude in (1, 200, 3)]

    outcomes = list(host.map(add, inputs, concurrency=2))

    assert [isinstance(outcome, Failure) for outcome in outcomes] == [False, True, False]
    assert isinstance(outcomes[0], Result)
    assert outcomes[0].output.temperature_c == 2
    assert isinstance(outcomes[1], Failure)
    assert isinstance(outcomes[1].error, InvalidInputError)


def test_map_takes_inputs_as_lazily_as_results_are_asked_for(host: Host) -> None:
    """A generator of a million inputs is not read to its end first."""
    taken = []

    def inputs() -> Iterator[dict[str, float]]:
        for number in range(1000):
            taken.append(number)
            yield {"latitude": 1}

    outcomes = host.map(add, inputs(), concurrency=3)
    next(outcomes)
    seen = len(taken)
    outcomes.close()  # type: ignore[attr-defined]

    assert seen <= 2 * 3


def test_map_gives_what_is_done_before_it_waits_for_more_inputs(host: Host) -> None:
    """Whoever feeds it slowly sees the first result before the last input."""
    given: list[object] = []

    def inputs() -> Iterator[dict[str, float]]:
        yield {"latitude": 1}
        deadline = time.monotonic() + 30
        while not given and time.monotonic() < deadline:
            time.sleep(0.01)
            yield {"latitude": 2}

    outcomes = host.map(add, inputs(), concurrency=1_000_000)
    given.append(next(outcomes))
    rest = len(list(outcomes))

    assert isinstance(given[0], Result)
    assert rest < 1000


@pytest.mark.parametrize("concurrency", [0, -1])
def test_map_refuses_to_run_nothing_at_once(host: Host, concurrency: int) -> None:
    """The bound is named before anything runs."""
    with pytest.raises(InputError, match="at least 1"):
        host.map(add, [], concurrency=concurrency)


def test_arun_gives_the_same_off_the_event_loop(host: Host, replay: Replay) -> None:
    """The loop goes on while an operation runs."""
    replay.reply({"temperature_c": 4})

    result = asyncio.run(host.arun(get_weather, Place(latitude=1), connection=KEY))

    assert result.output.temperature_c == 4


class Slow:
    """Holds a request until the operation is cancelled."""

    def __init__(self) -> None:
        self.entered = threading.Event()

    @hookimpl(tryfirst=True)
    def send(self, operation: Operation) -> None:
        """Wait for the cancellation, a minute at most."""
        self.entered.set()
        operation.cancellation.wait(60)


def test_cancelling_the_task_cancels_the_operation() -> None:
    """An abandoned call does not go on in its thread."""
    slow = Slow()

    async def abandon(host: Host) -> None:
        task = asyncio.ensure_future(host.arun(get_weather, HERE, connection=KEY))
        await asyncio.to_thread(slow.entered.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Host(plugins=[slow], modules=MODULES, discover=False, environ={}) as host:
        asyncio.run(abandon(host))

    assert slow.entered.is_set()  # and closing the host, which waits for its threads, came to an end


def test_closing_the_host_cancels_what_it_awaits() -> None:
    """It does not hold up the event loop until somebody else's deadline."""
    slow = Slow()

    async def close_early() -> object:
        host = Host(plugins=[slow], modules=MODULES, discover=False, environ={})
        task = asyncio.ensure_future(host.arun(get_weather, HERE, connection=KEY))
        await asyncio.to_thread(slow.entered.wait, 30)
        host.close()
        return (await asyncio.gather(task, return_exceptions=True))[0]

    assert isinstance(asyncio.run(close_early()), OperationCancelledError)


def test_an_operation_can_be_cancelled_before_it_starts(host: Host, replay: Replay) -> None:
    """Nothing is sent for it."""
    cancellation = Cancellation()
    cancellation.cancel()

    with pytest.raises(OperationCancelledError):
        host.run(get_weather, HERE, connection=KEY, cancellation=cancellation)
    assert replay.requests == []


def test_a_dry_run_shows_the_request_with_its_secrets_masked(host: Host, replay: Replay) -> None:
    """Everything that would leave, and no key."""
    preview = host.run(report, {"latitude": 52.5, "city": f"near {CANARY}"}, connection=KEY, dry_run=True)

    (request,) = preview.requests
    assert (request.method, request.url) == ("POST", "https://api.weather.example/v1/reports")
    assert request.headers["X-Key"] == "***"
    assert request.body == {"latitude": 52.5, "city": "near ***"}
    assert CANARY not in str(preview)
    assert replay.requests == []


def test_choices_are_asked_of_the_service_and_searched(host: Host, replay: Replay) -> None:
    """The query is matched whatever the case."""
    replay.reply(["Berlin", "Bern", "Paris"])

    found = host.choices("weather.get_weather", "city", query="BER", connection=KEY)

    assert [choice.value for choice in found] == ["Berlin", "Bern"]


@pytest.mark.parametrize("field", ["latitude", "country"])
def test_a_field_without_choices_says_so(host: Host, field: str) -> None:
    """Asking for what a field does not offer is an error with its name."""
    with pytest.raises(InputError, match=field):
        host.choices("weather.get_weather", field, connection=KEY)


def test_an_error_of_the_service_that_echoes_the_key_is_masked(host: Host, replay: Replay) -> None:
    """Services like to say which key they did not accept."""
    replay.reply({"error": {"message": f"Incorrect API key provided: {CANARY}."}}, status=401)

    with pytest.raises(CredentialsError) as refused:
        host.run(get_weather, HERE, connection=KEY)

    assert "***" in refused.value.message
    assert CANARY not in str(refused.value) + repr(refused.value) + str(refused.value.args)


def test_a_path_that_leaves_the_origin_is_refused(replay: Replay) -> None:
    """No module can send a credential anywhere else."""

    @module(label="Leave", connection=account, effect=Effect.READ)
    def leave(form: Place, context: Context) -> Weather:
        """Try to leave."""
        return context.client.get("//evil.example/weather", into=Weather)

    host = Host(plugins=[replay], modules={"weather.leave": leave}, discover=False)
    with host, pytest.raises(UnsafeRequestError):
        host.run("weather.leave", HERE, connection=KEY)
    assert replay.requests == []


class Diary:
    """Writes down every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Write one down."""
        self.events.append(event)


def test_events_tell_the_life_of_an_operation(replay: Replay) -> None:
    """From start over attempts and waits to the end, without a secret."""
    diary = Diary()
    replay.reply({}, status=500)
    replay.reply({"temperature_c": 1})

    with Host(plugins=[diary, replay], modules=MODULES, discover=False, settings=QUICK) as host:
        host.run("weather.get_weather", HERE, connection=KEY)

    names = [type(event).__name__ for event in diary.events]
    assert names == ["OperationStarted", "AttemptStarted", "RetryScheduled", "AttemptStarted", "OperationFinished"]
    waited = next(event for event in diary.events if isinstance(event, RetryScheduled))
    assert (waited.attempt, waited.max_attempts) == (1, 3)
    assert len({event.operation_id for event in diary.events}) == 1
    assert CANARY not in str(diary.events)


def test_a_failure_is_an_event_too(replay: Replay) -> None:
    """The last event names the error's class."""
    diary = Diary()
    replay.reply({}, status=404)

    with Host(plugins=[diary, replay], modules=MODULES, discover=False) as host, pytest.raises(NotFoundError):
        host.run("weather.get_weather", HERE, connection=KEY)

    finished = diary.events[-1]
    assert isinstance(finished, OperationFinished)
    assert finished.error == "NotFoundError"


class Clumsy:
    """Fails at every event."""

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Fail."""
        raise RuntimeError(event.module_id)


def test_a_plugin_that_fails_at_events_changes_nothing(replay: Replay, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the operation goes on."""
    replay.reply({"temperature_c": 1})

    with Host(plugins=[Clumsy(), replay], modules=MODULES, discover=False) as host:
        result = host.run("weather.get_weather", HERE, connection=KEY)

    assert result.output.temperature_c == 1
    assert "A plugin failed at OperationStarted" in caplog.text


class Memory:
    """Answers the second time without running."""

    def __init__(self) -> None:
        self.kept: Result[object] | None = None

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Wrap the run, or drop it unstarted."""
        execution = yield
        return self._remembered(execution)

    def _remembered(self, execution: Execution) -> Execution:
        if self.kept is None:
            self.kept = yield from execution
        return self.kept


def test_middleware_can_answer_without_starting_the_run(replay: Replay) -> None:
    """A run that is dropped unstarted sends nothing."""
    replay.reply({"temperature_c": 1})

    with Host(plugins=[Memory(), replay], modules=MODULES, discover=False) as host:
        first = host.run("weather.get_weather", HERE, connection=KEY)
        second = host.run("weather.get_weather", HERE, connection=KEY)

    assert first is second
    assert len(replay.requests) == 1


class Misspelt:
    """Implements a hook that does not exist."""

    @hookimpl
    def on_evnt(self, event: Event) -> None:
        """Never be called."""


class Defaulted:
    """Gives an argument a default."""

    @hookimpl
    def find_connection(self, name: str = "x") -> None:
        """Never be called."""


@pytest.mark.parametrize("plugin", [Misspelt(), Defaulted()], ids=["misspelt", "default"])
def test_a_plugin_with_a_wrong_hook_is_refused(plugin: object) -> None:
    """A hook that would never be called, or differently by each pluggy, is found when it is registered."""
    with pytest.raises(PluginError, match="cannot be registered"):
        Host(plugins=[plugin], discover=False)


def test_two_hosts_share_nothing(replay: Replay) -> None:
    """A plugin of one does not see the other's operations."""
    diary = Diary()
    replay.reply({"temperature_c": 1})

    with (
        Host(plugins=[diary], modules=MODULES, discover=False),
        Host(plugins=[replay], modules=MODULES, discover=False) as other,
    ):
        other.run("weather.get_weather", HERE, connection=KEY)

    assert diary.events == []


def test_a_closed_host_says_so(host: Host) -> None:
    """It neither hangs nor opens anything again."""
    host.close()

    with pytest.raises(InputError, match="closed"):
        host.run("weather.add", HERE)


def test_a_module_without_an_id_runs_too(replay: Replay) -> None:
    """In a notebook nobody writes entry points."""
    with Host(plugins=[replay], discover=False) as host:
        assert host.run(add, HERE).output.temperature_c == 53.5
        assert host.module(add).id.endswith(":add")


def test_a_started_event_names_purpose_and_connection(replay: Replay) -> None:
    """Choices are told apart from runs."""
    diary = Diary()
    replay.reply([])

    with Host(plugins=[diary, replay], modules=MODULES, discover=False) as host:
        host.choices("weather.get_weather", "city", connection=KEY)

    started = diary.events[0]
    assert isinstance(started, OperationStarted)
    assert started.purpose.value == "choices"


def test_secrets_of_a_connection_are_not_in_its_view() -> None:
    """What a module may read tells that a key is set, not what it is."""
    seen = []

    @module(label="Look", connection=account, effect=Effect.READ)
    def look(form: Place, context: Context) -> Weather:
        """Look at the connection."""
        seen.append(context.connection)
        return Weather(temperature_c=0)

    with Host(modules={"weather.look": look}, discover=False) as host:
        host.run("weather.look", HERE, connection={**KEY, "region": "eu"})

    (view,) = seen
    assert view is not None
    assert (view.settings, view.secrets) == ({"region": "eu"}, {"api_key": True})
    assert CANARY not in json.dumps(repr(view))
