"""What a chat gives: the service's answer, the result, the usage and what the user should know."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, DeadlineError, Host
from jackfield.testing import Replay

MODULE = "openai.create_chat_completion"
CONNECTION = {"api_key": "k"}
LEAST: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
AS_JSON = {"response_format": {"type": "json_object"}}
AS_SCHEMA = {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


@pytest.fixture
def ask(host: Host, replay: Replay) -> Callable[..., Any]:
    """Run a chat whose answer is given."""

    def run(reply: object, **fields: object) -> Any:
        replay.reply(reply, headers={"x-request-id": "req_9"})
        return host.run(MODULE, {**LEAST, **fields}, connection=CONNECTION)

    return run


def test_the_result_is_the_text_and_the_answer_is_all_there(
    ask: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    """Usage, model and the request id are where every module has them."""
    result = ask(answer())

    bundle = result.bundle
    assert bundle["result"] == "Hello!"
    assert bundle["model"] == "m-2026"
    assert bundle["choices"][0]["message"]["content"] == "Hello!"
    assert bundle["choices"][0]["finish_reason"] == "stop"
    assert bundle["usage"]["prompt_tokens_details"] == {"cached_tokens": 4}
    assert result.request_id == "req_9"
    assert (result.usage.input_tokens, result.usage.output_tokens, result.usage.total_tokens) == (9, 3, 12)
    assert (result.usage.cached_tokens, result.usage.reasoning_tokens) == (4, 2)
    assert result.warnings == ()


def test_the_output_is_typed(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """For those who write Python."""
    output = ask(answer()).output

    assert output.choices[0].message.content == "Hello!"
    assert output.usage.total_tokens == 12


def test_nothing_that_the_service_says_is_lost(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """Unknown keys stay, at every depth."""
    reply = answer({"reasoning_content": "Hm"}, new_in_choice=1)
    reply["new_at_top"] = {"x": [1]}
    reply["usage"]["new_tokens"] = 5
    reply["usage"]["prompt_tokens_details"]["new_detail"] = 6

    bundle = ask(reply).bundle

    assert bundle["new_at_top"] == {"x": [1]}
    assert bundle["choices"][0]["new_in_choice"] == 1
    assert bundle["choices"][0]["message"]["reasoning_content"] == "Hm"
    assert bundle["usage"]["new_tokens"] == 5
    assert bundle["usage"]["prompt_tokens_details"]["new_detail"] == 6


def test_the_least_that_a_server_may_answer_is_enough(ask: Callable[..., Any]) -> None:
    """Others than OpenAI leave out what they do not know."""
    result = ask({"choices": [{"message": {"content": "Hello!"}}]})

    assert result.bundle["result"] == "Hello!"
    assert result.usage is None


def test_several_choices_are_all_there(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """The result is the first one's."""
    reply = answer()
    reply["choices"].append({"index": 1, "message": {"role": "assistant", "content": "Hey!"}, "finish_reason": "stop"})

    bundle = ask(reply, n=2).bundle

    assert bundle["result"] == "Hello!"
    assert [choice["message"]["content"] for choice in bundle["choices"]] == ["Hello!", "Hey!"]


