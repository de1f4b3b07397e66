"""Lists of choices that a service is asked for: how long they are given again, to whom, and what if it is away."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    BrokenAnswerError,
    Choice,
    Choices,
    ConnectionType,
    Context,
    CredentialsError,
    Effect,
    Host,
    HttpSettings,
    OperationCancelledError,
    Password,
    PluginError,
    Secret,
    Select,
    UnreachableError,
    Url,
    header,
    module,
)
from jackfield.testing import Replay

CANARY = "sk-choices-canary"


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    base_url: Annotated[str, Url()] = "https://cities.example"


account = ConnectionType(
    label="Cities", form=Account, origin=lambda form: str(form.base_url), authorize=header("X-Key", "{api_key}")
)


def _cities(context: Context) -> Sequence[str]:
    found: Sequence[str] = context.client.get("/cities")
    return found


def _towns(context: Context) -> Sequence[Choice]:
    return [Choice(value=name, label=name.title()) for name in context.client.get("/towns")]


@frozen(kw_only=True)
class Place:
    city: Annotated[str | None, Select(choices=_cities)] = None
    twin: Annotated[str | None, Select(choices=_cities)] = None
    town: Annotated[str | None, Select(choices=_towns)] = None
    brief: Annotated[str | None, Select(choices=_cities, keep_s=0.05)] = None
    never: Annotated[str | None, Select(choices=_cities, keep_s=0)] = None
    odd: Annotated[str | None, Select(choices=lambda _context: [None])] = None


@frozen(kw_only=True)
class Weather:
    temperature_c: float


@module(label="Get the Weather", connection=account, effect=Effect.READ)
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/weather", params=form, into=Weather)


KEY = {"api_key": CANARY}
ONCE = HttpSettings(max_attempts=1)


@pytest.fixture
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """Ask each question once."""
    with Host(
        plugins=[replay], modules={"cities.get_weather": get_weather}, discover=False, environ={}, settings=ONCE
    ) as opened:
        yield opened


def _values(found: Choices) -> list[object]:
    return [choice.value for choice in found]


def test_a_field_that_is_opened_twice_asks_once(host: Host, replay: Replay) -> None:
    """Each letter of a query need not wait for the service."""
    replay.reply(["Berlin", "Bern", "Paris"])

    everything = host.choices(get_weather, "city", connection=KEY)
    narrowed = host.choices(get_weather, "city", query="ber", connection=KEY)

    assert _values(everything) == ["Berlin", "Bern", "Paris"]
    assert _values(narrowed) == ["Berlin", "Bern"]
    assert everything.age_s == 0
    assert 0 < narrowed.age_s < 60
    assert not narrowed.stale
    assert len(replay.requests) == 1


def test_fields_with_the_same_function_share_a_list(host: Host, replay: Replay) -> None:
    """The models of a chat are those of a completion."""
    replay.reply(["Berlin"])
    replay.reply(["ayton"])

    assert _values(host.choices(get_weather, "city", connection=KEY)) == ["Berlin"]
    assert _values(host.choices(get_weather, "twin", connection=KEY)) == ["Berlin"]
    assert _values(host.choices(get_weather, "town", connection=KEY)) == ["ayton"]


@pytest.mark.parametrize(
    "other",
    [{"api_key": "another"}, {"api_key": CANARY, "base_url": "https://towns.example"}],
    ids=["another key", "another address"],
)
def test_another_connection_never_gets_the_list(host: Host, replay: Replay, other: dict[str, object]) -> None:
    """What one account may see is not for another."""
    replay.reply(["mine"])
    replay.reply(["theirs"])

    assert _values(host.choices(get_weather, "city", connection=KEY)) == ["mine"]
    assert _values(host.choices(get_weather, "city", connection=other)) == ["theirs"]
    assert _values(host.choices(get_weather, "city", connection=KEY)) == ["mine"]


def test_two_hosts_share_no_list() -> None:
    """Each of them is a tenant."""
    for name in ("one", "two"):
        replay = Replay()
        replay.reply([name])
        with Host(plugins=[replay], modules={"cities.get_weather": get_weather}, discover=False) as host:
            assert _values(host.choices(get_weather, "city", connection=KEY)) == [name]


def test_a_list_grows_old(host: Host, replay: Replay) -> None:
    """After the time that the field says, the service is asked again."""
    replay.reply(["old"])
    replay.reply(["new"])

    host.choices(get_weather, "brief", connection=KEY)
    time.sleep(0.06)

    assert _values(host.choices(get_weather, "brief", connection=KEY)) == ["new"]


def test_a_list_is_not_kept_if_the_field_says_so(host: Host, replay: Replay) -> None:
    """Nor does it stand in where the service is away."""
    replay.reply(["old"])
    replay.fail(UnreachableError("away"))

    host.choices(get_weather, "never", connection=KEY)
    with pytest.raises(UnreachableError):
        host.choices(get_weather, "never", connection=KEY)


def test_a_caller_may_want_a_fresh_list(host: Host, replay: Replay) -> None:
    """Whoever just trained a model wants to see it."""
    replay.reply(["old"])
    replay.reply(["new"])

    host.choices(get_weather, "city", connection=KEY)

    assert _values(host.choices(get_weather, "city", connection=KEY, max_age_s=0)) == ["new"]
    assert _values(host.choices(get_weather, "city", connection=KEY)) == ["new"]


@pytest.mark.parametrize(
    "failure",
    [UnreachableError("nobody listens", hint="is it up?"), BrokenAnswerError("cut")],
    ids=["unreachable", "broken"],
)
def test_the_last_good_list_is_given_if_the_service_is_away(
    host: Host, replay: Replay, failure: UnreachableError | BrokenAnswerError
) -> None:
    """And says so: how old it is, and why."""
    replay.reply(["Berlin", "Bern"])
    host.choices(get_weather, "city", connection=KEY)
    replay.fail(failure)

    found = host.choices(get_weather, "city", connection=KEY, max_age_s=0)

    assert _values(found) == ["Berlin", "Bern"]
    assert found.stale
    assert found.stale_because == failure.message
    assert found.age_s > 0


def test_a_page_of_a_proxy_is_no_list(host: Host, replay: Replay) -> None:
    """A hotel's login page comes with status 200."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "city", connection=KEY)
    replay.reply(content=b"<html>Pay for the internet</html>", headers={"Content-Type": "text/html"})

    assert host.choices(get_weather, "city", connection=KEY, max_age_s=0).stale


