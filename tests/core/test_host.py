"""What a program that embeds Jackfield can do with a Host; the service answers from memory."""

import pytest

from jackfield import (
    AnswerError,
    BusyError,
    Host,
    InputError,
    InvalidInputError,
    Kind,
    PluginError,
    UnknownModuleError,
    Usage,
)
from jackfield.testing import Replay
from weather import CANARY, HERE, KEY, Place, add, fail, get_weather, lie, list_stations, report, tell_forecast


def test_it_runs_a_module_on_json_and_on_typed_input(host: Host, replay: Replay) -> None:
    """The id with JSON values and the declaration with a form give the same."""
    replay.reply({"temperature_c": 21.5, "sky": "blue"})
    replay.reply({"temperature_c": 21.5, "sky": "blue"})

    by_id = host.run("weather.get_weather", HERE, connection=KEY)
    typed = host.run(get_weather, Place(latitude=52.5), connection=KEY)

    assert by_id.bundle == {"temperature_c": 21.5, "sky": "blue"} == typed.bundle
    assert typed.output.temperature_c == 21.5
    assert [request.url for request in replay.requests] == ["https://api.weather.example/v1/weather?latitude=52.5"] * 2


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

    assert "ZeroDivisionError at weather.py:" in defect.value.message
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


def test_it_tells_which_plugins_it_has(replay: Replay) -> None:
    """A plugin that works for one host only can refuse to be used with another."""
    with Host(plugins=[replay], discover=False) as host:
        assert host.has_plugin(replay)
        assert not host.has_plugin(Replay())