def test_a_tool_call_is_no_text(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """The content is null then, and nothing is wrong with that, in JSON formats neither."""
    reply = answer({"content": None, "tool_calls": [CALL]}, finish_reason="tool_calls")

    for fields in ({}, AS_JSON):
        result = ask(reply, **fields)
        assert result.bundle.get("result") is None
        assert result.output.choices[0].message.tool_calls[0].function.arguments == '{"a": 1}'
        assert result.warnings == ()


def test_a_custom_tool_call_is_kept(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """With its input."""
    call = {"id": "c1", "type": "custom", "custom": {"name": "note", "input": "x"}}

    bundle = ask(answer({"content": None, "tool_calls": [call]})).bundle

    assert bundle["choices"][0]["message"]["tool_calls"] == [call]


def test_log_probabilities_are_kept(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """Token by token."""
    top = {"token": "Hi", "logprob": -1.5, "bytes": [72, 105]}
    told = {"content": [{"token": "Hello", "logprob": -0.1, "bytes": None, "top_logprobs": [top]}], "refusal": None}

    choice = ask(answer(logprobs=told)).output.choices[0]

    assert choice.logprobs.content[0].top_logprobs[0].bytes == [72, 105]


@pytest.mark.parametrize(
    ("message", "reason", "words"),
    [
        ({}, "length", "length"),
        ({}, "content_filter", "content_filter"),
        ({"content": None, "refusal": "I cannot"}, "stop", "refused"),
    ],
)
def test_an_answer_that_did_not_end_well_is_a_warning(
    ask: Callable[..., Any], answer: Callable[..., Any], message: dict[str, object], reason: str, words: str
) -> None:
    """It is output all the same."""
    result = ask(answer(message, finish_reason=reason))

    (warning,) = result.warnings
    assert words in warning
    assert "choices[0]" in warning


def test_a_refusal_is_visible(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """Also where JSON was asked for: it is no broken JSON."""
    result = ask(answer({"content": None, "refusal": "I cannot"}), **AS_SCHEMA)

    assert result.bundle["choices"][0]["message"]["refusal"] == "I cannot"
    assert result.bundle.get("result") is None


@pytest.mark.parametrize("fields", [AS_JSON, AS_SCHEMA], ids=["json_object", "json_schema"])
@pytest.mark.parametrize("value", [{"a": [1, None, "x"]}, [1, 2], "text", 7, True])
def test_in_json_formats_the_result_is_the_value(
    ask: Callable[..., Any], answer: Callable[..., Any], fields: dict[str, object], value: object
) -> None:
    """Nobody has to parse it."""
    import json  # noqa: PLC0415  the fixture's replies are no JSON in a text

    assert ask(answer({"content": json.dumps(value)}), **fields).bundle["result"] == value


def test_a_text_format_is_not_parsed(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """Even if the text looks like JSON."""
    assert ask(answer({"content": '{"a": 1}'}), response_format={"type": "text"}).bundle["result"] == '{"a": 1}'


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        ('{"secret": 1,\n "b": }', "stop", "line 2, column 7"),
        ("", "stop", "empty"),
        ("  ", "stop", "empty"),
        (None, "stop", "empty"),
        ('{"a": NaN}', "stop", "NaN"),
        ("[" * 100_000, "stop", "nested"),
        ("[" * 300 + "]" * 300, "stop", "nested"),
        ("1" * 5000, "stop", "digits"),
    ],
)
def test_broken_json_is_an_error_that_says_where(
    ask: Callable[..., Any], answer: Callable[..., Any], content: str | None, reason: str, words: str
) -> None:
    """It names the place, and shows nothing of the text."""
    with pytest.raises(AnswerError) as caught:
        ask(answer({"content": content}, finish_reason=reason), **AS_JSON)

    assert "$.choices[0].message.content" in caught.value.message
    assert words in caught.value.message
    assert "secret" not in str(caught.value)


def test_json_that_was_cut_says_so(ask: Callable[..., Any], answer: Callable[..., Any]) -> None:
    """The remedy is another one then."""
    with pytest.raises(AnswerError) as caught:
        ask(answer({"content": '{"a": '}, finish_reason="length"), **AS_JSON)

    assert "max_completion_tokens" in caught.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        {"choices": []},
        {"choices": None},
        {"choices": [{}]},
        {"choices": [{"message": "Hello"}]},
        {"choices": [{"message": {"content": 7}}]},
        {"object": "list", "data": []},
    ],
)
def test_an_answer_of_another_shape_is_an_error(ask: Callable[..., Any], reply: object) -> None:
    """Not a success without content."""
    with pytest.raises(AnswerError):
        ask(reply)


@pytest.mark.parametrize(
    ("orders", "kind"),
    [
        ("html", AnswerError),
        ("empty", AnswerError),
        ("cut=5", BrokenAnswerError),
        ("delay=30", DeadlineError),
        ("drip=0.2", DeadlineError),
    ],
)
def test_an_answer_that_does_not_come_well_is_an_error(
    net_host: Host, account: Callable[..., Any], orders: str, kind: type[Exception]
) -> None:
    """Over real HTTP; a stored chat is not sent again."""
    with pytest.raises(kind):
        net_host.run(MODULE, {**LEAST, "store": True}, connection=account(orders), deadline_s=0.5)