def test_a_service_that_was_away_is_left_alone_for_a_while(host: Host, replay: Replay) -> None:
    """Else a person who types a query would wait for it at each letter."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "brief", connection=KEY)
    time.sleep(0.06)
    replay.fail(UnreachableError("away"))

    found = [host.choices(get_weather, "brief", query=query, connection=KEY) for query in ("b", "be", "ber")]

    assert all(choices.stale for choices in found)
    assert len(replay.requests) == 2


def test_without_a_good_list_the_failure_is_told(host: Host, replay: Replay) -> None:
    """There is nothing that could stand in."""
    replay.fail(UnreachableError("away"))

    with pytest.raises(UnreachableError, match="away"):
        host.choices(get_weather, "city", connection=KEY)


def test_a_key_that_is_refused_is_never_covered_up(host: Host, replay: Replay) -> None:
    """A list of last week would hide that the key was withdrawn."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "city", connection=KEY)
    replay.reply({"error": "no"}, status=401)

    with pytest.raises(CredentialsError):
        host.choices(get_weather, "city", connection=KEY, max_age_s=0)


def test_a_cancelled_question_is_cancelled(host: Host, replay: Replay) -> None:
    """An old list is no answer for someone who went away."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "city", connection=KEY)
    replay.fail(OperationCancelledError("enough"))

    with pytest.raises(OperationCancelledError):
        host.choices(get_weather, "city", connection=KEY, max_age_s=0)


def test_the_reason_shows_no_key(host: Host, replay: Replay) -> None:
    """Services like to say which key they were given."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "city", connection=KEY)
    replay.reply({"error": f"busy with {CANARY}"}, status=503)

    found = host.choices(get_weather, "city", connection=KEY, max_age_s=0)

    assert found.stale
    assert CANARY not in found.stale_because


def test_what_is_no_choice_is_a_defect_of_the_connector(host: Host) -> None:
    """It could be neither shown nor sent."""
    with pytest.raises(PluginError, match="NoneType"):
        host.choices(get_weather, "odd", connection=KEY)


def test_a_negative_time_to_live_is_a_defect_of_the_connector() -> None:
    """It is told where the form is read."""

    @frozen(kw_only=True)
    class Wrong:
        city: Annotated[str, Select(choices=_cities, keep_s=-1)]

    @module(label="Wrong", connection=account)
    def wrong(form: Wrong, context: Context) -> Weather:
        """Do nothing."""
        return Weather(temperature_c=0)

    with Host(modules={"cities.wrong": wrong}, discover=False) as host, pytest.raises(PluginError, match="keep_s"):
        host.choices("cities.wrong", "city", connection=KEY)


def test_a_host_of_many_tenants_keeps_a_bounded_number_of_lists(host: Host, replay: Replay) -> None:
    """The ones that nobody looked at for longest are asked for again."""
    for number in range(65):
        replay.reply([f"of {number}"])
        host.choices(get_weather, "city", connection={"api_key": f"key-{number}"})
    replay.reply(["again"])

    assert _values(host.choices(get_weather, "city", connection={"api_key": "key-64"})) == ["of 64"]
    assert _values(host.choices(get_weather, "city", connection={"api_key": "key-0"})) == ["again"]


def test_threads_may_open_fields_at_once(host: Host, replay: Replay) -> None:
    """Each gets its own connection's list."""
    wrong: list[list[object]] = []
    for _ in range(8 * 4):
        replay.reply(["Berlin"])

    def look(number: int) -> None:
        connection = {"api_key": f"key-{number % 4}"}
        found = [_values(host.choices(get_weather, "city", connection=connection)) for _ in range(50)]
        wrong.extend(values for values in found if values != ["Berlin"])

    threads = [threading.Thread(target=look, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert 4 <= len(replay.requests) <= 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_child_process_has_the_lists_of_its_parent(host: Host, replay: Replay) -> None:
    """And no lock that nobody opens."""
    replay.reply(["Berlin"])
    host.choices(get_weather, "city", connection=KEY)

    child = os.fork()
    if child == 0:
        os._exit(0 if _values(host.choices(get_weather, "city", connection=KEY)) == ["Berlin"] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
