"""Texts and images are judged: whether, why, and how surely."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, File, Host, InvalidInputError, LimitError
from jackfield.testing import Replay
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.create_moderation"
KEY = {"api_key": "k"}
PNG = as_file(draw("x", ["x"], (64, 64)), "png")
HARMLESS = {"flagged": False, "categories": {"violence": False}}
HARMFUL = {
    "flagged": True,
    "categories": {"violence": True, "hate": False, "illicit": None, "of/tomorrow": True},
    "category_scores": {"violence": 0.9, "hate": 0.1},
    "category_applied_input_types": {"violence": ["text"]},
    "new": 1,
}


def _run(host: Host, replay: Replay, given: object, *results: Any, **connection: object) -> Any:
    replay.reply({"id": "modr-1", "model": "m-1", "results": [*results]})
    return host.run(MODULE, {"input": given}, connection={**KEY, **connection})


def test_whether_and_why(host: Host, replay: Replay) -> None:
    """``result`` and ``reasons`` sum up what each judgment says; nothing of it is lost, new categories included."""
    result = _run(host, replay, ["a", "b", "c"], HARMLESS, HARMFUL, HARMFUL)

    assert result.bundle == {
        "result": True,
        "reasons": ["violence", "of/tomorrow"],
        "results": [HARMLESS, HARMFUL, HARMFUL],
        "id": "modr-1",
        "model": "m-1",
    }
    assert _run(host, replay, "a", HARMLESS).bundle["result"] is False


def test_a_file_is_sent_along(host: Host, replay: Replay) -> None:
    """As a data: URL, beside texts and addresses of images."""
    file = File.from_bytes(PNG, name="a.png")
    web = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    parts = [{"type": "text", "text": "t"}, web, {"type": "image_url", "image_url": {"url": file}}]

    _run(host, replay, parts, HARMLESS)

    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    sent = json.loads(replay.requests[0].body or b"")
    assert sent == {"input": [parts[0], web, {"type": "image_url", "image_url": {"url": data}}]}


def test_files_have_a_limit(host: Host, replay: Replay) -> None:
    """The connection's, which the error names."""
    parts = [{"type": "image_url", "image_url": {"url": File.from_bytes(PNG, name="a.png")}}]

    with pytest.raises(LimitError) as caught:
        _run(host, replay, parts, HARMLESS, max_attached_bytes=10)

    assert caught.value.limit == "max_attached_bytes"
    assert replay.requests == []


def test_a_judgment_for_each_text(host: Host, replay: Replay) -> None:
    """One too few would leave a text unjudged; of parts there is one for all."""
    with pytest.raises(AnswerError, match=r"\$\.results: must have one judgment for each of 2 texts, and has 1"):
        _run(host, replay, ["a", "b"], HARMLESS)
    with pytest.raises(AnswerError, match=r"\$\.results"):
        _run(host, replay, "a")
    part = {"type": "text", "text": "t"}
    assert len(_run(host, replay, [part, part], HARMLESS).output.results) == 1


def test_texts_and_parts_do_not_mix(host: Host, replay: Replay) -> None:
    """The service would refuse it."""
    with pytest.raises(InvalidInputError, match=r"\$\.input: must be all texts, or all parts with a type"):
        _run(host, replay, ["a", {"type": "text", "text": "t"}], HARMLESS)

    assert replay.requests == []


def test_the_stand_in_judges_by_what_is_said(net_host: Host, account: Callable[..., Any]) -> None:
    """Each text by itself, and parts together; images only by a model that looks at them."""
    image = {"type": "image_url", "image_url": {"url": File.from_bytes(PNG, name="a.png")}}
    parts = {"input": [{"type": "text", "text": "no harm"}, image]}

    texts = net_host.run(MODULE, {"input": ["a cat", "violence and hate"]}, connection=account())
    together = net_host.run(MODULE, parts, connection=account())
    refused = net_host.run(MODULE, parts, connection=account("refuse"))

    assert [one.flagged for one in texts.output.results] == [False, True]
    assert set(texts.output.reasons) == {"violence", "hate"}
    assert (together.output.result, len(together.output.results)) == (False, 1)
    assert together.output.results[0].category_applied_input_types["violence"] == ("text", "image")
    assert refused.output.reasons == ["violence"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ["a", 1]}, "input[1]"),
        ({"input": ["a", {"type": "text", "text": "b"}]}, "input"),
        ({"input": [{"type": "image_url", "image_url": {"url": "ftp://a.example/b"}}]}, "input"),
        ({"input": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}, "input"),
        (
            {
                "model": "text-moderation-latest",
                "input": [{"type": "image_url", "image_url": {"url": "https://a.example"}}],
            },
            "input",
        ),
        ({"input": "a", "n": 2}, "n"),
        ({}, "input"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(ask: Callable[..., Any], body: object, param: str) -> None:
    """With its error, naming the parameter."""
    response, said = ask("POST", "/v1/moderations", body)

    assert response.status == 400
    assert json.loads(said)["error"]["param"] == param
