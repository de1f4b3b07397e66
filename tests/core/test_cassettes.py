import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    AnyModule,
    BrokenAnswerError,
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    InputError,
    InvalidInputError,
    JackfieldError,
    Password,
    PluginError,
    Problem,
    Secret,
    Text,
    Url,
    header,
    module,
)
from jackfield.testing import Cassette, Recording, Replay, ReplayServer, Reply, context

CANARY = "canary-8812-key"
QUICK = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="Server")]


account = ConnectionType(
    label="Echo", form=Account, origin=lambda form: str(form.url), authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Said:
    text: Annotated[str, Text(label="Text")]
    tone: Annotated[str | None, Text(label="Tone")] = None


@frozen(kw_only=True)
class Heard:
    text: str


@module(label="Say", connection=account, effect=Effect.READ)
def say(form: Said, context: Context) -> Heard:
    """Say something."""
    if not form.text:
        raise InvalidInputError([Problem(path="$.text", rule="required", message="is required")])
    if context.idempotency_key == "warn":
        context.warn("Speak up.")
    return context.client.post("/v1/say", params={"lang": "en"}, json=form, into=Heard)


@module(label="Ask", connection=account, effect=Effect.READ)
def ask(form: Said, context: Context) -> Heard:
    """Ask something."""
    return context.client.get("/v1/ask", params=form, into=Heard)


@frozen(kw_only=True)
class Told:
    text: str
    secret: Annotated[Secret, Password(label="Secret")]


@module(label="Tell", connection=account, effect=Effect.READ)
def tell(form: Told, context: Context) -> Heard:
    """Tell a secret."""
    return context.client.post("/v1/tell", json={"text": form.text, "secret": form.secret.reveal()}, into=Heard)


MODULES: dict[str, AnyModule] = {"echo.say": say, "echo.ask": ask, "echo.tell": tell}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Run a service on a real socket."""
    with ReplayServer() as running:
        yield running


def host_with(*plugins: object) -> Host:
    """Make a host of the modules above."""
    return Host(plugins=plugins, modules=MODULES, discover=False, environ={}, settings=QUICK)


def recorded(server: ReplayServer, path: Path) -> dict[str, str]:
    """Record two exchanges, and give the connection for them."""
    key = {"api_key": CANARY, "url": server.url}
    server.reply({"text": "hi", "echo": f"key {CANARY}"}, headers={"Set-Cookie": f"s={CANARY}", "X-Request-Id": "r1"})
    server.reply({"text": "well"})
    with Recording(path) as recording, host_with(recording) as host:
        host.run("echo.say", {"text": "hello"}, connection=key)
        host.run("echo.ask", {"text": "how"}, connection=key)
    return key


def test_a_service_on_a_socket_sees_what_really_arrives(server: ReplayServer) -> None:
    """The credential, too; and it answers like the one in memory."""
    server.reply({"message": "busy"}, status=503)
    server.reply({"text": "hi"})

    with host_with() as host:
        result = host.run("echo.say", {"text": "hello"}, connection={"api_key": CANARY, "url": server.url})

    assert result.output == Heard(text="hi")
    assert result.attempts == 2
    assert server.bodies == [{"text": "hello"}, {"text": "hello"}]
    assert [request.headers["X-Key"] for request in server.requests] == [CANARY, CANARY]


def test_a_connection_breaks_where_the_test_says_so(server: ReplayServer) -> None:
    """As it does in real life."""
    for _ in range(3):
        server.fail(ConnectionError())

    with host_with() as host, pytest.raises(BrokenAnswerError):
        host.run("echo.say", {"text": "hello"}, connection={"api_key": CANARY, "url": server.url})

    assert len(server.requests) == 3


def test_what_was_recorded_is_played_back(server: ReplayServer, tmp_path: Path) -> None:
    """Without the service, in any order, each exchange once."""
    key = recorded(server, tmp_path / "a" / "talk.json")
    cassette = Cassette(tmp_path / "a" / "talk.json")

    with host_with(cassette) as host:
        assert host.run("echo.ask", {"text": "how"}, connection=key).output == Heard(text="well")
        assert [exchange.method for exchange in cassette.unplayed] == ["POST"]
        result = host.run("echo.say", {"text": "hello"}, connection=key)

    assert result.output == Heard(text="hi")
    assert result.request_id == "r1"
    assert cassette.unplayed == ()
    assert len(server.requests) == 2


def test_a_body_with_a_secret_is_played_back(server: ReplayServer, tmp_path: Path) -> None:
    """A secret of the input, and the key where it stands in another field, are masked in the file."""
    key = {"api_key": CANARY, "url": server.url}
    given = {"text": f"my key is {CANARY}", "secret": "hidden-4711"}
    server.reply({"text": "hi"})
    with Recording(tmp_path / "talk.json") as recording, host_with(recording) as host:
        host.run("echo.tell", given, connection=key)

    with host_with(Cassette(tmp_path / "talk.json")) as host:
        assert host.run("echo.tell", given, connection=key).output == Heard(text="hi")
    with host_with(Cassette(tmp_path / "talk.json")) as host, pytest.raises(PluginError) as caught:
        host.run("echo.tell", {**given, "text": "other"}, connection=key)

    assert 'the body.text is "other", and was "my key is ***"' in caught.value.message
    assert "secret" not in caught.value.message


def test_the_key_of_another_person_may_be_a_usual_word(server: ReplayServer, tmp_path: Path) -> None:
    """It is not masked away in what was recorded with another one."""
    key = {"api_key": CANARY, "url": server.url}
    server.reply({"text": "hi"})
    with Recording(tmp_path / "talk.json") as recording, host_with(recording) as host:
        host.run("echo.say", {"text": "a test"}, connection=key)

    with host_with(Cassette(tmp_path / "talk.json")) as host:
        assert host.run("echo.say", {"text": "a test"}, connection={**key, "api_key": "test"}).attempts == 1


def test_an_answer_without_content_has_none() -> None:
    """A status that allows no body brings none, from memory as from a service."""
    replay = Replay()
    replay.reply(status=204)

    with host_with(replay) as host, pytest.raises(JackfieldError):
        host.run("echo.say", {"text": "a"}, connection={"api_key": CANARY, "url": "https://a.example"})

    response = Reply(status=204).response(replay.requests[0])
    assert response.raw.read() == b""
    assert "Content-Type" not in response.headers


def test_no_secret_is_in_a_cassette(server: ReplayServer, tmp_path: Path) -> None:
    """Not the key, although the service repeated it; no cookie; the host got the answer as it was."""
    recorded(server, tmp_path / "talk.json")

    text = (tmp_path / "talk.json").read_text("utf-8")

    assert server.requests[0].headers["X-Key"] == CANARY
    assert CANARY not in text
    assert "ookie" not in text
    assert "key ***" in text


def test_what_was_not_recorded_is_told_with_the_nearest_and_what_differs(server: ReplayServer, tmp_path: Path) -> None:
    """A changed body by its place, a changed query likewise."""
    key = recorded(server, tmp_path / "talk.json")

    with host_with(Cassette(tmp_path / "talk.json")) as host:
        with pytest.raises(PluginError) as failed:
            host.run("echo.say", {"text": "bye", "tone": "loud"}, connection=key)
        assert "POST" in failed.value.message.splitlines()[0]
        assert failed.value.message.splitlines()[1:] == [
            '  the body.text is "bye", and was "hello"',
            '  the body has tone, "loud", and had none',
        ]
        with pytest.raises(PluginError, match=r'the query.text\[0\] is "who", and was "how"'):
            host.run("echo.ask", {"text": "who"}, connection=key)


def test_what_is_asked_more_often_than_recorded_is_told(server: ReplayServer, tmp_path: Path) -> None:
    """An exchange answers once."""
    key = recorded(server, tmp_path / "talk.json")

    with host_with(Cassette(tmp_path / "talk.json")) as host:
        host.run("echo.say", {"text": "hello"}, connection=key)
        with pytest.raises(PluginError, match="more often than it was recorded"):
            host.run("echo.say", {"text": "hello"}, connection=key)


def test_files_and_failures_are_recorded_too(server: ReplayServer, tmp_path: Path) -> None:
    """Bytes as they are, and every attempt."""
    path, key = tmp_path / "talk.json", {"api_key": CANARY, "url": server.url}
    server.reply({"message": "busy"}, status=503)
    server.reply(content=b"\x00\xff", headers={"Content-Type": "application/octet-stream"})
    with Recording(path) as recording, host_with(recording) as host, pytest.raises(Exception, match="JSON"):
        host.run("echo.say", {"text": "hello"}, connection=key)
    # The error ended the inner block only, so what was exchanged until then is kept.
    cassette = Cassette(path)

    assert [exchange.reply.status for exchange in cassette.exchanges] == [503, 200]
    assert cassette.exchanges[1].reply.content == b"\x00\xff"


def test_nothing_is_written_if_the_recording_fails(server: ReplayServer, tmp_path: Path) -> None:
    """A cassette that there is stays as it is."""
    path = tmp_path / "talk.json"
    key = recorded(server, path)
    before = path.read_bytes()

    def fail() -> None:
        with Recording(path) as recording, host_with(recording) as host:
            host.run("echo.say", {"text": ""}, connection=key)

    with pytest.raises(InvalidInputError):
        fail()

    assert path.read_bytes() == before


def test_a_confidential_run_is_not_recorded(server: ReplayServer, tmp_path: Path) -> None:
    """Whatever it exchanges is for nobody's file."""
    path, key = tmp_path / "talk.json", {"api_key": CANARY, "url": server.url}
    server.reply({"text": "hi"})
    with Recording(path) as recording, host_with(recording) as host:
        result = host.run("echo.say", {"text": "hello"}, connection=key, confidential=True)

    assert result.output == Heard(text="hi")
    assert json.loads(path.read_text())["exchanges"] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no cassette"),
        (b"[]", "is no cassette"),
        (b"{", "is no cassette"),
        (b'{"format": 1, "exchanges": [{}]}', "is no cassette"),
        (b'{"format": 2, "exchanges": []}', "format 2"),
    ],
)
def test_what_is_no_cassette_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    """With what to do."""
    path = tmp_path / "talk.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError, match=said) as failed:
        Cassette(path)

    assert "ecord it" in failed.value.hint


