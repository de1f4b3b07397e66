"""A streamed chat: pieces as they come, the whole at the end, and no half answer taken for a whole one."""

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    Host,
    QuotaError,
    RefusedError,
)
from jackfield.testing import Replay
from jackfield_openai.chat_stream import ChatPiece, StreamedChat

MODULE = "openai.create_chat_completion"
CONNECTION = {"api_key": "k"}
LEAST: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Good morning to you"}]}
FUNCTION = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
}
CHOICE = {"type": "function", "function": FUNCTION}


def _delta(index: int = 0, reason: str | None = None, **delta: object) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}


def _merged(*chunks: object) -> tuple[list[ChatPiece], dict[str, Any]]:
    chat = StreamedChat()
    pieces = [piece for chunk in copy.deepcopy(chunks) for piece in chat.add(chunk)]
    return pieces, chat.whole()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"n": 3},
        {"logprobs": True, "top_logprobs": 2, "n": 2},
        {"max_completion_tokens": 3},
        {"tools": [CHOICE], "tool_choice": "required"},
        {
            "tools": [CHOICE, {"type": "custom", "custom": {"name": "note"}}],
            "messages": [{"role": "user", "content": "get_weather and note"}],
        },
        {"functions": [FUNCTION], "function_call": {"name": "get_weather"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": FUNCTION["parameters"]}}},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
        {"service_tier": "flex", "store": True, "metadata": {"k": "v"}},
        {"moderation": {"model": "omni"}},
    ],
    ids=lambda fields: ",".join(fields) or "plain",
)
def test_the_whole_of_a_stream_is_what_one_answer_would_have_been(
    net_host: Host, account: Callable[..., Any], fields: dict[str, object]
) -> None:
    """Over real HTTP: text, choices, tool calls, log probabilities, audio, usage and result are equal."""
    form = {**LEAST, **fields}

    once: Any = net_host.run(MODULE, form, connection=account())
    with net_host.stream(MODULE, form, connection=account()) as stream:
        pieces = list(stream)
        streamed: Any = stream.result

    expected, found = copy.deepcopy(once.bundle), copy.deepcopy(streamed.bundle)
    assert pieces
    assert expected.pop("id") != found.pop("id")  # made of the request, which has "stream" in it
    for choice in expected["choices"]:
        choice["message"].pop("annotations")
    assert found == expected
    assert streamed.usage == once.usage
    assert streamed.warnings == once.warnings


def test_the_pieces_are_the_text(net_host: Host, account: Callable[..., Any]) -> None:
    """As text, each piece is what it adds."""
    with net_host.stream(MODULE, LEAST, connection=account()) as stream:
        pieces = list(stream)

    assert all(isinstance(piece, ChatPiece) for piece in pieces)
    assert "".join(map(str, pieces)) == "I heard: Good morning to you"
    assert pieces[-1].finish_reason == "stop"


def test_a_piece_is_there_before_the_stream_ends(net_host: Host, account: Callable[..., Any]) -> None:
    """Nobody waits for the end to see the start."""
    with net_host.stream(MODULE, LEAST, connection=account("drip=0.0003")) as stream:
        started = time.monotonic()
        first = next(stream)
        after_first = time.monotonic() - started
        rest = list(stream)
        after_last = time.monotonic() - started

    assert first.text
    assert rest
    assert after_first < after_last / 2


def test_a_stream_can_be_left_early(net_host: Host, account: Callable[..., Any]) -> None:
    """The connection is closed, and the host goes on."""
    with net_host.stream(MODULE, LEAST, connection=account("drip=0.0003")) as stream:
        next(stream)

    assert net_host.run(MODULE, LEAST, connection=account()).bundle["result"]


@pytest.mark.parametrize("orders", ["cut=3", "cut=0", "undone; cut=2"])
def test_a_cut_stream_is_an_error(net_host: Host, account: Callable[..., Any], orders: str) -> None:
    """Half an answer is never taken for a whole one."""
    with (
        net_host.stream(MODULE, LEAST, connection=account(orders)) as stream,
        pytest.raises(BrokenAnswerError),
    ):
        list(stream)


