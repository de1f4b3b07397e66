import pytest
from attrs import frozen

from jackfield import AnswerError, Host
from jackfield.testing import Replay, Reply, context
from weather import HERE, KEY, MODULES


def test_what_was_sent_is_read_as_what_it_is(host: Host, replay: Replay) -> None:
    """JSON as its value, and nothing as None."""
    replay.reply({"temperature_c": 3})
    replay.reply({"temperature_c": 4})
    host.run("weather.get_weather", HERE, connection=KEY)
    host.run("weather.report", HERE, connection=KEY)

    assert replay.bodies == [None, HERE]


def test_an_answer_may_be_data_that_was_made_before() -> None:
    """The first answers stand where the service is made."""
    replay = Replay(
        Reply(json={"message": "busy"}, status=503, headers={"retry-after-ms": "1"}), Reply(json={"temperature_c": 4})
    )
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host:
        result = host.run("weather.get_weather", HERE, connection=KEY)

    assert result.bundle["temperature_c"] == 4
    assert result.attempts == 2


@frozen(kw_only=True)
class Put:
    name: str


@pytest.mark.parametrize("name", ["ada", 3])
def test_an_answer_to_any_method_is_read_as_a_class(name: str | int) -> None:
    """One of another shape is told with the name that the service gave it, as get and post do."""
    reply = Reply(json={"name": name}, headers={"x-request-id": "req_7"})
    with context(MODULES["weather.get_weather"], reply, connection=KEY) as given:
        answer = given.context.client.request("PUT", "/v1/names/1", json={"name": "ada"})
        if name == "ada":
            assert given.context.client.read(answer, Put) == Put(name="ada")
            return
        with pytest.raises(AnswerError, match=r"\$\.name: must be text, was 3") as refused:
            given.context.client.read(answer, Put)

    assert refused.value.request_id == "req_7"