def test_the_function_of_a_module_is_called_alone() -> None:
    """With a context whose service answers from memory; what was sent and warned of is seen."""
    with context(say, Reply(json={"text": "hi"}), idempotency_key="warn", connection=None) as given:
        heard = say.function(Said(text="hello"), given.context)

    assert heard == Heard(text="hi")
    assert given.replay.bodies == [{"text": "hello"}]
    assert given.warnings == ("Speak up.",)
    assert given.used == ()


def test_a_context_takes_values_of_a_connection() -> None:
    """And checks them, as a host does."""
    key = {"api_key": "k", "url": "https://there.example"}
    with context(ask, Reply(json={"text": "hi"}), connection=key) as given:
        ask.function(Said(text="who"), given.context)

    assert given.replay.requests[0].url == "https://there.example/v1/ask?text=who"
    with pytest.raises(InvalidInputError, match=r"\$\.url"), context(ask, connection={"api_key": "k"}):
        pass


def test_a_replay_is_still_a_plugin() -> None:
    """The one that listens answers from memory as well."""
    replay: Replay = ReplayServer(Reply(json={"text": "hi"}))

    with host_with(replay) as host:
        result = host.run("echo.say", {"text": "a"}, connection={"api_key": "k", "url": "https://there.example"})

    assert result.output == Heard(text="hi")