def test_a_stream_that_ends_without_done_is_whole_if_every_choice_ended(
    net_host: Host, account: Callable[..., Any]
) -> None:
    """Some servers never send [DONE]."""
    with net_host.stream(MODULE, {**LEAST, "n": 2}, connection=account("undone")) as stream:
        assert stream.result.bundle["result"] == "I heard: Good morning to you"


def test_a_stream_without_done_in_which_a_choice_is_missing_is_cut(host: Host, replay: Replay) -> None:
    """Two were asked for, one came."""
    replay.reply(events=[_delta(content="Hi"), _delta(reason="stop")])

    with (
        host.stream(MODULE, {**LEAST, "n": 2}, connection=CONNECTION) as stream,
        pytest.raises(BrokenAnswerError),
    ):
        list(stream)


@pytest.mark.parametrize(
    ("orders", "kind"),
    [
        ("fail=2", BusyError),
        ("fail=2; code=insufficient_quota", QuotaError),
        ("fail=0; code=server_error", BusyError),
    ],
)
def test_an_error_inside_a_stream_is_that_error(
    net_host: Host, account: Callable[..., Any], orders: str, kind: type[Exception]
) -> None:
    """Though the status was 200."""
    with net_host.stream(MODULE, LEAST, connection=account(orders)) as stream, pytest.raises(kind):
        list(stream)


def test_an_error_before_a_stream_is_the_usual_one(net_host: Host, account: Callable[..., Any]) -> None:
    """The service refuses, and nothing is streamed."""
    connection = account("code=unsupported_value; param=temperature")

    with net_host.stream(MODULE, LEAST, connection=connection) as stream, pytest.raises(RefusedError) as caught:
        list(stream)

    assert caught.value.message.startswith("$.temperature")


def test_a_busy_service_is_asked_again_before_the_stream_begins(net_host: Host, account: Callable[..., Any]) -> None:
    """Never after."""
    with net_host.stream(MODULE, LEAST, connection=account("status=503; retry-after-ms=5; times=2")) as stream:
        assert stream.result.attempts == 3


def _called(name: str) -> dict[str, Any]:
    return {"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": "Hello!"},
        {"role": "assistant", "content": None, "refusal": "No."},
        {"role": "assistant", "content": None, "tool_calls": [_called("look"), _called("go")]},
    ],
    ids=["text", "refusal", "tools"],
)
def test_a_server_that_does_not_stream_is_understood(
    host: Host, replay: Replay, answer: Callable[..., Any], message: dict[str, Any]
) -> None:
    """Its answer comes as one piece for each choice, and is the whole that it is without streaming."""
    said = answer(message)
    said["choices"].append({**said["choices"][0], "index": 1})
    for _ in range(2):
        replay.reply(said)

    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream:
        pieces = list(stream)

    once = host.run(MODULE, LEAST, connection=CONNECTION)
    assert [piece.index for piece in pieces] == [0, 1]
    assert [piece.text for piece in pieces] == [message["content"] or ""] * 2
    assert stream.result.bundles == once.bundles
    assert stream.result.usage == once.usage


def test_a_failure_in_place_of_a_stream_is_that_failure(host: Host, replay: Replay) -> None:
    """Even where it comes with a status that says that all is well."""
    replay.reply({"error": {"message": "Slow down", "code": "rate_limit_exceeded"}})

    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream, pytest.raises(BusyError):
        list(stream)


