"""A key that a service echoes, wherever it puts it: nobody is shown it."""

import json
import pickle
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from attrs import field, frozen

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Event,
    Host,
    HttpSettings,
    JackfieldError,
    Password,
    PluginError,
    Redactor,
    RefusedError,
    Secret,
    Select,
    Url,
    header,
    hookimpl,
    module,
)
from jackfield.testing import Replay

CANARY = 'canary/4711"+key'
SPELLINGS = {CANARY, json.dumps(CANARY)[1:-1], quote(CANARY), quote(CANARY, safe=""), repr(CANARY.encode())[2:-1]}
QUICK = HttpSettings(retry_base_s=0.001, max_attempts=2)


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key", env="ECHO_KEY")]
    url: Annotated[str, Url(label="URL", env="ECHO_URL")] = "https://echo.example/v1"


account = ConnectionType(
    label="Echo", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


def broken_choices(context: Context) -> list[str]:
    """Fail with what the service says."""
    raise KeyError(context.client.request("GET", "/echo").text())


@frozen(kw_only=True)
class Wish:
    way: Annotated[str, Select(label="Way", choices=broken_choices)] = ""


@frozen(kw_only=True)
class Nothing:
    """No output."""


@module(label="Echo", connection=account, effect=Effect.READ)
def echo(form: Wish, context: Context) -> Nothing:
    """Ask, and fail in several ways with what the service says."""
    if form.way == "get":
        return context.client.get("/echo", into=Nothing)
    said = context.client.request("GET", "/echo").text()
    if form.way == "bug":
        raise ValueError(said)
    known: dict[str, Nothing] = {}
    try:
        return known[said]
    except KeyError as error:
        if form.way == "from":
            message = "refused"
            raise RefusedError(message, status=400) from error
        raise RefusedError(said, status=400)  # noqa: B904  as careless people do


class Listener:
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)


def shown(error: BaseException) -> Iterator[str]:
    """Give all that anybody prints of an error."""
    traces = (traceback.TracebackException.from_exception(error, capture_locals=also) for also in (False, True))
    yield from ("".join(trace.format()) for trace in traces)
    yield repr(pickle.dumps(error))
    here: BaseException | None = error
    while here is not None:
        yield f"{here} {here!r} {here.args} {vars(here)}"
        here = here.__cause__ or here.__context__


def names_no_secret(texts: Iterator[str]) -> bool:
    """Search for the key in every spelling."""
    return not any(spelling in text for text in texts for spelling in SPELLINGS)


SAYS = {"error": {"message": f"Wrong: {CANARY}", "code": CANARY, "param": CANARY}}
ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "all parts of a failure": ("get", {"json_body": SAYS, "status": 401, "headers": {"x-request-id": CANARY}}),
    "no JSON": ("get", {"content": CANARY.encode()}),
    "another shape": ("get", {"json_body": [CANARY]}),
    "another address": ("get", {"status": 302, "headers": {"Location": f"https://evil.example/{quote(CANARY)}"}}),
    "a defect": ("bug", {"content": CANARY.encode()}),
    "the cause of an error": ("from", {"content": CANARY.encode()}),
    "the context of an error": ("careless", {"content": CANARY.encode()}),
}


