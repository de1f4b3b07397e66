from jackfield import Host
from jackfield.testing import Replay, Reply
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
