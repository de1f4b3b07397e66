"""What a completion sends, and where to."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from jackfield import Effect, Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.completion import create_completion
from jackfield_openai.completion_form import Completion

MODULE = "openai.create_completion"
CONNECTION = {"api_key": "k"}
ELSEWHERE = {"base_url": "http://localhost:8000"}
OLD = "davinci-002"
MESSAGES = [{"role": "user", "content": "Hi"}]
TEXT = {"choices": [{"text": "Hello!", "index": 0, "logprobs": None, "finish_reason": "stop"}]}

AS_CHAT: dict[str, Any] = {"model": "m", "prompt": "Hi"}
AS_CHAT_SENT = {"model": "m", "messages": MESSAGES}
AS_TEXT: dict[str, Any] = {"model": OLD, "prompt": "Hi"}

BOTH: dict[str, Any] = {
    "temperature": 0.2,
    "max_tokens": 100,
    "top_p": 0.9,
    "n": 2,
    "stop": ["END"],
    "frequency_penalty": -1.5,
    "presence_penalty": 1.5,
    "logit_bias": {"50256": -100},
    "seed": 7,
    "user": "u1",
}
"""A value for each field that stands in the body as it is, at either endpoint."""

ONLY_CHAT: dict[str, Any] = {"max_completion_tokens": 50, "response_format": {"type": "text"}}
ONLY_TEXT = {"echo": True, "suffix": "the end", "best_of": 3}
NOT_AS_THEY_ARE = {"model", "prompt", "messages", "endpoint", "logprobs", "stream_options", "model_rules", "extra"}


@pytest.fixture
def body_of(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> Callable[..., dict[str, Any]]:
    """Run a completion; give the body that it sent."""

    def run(form: dict[str, Any], **fields: object) -> dict[str, Any]:
        replay.reply({**answer(), "choices": [{**answer()["choices"][0], "text": "Hello!"}]})
        host.run(MODULE, {**form, **fields}, connection=CONNECTION)
        body: dict[str, Any] = sent()
        return body

    return run


def test_every_field_has_a_value_here() -> None:
    """A new field cannot be forgotten in these tests."""
    assert {name.name for name in attrs.fields(Completion)} == {*BOTH, *ONLY_CHAT, *ONLY_TEXT, *NOT_AS_THEY_ARE}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (AS_CHAT, AS_CHAT_SENT),
        ({"model": "m", "messages": MESSAGES}, AS_CHAT_SENT),
        (AS_TEXT, {"model": OLD, "prompt": "Hi"}),
    ],
    ids=["a prompt as chat", "messages", "a prompt"],
)
def test_an_empty_form_sends_only_what_is_required(
    body_of: Callable[..., Any], form: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The service's defaults stay the service's."""
    assert body_of(form) == expected


@pytest.mark.parametrize("name", [*BOTH, *ONLY_CHAT])
def test_a_chat_gets_each_field_that_is_set(body_of: Callable[..., Any], name: str) -> None:
    """Under its own name, and no other along with it."""
    value = {**BOTH, **ONLY_CHAT}[name]

    assert body_of(AS_CHAT, **{name: value}) == {**AS_CHAT_SENT, name: value}


@pytest.mark.parametrize("name", [*BOTH, *ONLY_TEXT])
def test_the_completions_endpoint_gets_each_field_that_is_set(body_of: Callable[..., Any], name: str) -> None:
    """Under its own name, and no other along with it."""
    value = {**BOTH, **ONLY_TEXT}[name]

    assert body_of(AS_TEXT, **{name: value}) == {**AS_TEXT, name: value}


@pytest.mark.parametrize(
    ("form", "likely", "expected"),
    [
        (AS_CHAT, 0, {"logprobs": True, "top_logprobs": 0}),
        (AS_CHAT, 20, {"logprobs": True, "top_logprobs": 20}),
        (AS_TEXT, 0, {"logprobs": 0}),
        (AS_TEXT, 5, {"logprobs": 5}),
    ],
)
def test_log_probabilities_are_asked_for_in_the_endpoints_own_words(
    body_of: Callable[..., Any], form: dict[str, Any], likely: int, expected: dict[str, object]
) -> None:
    """One number means the same at both."""
    found = body_of(form, logprobs=likely)

    assert {name: found[name] for name in found if "logprobs" in name} == expected


def test_extra_is_merged_last_as_it_is(body_of: Callable[..., Any]) -> None:
    """A parameter that has no field here works all the same."""
    extra = {"reasoning_effort": "low", "min_p": None}

    assert body_of(AS_CHAT, extra=extra) == {**AS_CHAT_SENT, **extra}