@pytest.mark.parametrize(("way", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
def test_no_error_holds_an_echoed_key(way: str, answer: dict[str, Any]) -> None:
    """Nor do the errors that led to it, whose texts stand in every traceback."""
    replay, listener = Replay(), Listener()
    replay.reply(**answer)
    host = Host(plugins=[replay, listener], discover=False, environ={"ECHO_KEY": CANARY})

    with pytest.raises(JackfieldError) as caught:
        host.run(echo, {"way": way})

    caught.value.__traceback__ = None  # what a module keeps in its variables is its own
    assert names_no_secret(shown(caught.value))
    assert names_no_secret(map(repr, listener.events))


def test_no_result_and_no_event_holds_an_echoed_key() -> None:
    """Not even as the name of the answer, or in an address to which the service redirected."""
    replay, listener = Replay(), Listener()
    replay.reply(status=302, headers={"Location": f"/v1/{quote(CANARY, safe='')}"})
    replay.reply({}, headers={"x-request-id": CANARY})
    host = Host(plugins=[replay, listener], discover=False, environ={"ECHO_KEY": CANARY})

    result = host.run(echo, {"way": "get"})

    assert (result.request_id, result.attempts) == ("***", 2)
    assert names_no_secret(map(repr, [result, *listener.events]))


def test_a_list_of_choices_that_fails_is_a_defect() -> None:
    """As a module that fails is, and its error holds no key."""
    replay = Replay()
    replay.reply(content=CANARY.encode())
    host = Host(plugins=[replay], discover=False, environ={"ECHO_KEY": CANARY})

    with pytest.raises(PluginError, match="KeyError") as caught:
        host.choices(echo, "way")

    assert caught.value.stage == "run"
    caught.value.__traceback__ = None
    assert names_no_secret(shown(caught.value))


def test_a_defect_without_a_secret_keeps_its_cause() -> None:
    """So that whoever writes a module sees what went wrong."""
    replay = Replay()
    replay.reply(content=b"nothing secret")
    host = Host(plugins=[replay], discover=False, environ={"ECHO_KEY": CANARY})

    with pytest.raises(PluginError) as caught:
        host.run(echo, {"way": "bug"})

    assert isinstance(caught.value.__cause__, ValueError)
    assert str(caught.value.__cause__) == "nothing secret"


NESTED_PIN = "nested-canary-4711"


@frozen(kw_only=True)
class Lock:
    pins: Sequence[Secret] = ()
    by_name: Mapping[str, Secret] = field(factory=dict)


@frozen(kw_only=True)
class Doors:
    lock: Lock
    note: str = ""


@module(label="Open", connection=account, effect=Effect.READ)
def open_doors(form: Doors, context: Context) -> Nothing:
    """Send secrets of the input, which nobody is shown."""
    said = [secret.reveal() for secret in (*form.lock.pins, *form.lock.by_name.values())]
    return context.client.post("/open", json={"pins": said, "note": form.note}, into=Nothing)


def test_secrets_of_an_input_are_masked_as_those_of_a_connection_are() -> None:
    """However deep they stand: in previews, and in what a service says of them."""
    replay = Replay()
    replay.reply({"error": {"message": f"{NESTED_PIN} is wrong"}}, status=400)
    given = {"lock": {"pins": ["4711", NESTED_PIN], "by_name": {"a": NESTED_PIN}}}

    with Host(plugins=[replay], discover=False, environ={"ECHO_KEY": CANARY}) as host:
        (request,) = host.preview(open_doors, given).requests
        with pytest.raises(JackfieldError, match=r"\*\*\* is wrong"):
            host.run(open_doors, given)

    assert request.body == {"pins": ["***", "***", "***"], "note": ""}
    assert NESTED_PIN in str(replay.requests[0].body)


LOOKS: dict[str, tuple[str, str]] = {
    "a key of OpenAI": ("use sk-proj-abcdefghijklmnop1234 here", "use *** here"),
    "a key of Stripe": ("rk_live_abcdefghijklmnop1234", "***"),
    "a token of GitHub": ("ghp_abcdefghijklmnopqrst12345", "***"),
    "a key of Amazon": ("AKIAIOSFODNN7EXAMPLE.", "***."),
    "a JWT": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "***!"),
    "a private key": ("-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n.", "***\n."),
    "a private key cut short": ("-----BEGIN PRIVATE KEY-----\nMHc", "***"),
    "a password in an address": ("at https://user:p@ss@host.example/a?b=c", "at https://***@host.example/a?b=c"),
    "a token in an address": ("git+https://t0ken@host.example/", "git+https://***@host.example/"),
    "a query": ("/v1?api_key=abc&page=2", "/v1?api_key=***&page=2"),
    "JSON": ('{"client_secret": "abc", "n": 1}', '{"client_secret": "***", "n": 1}'),
    "JSON inside JSON": (r'"{\"password\":\"abc\"}"', r'"{\"password\":\"***\"}"'),
    "Python": ("{'X-Api-Key': 'abc'}", "{'X-Api-Key': '***'}"),
    "Bearer": ("Authorization: Bearer abc123", "Authorization: Bearer ***"),
    "Basic": ("Basic dXNlcjpwYXNz", "Basic ***"),
}


@pytest.mark.parametrize(("text", "scrubbed"), LOOKS.values(), ids=LOOKS)
def test_what_looks_like_a_secret_is_masked_in_messages(text: str, scrubbed: str) -> None:
    """Though nobody registered it: by its shape, or by the name beside it."""
    assert Redactor().scrub(text) == scrubbed
    assert Redactor().mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "$.api_key: must be given again, since the address changes",
        "--stdin, --from-env, api_key=@FILE, --reference api_key=env:NAME",
        "max_tokens=5, prompt_cache_key=abc",
        "Bearer authentication and Basic authentication are needed; sk-1234 is too short",
        "https://host.example/a@b",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """A message must still say what to do."""
    assert Redactor().scrub(text) == text


def test_names_of_headers_and_fields_tell_what_is_secret() -> None:
    """Their values go as a whole; a schema that only names a password stays."""
    value = {
        "Authorization": "Bearer x",
        "X-Api-Key": "abc",
        "api_key": None,
        "properties": {"password": {"type": "string"}},
        "urls": ["https://u:p@host.example/"],
    }

    assert Redactor().scrub_json(value) == {
        "Authorization": "Bearer ***",
        "X-Api-Key": "***",
        "api_key": None,
        "properties": {"password": {"type": "string"}},
        "urls": ["https://***@host.example/"],
    }


@pytest.mark.parametrize(
    "start", ["a-", "://", "eyJ", "-----BEGIN PRIVATE KEY-----", "a@", "Bearer a", "sk-", "a=", "'"]
)
def test_a_hostile_text_takes_no_long_time(start: str) -> None:
    """A megabyte of what begins like a secret is looked through in seconds."""
    begin = time.monotonic()

    Redactor().scrub(start * (1_000_000 // len(start)))

    assert time.monotonic() - begin < 20


def test_a_password_with_a_slash_is_found_and_a_path_behind_a_port_is_none() -> None:
    """People write it into an address as it is; an address that only names somebody stays."""
    net = Redactor()

    assert net.scrub("at https://sam:a/b+c=@host.example/x") == "at https://***@host.example/x"
    assert (
        net.scrub("at http://localhost:8080/users/me@host.example") == "at http://localhost:8080/users/me@host.example"
    )