@pytest.mark.parametrize("event", ["hello", "[1]", '"text"', "7"])
def test_an_event_that_is_no_chunk_is_an_error(host: Host, replay: Replay, event: str) -> None:
    """Whatever else it is."""
    replay.reply(events=[_delta(content="Hi"), event, "[DONE]"])

    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream, pytest.raises(AnswerError):
        list(stream)


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": ["x"]},
        {"choices": [{"index": "0", "delta": {}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": ["x"]}}]},
        {"choices": [{"index": 0, "delta": {"content": {"deep": 1}}, "finish_reason": "stop"}]},
        {"choices": [{"index": 0, "delta": {"content": 7}, "finish_reason": "stop"}]},
    ],
)
def test_a_chunk_of_another_shape_is_an_error(host: Host, replay: Replay, chunk: object) -> None:
    """At the chunk, or when the whole is checked."""
    replay.reply(events=[chunk, "[DONE]"])

    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream, pytest.raises(AnswerError):
        list(stream)


def test_a_stream_without_any_choice_is_an_error(host: Host, replay: Replay) -> None:
    """An answer must have one."""
    replay.reply(events=["[DONE]"])

    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream, pytest.raises(AnswerError):
        list(stream)


def test_tool_calls_are_put_together_by_their_index() -> None:
    """Their parts come in turns."""
    pieces, whole = _merged(
        _delta(tool_calls=[{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]),
        _delta(tool_calls=[{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}]),
        _delta(
            tool_calls=[{"index": 0, "function": {"arguments": '{"x"'}}, {"index": 1, "function": {"arguments": "[]"}}]
        ),
        _delta(tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
        _delta(reason="tool_calls"),
    )

    assert whole["choices"][0]["message"]["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
        {"id": "b", "type": "function", "function": {"name": "g", "arguments": "[]"}},
    ]
    assert [(call.index, call.name, call.arguments) for piece in pieces for call in piece.tool_calls or ()] == [
        (0, "f", None),
        (1, "g", None),
        (0, None, '{"x"'),
        (1, None, "[]"),
        (0, None, ": 1}"),
    ]


def test_tool_calls_of_servers_that_count_badly_are_kept_apart() -> None:
    """All with index 0, or none: their ids tell them apart. A name that is repeated is one name."""
    for index in ({"index": 0}, {}):
        _, whole = _merged(
            _delta(tool_calls=[{**index, "id": "a", "function": {"name": "f", "arguments": "{"}}]),
            _delta(tool_calls=[{**index, "id": "a", "function": {"name": "f", "arguments": "}"}}]),
            _delta(tool_calls=[{**index, "id": "b", "function": {"name": "f", "arguments": "[]"}}]),
        )
        assert whole["choices"][0]["message"]["tool_calls"] == [
            {"id": "a", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "function": {"name": "f", "arguments": "[]"}},
        ]


def test_what_servers_add_is_put_together_too() -> None:
    """Such as the thoughts of a model; and the last usage counts."""
    _, whole = _merged(
        {**_delta(role="assistant", reasoning_content="Let "), "usage": {"total_tokens": 1}, "obfuscation": "xx"},
        {**_delta(reasoning_content="me.", content="Hi"), "usage": {"total_tokens": 2}, "model": "m"},
        _delta(reason="stop"),
    )

    assert whole["choices"][0]["message"]["reasoning_content"] == "Let me."
    assert whole["usage"] == {"total_tokens": 2}
    assert whole["model"] == "m"
    assert whole["object"] == "chat.completion"
    assert "obfuscation" not in whole


def test_a_refusal_comes_in_pieces_too(net_host: Host, account: Callable[..., Any]) -> None:
    """And is whole at the end."""
    with net_host.stream(MODULE, LEAST, connection=account("refuse")) as stream:
        pieces = list(stream)
        result = stream.result

    message: Any = result.bundle["choices"]
    assert "".join(piece.refusal or "" for piece in pieces) == message[0]["message"]["refusal"]
    assert len(result.warnings) == 1


def test_choices_come_in_any_order() -> None:
    """And stand in the order of their index."""
    _, whole = _merged(
        _delta(1, content="b"), _delta(0, content="a"), _delta(1, reason="stop"), _delta(0, reason="stop")
    )

    assert [choice["message"]["content"] for choice in whole["choices"]] == ["a", "b"]


@pytest.mark.parametrize("ended", [[], [0], [1]])
def test_a_chat_is_complete_when_each_choice_has_ended(ended: list[int]) -> None:
    """Not before."""
    chat = StreamedChat()
    for index in ended:
        list(chat.add(_delta(index, reason="stop")))
    before = chat.is_complete(2)
    for index in {0, 1}.difference(ended):
        list(chat.add(_delta(index, reason="stop")))

    assert not before
    assert chat.is_complete(2)
