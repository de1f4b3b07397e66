"""The stand-in's /completions and /edits, asked as any program would ask them."""

import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

COMPLETION: dict[str, Any] = {"model": "any", "prompt": "Good morning"}
EDIT: dict[str, Any] = {"model": "any", "input": "Helo", "instruction": "Fix the spelling"}


def _complete(ask: Ask, **more: object) -> Any:
    response, body = ask("POST", "/v1/completions", {**COMPLETION, **more})
    assert response.status == 200, body
    return json.loads(body)


def _texts(ask: Ask, **more: object) -> list[str]:
    return [choice["text"] for choice in _complete(ask, **more)["choices"]]


def test_it_answers_a_completion_as_openai_did(ask: Ask) -> None:
    """Every member of the official answer is there, and it is the same every time."""
    whole = _complete(ask)

    assert (whole["object"], whole["model"], whole["id"][:5]) == ("text_completion", "any", "cmpl-")
    assert whole["choices"] == [
        {"text": "I heard: Good morning", "index": 0, "logprobs": None, "finish_reason": "stop"}
    ]
    assert whole["usage"] == {"prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6}
    assert whole == _complete(ask)


@pytest.mark.parametrize(
    ("more", "texts"),
    [
        ({"n": 2}, ["I heard: Good morning", "I heard, answer 2: Good morning"]),
        ({"echo": True}, ["Good morningI heard: Good morning"]),
        ({"suffix": "Bye"}, ["I heard: Good morning (and then comes: Bye)"]),
        ({"stop": "morning"}, ["I heard: Good "]),
        ({"stop": ["Good", "x"]}, ["I heard: "]),
        ({"max_tokens": 2}, ["I heard:"]),
        ({"max_tokens": 0, "echo": True}, ["Good morning"]),
        ({"prompt": ["a", "b"]}, ["I heard: a", "I heard: b"]),
        ({"prompt": [7, 8]}, ["I heard: 7 8"]),
        ({"prompt": [[7, 8], [9]]}, ["I heard: 7 8", "I heard: 9"]),
        ({"prompt": None}, ["I heard: <|endoftext|>"]),
    ],
)
def test_it_obeys_each_parameter(ask: Ask, more: dict[str, object], texts: list[str]) -> None:
    """A prompt may be a text, tokens, or several of either."""
    found = _texts(ask, **more)

    assert found == texts


def test_without_a_limit_it_ends_after_sixteen_tokens(ask: Ask) -> None:
    """That is the service's default, which surprises people."""
    (choice,) = _complete(ask, prompt="word " * 30)["choices"]

    assert choice["finish_reason"] == "length"
    assert len(choice["text"].split()) == 16


def test_whoever_has_the_best_chosen_pays_for_all(ask: Ask) -> None:
    """One answer of three costs three."""
    assert _complete(ask, best_of=3)["usage"]["completion_tokens"] == 12


def test_log_probabilities_come_column_by_column(ask: Ask) -> None:
    """With the place of each token in the text, and so many likely ones."""
    (choice,) = _complete(ask, logprobs=2)["choices"]

    told = choice["logprobs"]
    assert "".join(told["tokens"]) == choice["text"]
    assert len(told["token_logprobs"]) == 4
    assert [len(likely) for likely in told["top_logprobs"]] == [2] * 4
    assert told["text_offset"] == [0, 1, 8, 13]


def test_a_stream_has_the_text_in_pieces_then_usage_then_done(ask: Ask) -> None:
    """The chunks have the shape of the whole."""
    asked = {**COMPLETION, "stream": True, "stream_options": {"include_usage": True}}
    _, body = ask("POST", "/v1/completions", asked)
    lines = [line.removeprefix("data: ") for line in body.decode().splitlines() if line]
    *chunks, last = [json.loads(line) for line in lines[:-1]]

    assert lines[-1] == "[DONE]"
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 6)
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == "I heard: Good morning"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 4 + ["stop"]


