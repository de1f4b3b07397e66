"""What a completion gives: one shape, whichever endpoint answered, whole or in pieces."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, BusyError, Host, QuotaError, RefusedError
from jackfield.testing import Replay
from jackfield_openai.chat_stream import ChatPiece

MODULE = "openai.create_completion"
CONNECTION = {"api_key": "k"}
AS_CHAT: dict[str, Any] = {"model": "m", "prompt": "Good morning to you"}
AS_TEXT: dict[str, Any] = {"model": "davinci-002", "prompt": "Good morning to you"}
BOTH = pytest.mark.parametrize("form", [AS_CHAT, AS_TEXT], ids=["chat", "completions"])

TEXT: dict[str, Any] = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1767225600,
    "model": "davinci-002",
    "choices": [
        {
            "text": "Hello!",
            "index": 0,
            "logprobs": {
                "tokens": ["Hello", "!"],
                "token_logprobs": [None, -0.5],
                "top_logprobs": [None, {"!": -0.5, ".": -1}],
                "text_offset": [0, 5],
            },
            "finish_reason": "stop",
            "new_in_choice": 1,
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    "system_fingerprint": "fp_1",
    "new_at_top": [1],
}
"""As OpenAI sent it until 2026-09 (recorded, shortened), with two keys that nobody knows."""


def _run(host: Host, form: dict[str, Any], **fields: object) -> Any:
    return host.run(MODULE, {**form, **fields}, connection=CONNECTION)


def test_a_completions_answer_is_all_there(host: Host, replay: Replay) -> None:
    """Beside what the service says stand the result, the message, the endpoint and the request id."""
    replay.reply(TEXT, headers={"x-request-id": "req_9"})

    result = _run(host, AS_TEXT)

    expected: Any = {**copy.deepcopy(TEXT), "result": "Hello!", "endpoint": "completions"}
    expected["choices"][0]["message"] = {"role": "assistant", "content": "Hello!"}
    assert result.bundle == expected
    assert result.request_id == "req_9"
    assert (result.usage.input_tokens, result.usage.output_tokens, result.usage.total_tokens) == (1, 2, 3)
    assert result.warnings == ()


def test_a_chats_answer_has_the_text_in_each_choice(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """So what reads the one reads the other."""
    reply = answer({"reasoning_content": "Hm"})
    replay.reply(reply)

    result = _run(host, AS_CHAT)

    (choice,) = result.bundle["choices"]
    assert (choice["text"], choice["message"]["content"], result.bundle["result"]) == ("Hello!", "Hello!", "Hello!")
    assert choice["message"]["reasoning_content"] == "Hm"
    assert (result.bundle["endpoint"], result.bundle["model"]) == ("chat", "m-2026")
    assert result.output.choices[0].text == "Hello!"
    assert result.usage.cached_tokens == 4


def test_the_least_that_a_server_may_answer_is_enough(host: Host, replay: Replay) -> None:
    """Others than OpenAI leave out what they do not know."""
    replay.reply({"choices": [{"text": ""}]})

    assert _run(host, AS_TEXT).bundle["result"] == ""


def test_a_refusal_has_no_text_and_is_a_warning(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """Its words are in the message."""
    replay.reply(answer({"content": None, "refusal": "I cannot"}))

    result = _run(host, AS_CHAT)

    assert "text" not in result.bundle["choices"][0]
    assert "result" not in result.bundle
    assert "refused" in result.warnings[0]


@BOTH
@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_that_did_not_end_well_is_a_warning(
    net_host: Host, account: Callable[..., Any], form: dict[str, Any], reason: str
) -> None:
    """It is output all the same."""
    result = net_host.run(MODULE, form, connection=account(f"finish={reason}"))

    (warning,) = result.warnings
    assert reason in warning
    assert result.bundle["result"]


@BOTH
@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        {"choices": []},
        {"choices": None},
        {"choices": ["Hello"]},
        {"choices": [{}]},
        {"choices": [{"text": 7}]},
        {"choices": [{"text": None}]},
        {"object": "list", "data": []},
    ],
)
def test_an_answer_of_another_shape_is_an_error(
    host: Host, replay: Replay, form: dict[str, Any], reply: object
) -> None:
    """Not a success without content."""
    replay.reply(reply)

    with pytest.raises(AnswerError):
        _run(host, form)


def test_a_choice_without_a_text_is_named(host: Host, replay: Replay) -> None:
    """With the request, so that the service's support can be asked."""
    replay.reply({"choices": [{"text": "a"}, {"message": {"content": "b"}}]}, headers={"x-request-id": "req_9"})

    with pytest.raises(AnswerError) as caught:
        _run(host, AS_TEXT)

    assert [problem.path for problem in caught.value.problems] == ["$.choices[1].text"]
    assert caught.value.request_id == "req_9"