@pytest.mark.parametrize("connection", [CONNECTION, ELSEWHERE], ids=["at OpenAI", "elsewhere"])
@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"model": "gpt-6"}, "chat"),
        ({"model": "text-davinci-003"}, "chat"),
        ({"model": "davinci-002-clone"}, "chat"),
        ({"model": OLD}, "completions"),
        ({"model": "babbage-002"}, "completions"),
        ({"model": "gpt-3.5-turbo-instruct"}, "completions"),
        ({"model": "gpt-3.5-turbo-instruct-0914"}, "completions"),
        ({"model": "ft:davinci-002:acme::1"}, "completions"),
        ({"model": "gpt-3.5-turbo"}, "chat"),
        ({"model": OLD, "endpoint": "auto"}, "completions"),
        ({"model": OLD, "endpoint": "chat"}, "chat"),
        ({"model": "gpt-6", "endpoint": "completions"}, "completions"),
        ({"model": OLD, "prompt": None, "messages": MESSAGES}, "chat"),
        ({"model": "gpt-6", "prompt": None, "messages": MESSAGES}, "chat"),
    ],
    ids=str,
)
def test_the_model_and_the_messages_say_where_it_goes(
    *,
    host: Host,
    replay: Replay,
    answer: Callable[..., Any],
    connection: dict[str, object],
    form: dict[str, Any],
    path: str,
) -> None:
    """Unless somebody says it; whose server it is makes no difference."""
    replay.reply(answer() if path == "chat" else TEXT)
    given = {key: value for key, value in {"prompt": "Hi", **form}.items() if value is not None}

    result = host.run(MODULE, given, connection=connection)

    expected = {"chat": "/v1/chat/completions", "completions": "/v1/completions"}[path]
    assert urlsplit(replay.requests[0].url or "").path == expected
    assert (result.bundle["endpoint"], result.bundle["result"]) == (path, "Hello!")


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"model": "m"}, "$.prompt", "is required if messages is not given"),
        ({**AS_CHAT, "messages": MESSAGES}, "$.messages", "prompt"),
        ({**AS_CHAT, "echo": False}, "$.echo", "/completions has it (endpoint=completions)"),
        ({**AS_CHAT, "suffix": ""}, "$.suffix", "/chat/completions, to which this goes, has no such parameter"),
        ({**AS_CHAT, "best_of": 2}, "$.best_of", "endpoint=completions"),
        ({**AS_TEXT, "max_completion_tokens": 2}, "$.max_completion_tokens", "endpoint=chat"),
        ({**AS_TEXT, "endpoint": "chat", "echo": True}, "$.echo", "/chat/completions has no such parameter"),
        (
            {"model": "m", "messages": MESSAGES, "endpoint": "completions"},
            "$.messages",
            "/completions has no such parameter; /chat/completions has it",
        ),
        ({**AS_TEXT, "logprobs": 6}, "$.logprobs", "at most 5 at /completions"),
        ({**AS_CHAT, "logprobs": 21}, "$.logprobs", "at most 20"),
        ({**AS_TEXT, "best_of": 21}, "$.best_of", "at most 20"),
        ({**AS_TEXT, "best_of": 1, "n": 2}, "$.best_of", "at least 2"),
        ({**AS_TEXT, "best_of": -1}, "$.best_of", "at least 0"),
        ({**AS_CHAT, "temperature": 2.1}, "$.temperature", "at most 2"),
        ({**AS_CHAT, "top_p": -0.1}, "$.top_p", "at least 0"),
        ({**AS_CHAT, "n": 129}, "$.n", "at most 128"),
        ({**AS_CHAT, "max_tokens": -1}, "$.max_tokens", "at least 0"),
        ({**AS_CHAT, "stop": []}, "$.stop", "at least 1"),
        ({**AS_CHAT, "endpoint": "responses"}, "$.endpoint", "must be one of"),
        ({"model": "m", "messages": []}, "$.messages", "at least 1"),
        ({**AS_CHAT, "extra": {"temperature": 1}}, "$.extra.temperature", "field of its own"),
        ({**AS_CHAT, "extra": {"messages": []}}, "$.extra.messages", "field of its own"),
        ({**AS_CHAT, "extra": {"top_logprobs": 1}}, "$.extra.top_logprobs", "is sent for logprobs"),
        ({**AS_CHAT, "extra": {"stream": True}}, "$.extra.stream", "where you run"),
    ],
)
def test_what_does_not_fit_is_named_before_anything_is_sent(
    host: Host, replay: Replay, fields: dict[str, object], path: str, words: str
) -> None:
    """Also which endpoint has what the chosen one lacks."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, fields, connection=CONNECTION)

    (problem,) = caught.value.problems
    assert problem.path == path
    assert words in problem.message
    assert not replay.requests


def test_all_that_an_endpoint_lacks_is_named_at_once(host: Host) -> None:
    """Nobody mends a form field by field."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, {**AS_CHAT, **ONLY_TEXT}, connection=CONNECTION)

    assert {problem.path for problem in caught.value.problems} == {f"$.{name}" for name in ONLY_TEXT}


def test_what_is_stored_is_not_repeated_and_anything_else_is() -> None:
    """What is stored twice is there twice."""
    assert create_completion.effect_of(Completion(model="m", prompt="Hi")) is Effect.READ
    assert create_completion.effect_of(Completion(model="m", prompt="Hi", extra={"store": True})) is Effect.UNSAFE


def test_a_blueprint_of_make_finds_it() -> None:
    """By the name that the module has there."""
    with Host(environ={}) as host:
        assert host.module("openai-gpt-3:CreateCompletion").id == MODULE


@pytest.mark.parametrize("name", [*BOTH, *ONLY_CHAT, "logprobs"])
def test_a_chat_takes_each_field_as_it_is_sent(net_host: Host, account: Callable[..., Any], name: str) -> None:
    """The stand-in has its own list of names, types and bounds, and refuses what is not on it."""
    value = {**BOTH, **ONLY_CHAT, "logprobs": 4}[name]

    assert net_host.run(MODULE, {**AS_CHAT, name: value}, connection=account()).bundle["choices"]


@pytest.mark.parametrize("name", [*BOTH, *ONLY_TEXT, "logprobs"])
def test_the_completions_endpoint_takes_each_field_as_it_is_sent(
    net_host: Host, account: Callable[..., Any], name: str
) -> None:
    """As above."""
    value = {**BOTH, **ONLY_TEXT, "logprobs": 4}[name]

    assert net_host.run(MODULE, {**AS_TEXT, name: value}, connection=account()).bundle["choices"]