def test_it_answers_an_edit_as_openai_did(ask: Ask) -> None:
    """Without an id and a model."""
    _, body = ask("POST", "/v1/edits", {**EDIT, "n": 2})
    whole = json.loads(body)

    assert set(whole) == {"object", "created", "choices", "usage"}
    assert whole["object"] == "edit"
    assert [choice["text"] for choice in whole["choices"]] == [
        "I heard: Helo (Fix the spelling)",
        "I heard, answer 2: Helo (Fix the spelling)",
    ]
    assert whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + whole["usage"]["completion_tokens"]


def test_an_edit_of_nothing_is_one(ask: Ask) -> None:
    """The input could be left out."""
    response, _ = ask("POST", "/v1/edits", {"model": "any", "instruction": "Write a word"})

    assert response.status == 200


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"messages": []}, "unknown_parameter", "messages"),
        ({"max_completion_tokens": 1}, "unknown_parameter", "max_completion_tokens"),
        ({"top_logprobs": 1}, "unknown_parameter", "top_logprobs"),
        ({"logprobs": 6}, "integer_above_max_value", "logprobs"),
        ({"logprobs": True}, "invalid_type", "logprobs"),
        ({"best_of": 21}, "integer_above_max_value", "best_of"),
        ({"best_of": 1, "n": 2}, "invalid_value", "best_of"),
        ({"best_of": 2, "stream": True}, "invalid_value", "best_of"),
        ({"max_tokens": -1}, "integer_below_min_value", "max_tokens"),
        ({"n": 129}, "integer_above_max_value", "n"),
        ({"temperature": 2.1}, "decimal_above_max_value", "temperature"),
        ({"stop": ["a"] * 5}, "array_above_max_length", "stop"),
        ({"prompt": []}, "empty_array", "prompt"),
        ({"prompt": {}}, "invalid_type", "prompt"),
        ({"prompt": [{}]}, "invalid_type", "prompt[0]"),
        ({"prompt": [[]]}, "empty_array", "prompt[0]"),
        ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
    ],
)
def test_it_refuses_a_completion_that_openai_refuses(
    ask: Ask, change: dict[str, object], code: str, param: str
) -> None:
    """The error names the parameter, in the official shape."""
    response, body = ask("POST", "/v1/completions", {**COMPLETION, **change})

    error = json.loads(body)["error"]
    assert (response.status, error["code"], error["param"]) == (400, code, param)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"n": 21}, "integer_above_max_value", "n"),
        ({"temperature": -1}, "decimal_below_min_value", "temperature"),
        ({"top_p": 1.1}, "decimal_above_max_value", "top_p"),
        ({"max_tokens": 1}, "unknown_parameter", "max_tokens"),
        ({"stream": True}, "unknown_parameter", "stream"),
        ({"instruction": None}, "invalid_type", "instruction"),
    ],
)
def test_it_refuses_an_edit_that_openai_refused(ask: Ask, change: dict[str, object], code: str, param: str) -> None:
    """As above."""
    response, body = ask("POST", "/v1/edits", {**EDIT, **change})

    error = json.loads(body)["error"]
    assert (response.status, error["code"], error["param"]) == (400, code, param)


@pytest.mark.parametrize(
    ("path", "missing"),
    [("completions", "model"), ("completions", "prompt"), ("edits", "model"), ("edits", "instruction")],
)
def test_what_is_required_is_named(ask: Ask, path: str, missing: str) -> None:
    """The error says what is missing."""
    whole = COMPLETION if path == "completions" else EDIT
    response, body = ask("POST", f"/v1/{path}", {key: value for key, value in whole.items() if key != missing})

    assert response.status == 400
    assert json.loads(body)["error"]["param"] == missing


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/edits"])
def test_they_take_nothing_but_post(ask: Ask, path: str) -> None:
    """The path is there, and the method is wrong."""
    response, body = ask("GET", path)

    assert response.status == 405
    assert json.loads(body)["error"]["code"] == "method_not_supported"


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/edits"])
def test_they_say_what_they_are_told_to_say(ask: Ask, path: str) -> None:
    """And end as they are told to end."""
    body = COMPLETION if "completions" in path else EDIT
    _, content = ask("POST", path, body, {"x-sandbox": "text=SGVsbG8=; finish=content_filter"})

    (choice,) = json.loads(content)["choices"]
    assert (choice["text"], choice["finish_reason"]) == ("Hello", "content_filter")