@pytest.mark.parametrize(
    "form",
    [
        AS_CHAT,
        {**AS_CHAT, "n": 2, "logprobs": 2},
        AS_TEXT,
        {**AS_TEXT, "n": 3},
        {**AS_TEXT, "max_tokens": 2},
        {**AS_TEXT, "echo": True, "suffix": "Bye", "logprobs": 2, "n": 2},
    ],
    ids=",".join,
)
def test_the_whole_of_a_stream_is_what_one_answer_would_have_been(
    net_host: Host, account: Callable[..., Any], form: dict[str, Any]
) -> None:
    """Over real HTTP: text, choices, log probabilities, usage, result and warnings are equal."""
    once: Any = net_host.run(MODULE, form, connection=account())
    with net_host.stream(MODULE, form, connection=account()) as stream:
        pieces = list(stream)
        streamed: Any = stream.result

    expected, found = copy.deepcopy(once.bundle), copy.deepcopy(streamed.bundle)
    assert expected.pop("id") != found.pop("id")  # made of the request, which has "stream" in it
    for choice in expected["choices"]:
        choice["message"].pop("annotations", None)
    assert found == expected
    assert (streamed.usage, streamed.warnings) == (once.usage, once.warnings)
    assert all(isinstance(piece, ChatPiece) for piece in pieces)
    assert "".join(piece.text for piece in pieces if piece.index == 0) == found["result"]


@BOTH
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, {"include_usage": True}),
        ({"include_usage": False}, {"include_usage": False}),
        ({"include_obfuscation": False}, {"include_usage": True, "include_obfuscation": False}),
    ],
)
def test_a_stream_asks_for_usage_unless_told_not_to(
    *,
    host: Host,
    replay: Replay,
    sent: Callable[[], Any],
    form: dict[str, Any],
    options: dict[str, bool] | None,
    expected: dict[str, bool],
) -> None:
    """A streamed result tells as much as any other."""
    end = {"index": 0, "text": "x", "delta": {"content": "x"}, "finish_reason": "stop"}
    replay.reply(events=[{"choices": [end]}, "[DONE]"])
    given = {**form, "stream_options": options} if options else form

    with host.stream(MODULE, given, connection=CONNECTION) as stream:
        assert stream.result.bundle["result"] == "x"

    assert (sent()["stream"], sent()["stream_options"]) == (True, expected)


def test_stream_options_are_not_sent_without_a_stream(host: Host, replay: Replay, sent: Callable[[], Any]) -> None:
    """The service would refuse them."""
    replay.reply(TEXT)

    _run(host, AS_TEXT, stream_options={"include_usage": True})

    assert sent() == AS_TEXT


@BOTH
@pytest.mark.parametrize(
    ("orders", "kind"),
    [
        ("cut=3", BrokenAnswerError),
        ("cut=0", BrokenAnswerError),
        ("fail=2", BusyError),
        ("fail=2; code=insufficient_quota", QuotaError),
        ("code=unsupported_value; param=temperature", RefusedError),
    ],
)
def test_a_stream_that_does_not_come_well_is_an_error(
    net_host: Host, account: Callable[..., Any], form: dict[str, Any], orders: str, kind: type[Exception]
) -> None:
    """Half an answer is never taken for a whole one."""
    with net_host.stream(MODULE, form, connection=account(orders)) as stream, pytest.raises(kind):
        list(stream)


@BOTH
def test_a_stream_that_ends_without_done_is_whole_if_every_choice_ended(
    net_host: Host, account: Callable[..., Any], form: dict[str, Any]
) -> None:
    """Some servers never send [DONE]."""
    with net_host.stream(MODULE, {**form, "n": 2}, connection=account("undone")) as stream:
        assert stream.result.bundle["result"] == "I heard: Good morning to you"


@pytest.mark.parametrize("event", ["hello", "[1]", {"choices": ["x"]}, {"choices": [{"index": 0, "text": 7}]}])
def test_an_event_that_is_no_chunk_is_an_error(host: Host, replay: Replay, event: object) -> None:
    """At the chunk, or when the whole is checked."""
    replay.reply(events=[event, "[DONE]"])

    with host.stream(MODULE, AS_TEXT, connection=CONNECTION) as stream, pytest.raises(AnswerError):
        list(stream)


@pytest.mark.parametrize(
    ("parameter", "name"), [("top_logprobs", "logprobs"), ("messages", "prompt"), ("temperature", "temperature")]
)
def test_a_refusal_of_the_service_names_the_field(
    net_host: Host, account: Callable[..., Any], parameter: str, name: str
) -> None:
    """Not what the field was sent as."""
    orders = f"code=unsupported_value; param={parameter}"

    with pytest.raises(RefusedError) as caught:
        net_host.run(MODULE, {**AS_CHAT, "logprobs": 1}, connection=account(orders))

    assert caught.value.message.startswith(f"$.{name}")
    assert f"Leave {name} empty" in caught.value.hint


def test_a_server_that_does_not_stream_is_understood(host: Host, replay: Replay) -> None:
    """What it answers in one is the piece, and the whole."""
    for _ in range(2):
        replay.reply(TEXT)

    with host.stream(MODULE, AS_TEXT, connection=CONNECTION) as stream:
        pieces = list(stream)

    assert [piece.text for piece in pieces] == ["Hello!"]
    assert stream.result.bundle == _run(host, AS_TEXT).bundle
