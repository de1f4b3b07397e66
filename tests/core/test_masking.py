"""A key that a service echoes, wherever it puts it: nobody is shown it."""

import json
import pickle
import traceback
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from attrs import frozen

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
