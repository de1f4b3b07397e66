"""Whatever the official SDK's types can read of a response, we read without loss: answers made up from its own classes.

Beside what the classes declare there are nulls, keys that no class has, and keys that are missing.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import types
from openai_twins import Twins
from recorder import Recorded
from typed_values import TEXTS, Values

from jackfield import AnswerError, BrokenAnswerError, Host
from jackfield.testing import Replay

# What the SDK is given has more and less than its classes declare, of which pydantic warns when it writes that again.
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")

RESPONSE = "openai.create_response"
HELLO = {"model": "m", "input": "Hi"}
BASE64 = st.binary(min_size=1, max_size=6).map(lambda data: base64.b64encode(data).decode())
TAKEN = {"result", "tool_calls", "refusal"}
"""What we take from the output, beside it."""


@define
class Script:
    """What the server answers next."""

    body: Any = None
    events: Any = None

    def __call__(self, _: Recorded) -> tuple[str, bytes]:
        """Answer, whole or in events."""
        if self.events is None:
            return "application/json", json.dumps(self.body).encode()
        named = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in self.events)
        return "text/event-stream", "".join(named).encode()


SCRIPT = Script()


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    """Open both once: they keep nothing from call to call but the connection."""
    with Twins(answering=SCRIPT) as opened:
        yield opened


def _answers(*, loose: bool) -> st.SearchStrategy[Any]:
    """Make responses; their tools are what was asked, and have tests as that."""
    special: dict[str, st.SearchStrategy[Any]] = {
        "created_at": st.integers(1, 2**33),
        "completed_at": st.integers(1, 2**33),
        "error": st.none(),
        "instructions": st.none() | TEXTS,
        "status": st.sampled_from(["completed", "incomplete"]),
        "tools": st.just([]),
        "tool_choice": st.just("auto"),
        "ImageGenerationCall.result": BASE64,
        "ImageGenerationCall.error": st.none(),
    }
    values = Values(special=special, nulls=True, more=True, fewest=0, loose=loose)
    items = st.lists(values.of(types.responses.ResponseOutputItem), max_size=3)
    return st.builds(lambda answer, output: {**answer, "output": output}, values.of(types.responses.Response), items)


WHOLE, LOOSE = _answers(loose=False), _answers(loose=True)


def _said(value: Any) -> Any:
    """Give a JSON value without nulls in its objects: what is null there says nothing."""
    if isinstance(value, Mapping):
        return {key: _said(item) for key, item in value.items() if item is not None}
    return [_said(item) for item in value] if isinstance(value, list) else value


def _compare(ours: Any, answer: Mapping[str, Any]) -> None:
    """See that a result of ours has all of an answer: images are files there."""
    bundle, expected = _said({**ours.bundle}), _said(answer)
    for item, made, output in zip(expected["output"], bundle["output"], ours.output.output, strict=True):
        if item.get("type") == "image_generation_call" and "result" in item:
            del made["file"]
            assert output.file.read() == base64.b64decode(item.pop("result"))
    assert {name: value for name, value in bundle.items() if name not in TAKEN} == expected


@pytest.mark.parametrize("answers", [WHOLE, LOOSE], ids=["whole", "with parts missing"])
@given(data=st.data())
@settings(max_examples=15)
def test_a_response(twins: Twins, data: st.DataObject, answers: st.SearchStrategy[Any]) -> None:
    """Messages, thoughts, calls of every tool, images, citations, moderation, usage."""
    answer = data.draw(answers, label="answer")
    SCRIPT.body, SCRIPT.events = answer, None

    theirs, ours = twins.asked("responses.create", **HELLO), twins.ran(RESPONSE, HELLO)

    assert theirs.to_dict(mode="json") == answer  # it keeps all, so it is a witness
    _compare(ours, answer)
    assert (ours.bundle.get("result") or "") == _texts(answer)


def _texts(answer: Mapping[str, Any]) -> str:
    parts = [part for item in answer["output"] if item.get("type") == "message" for part in item.get("content") or ()]
    return "".join(part.get("text") or "" for part in parts if part.get("type") == "output_text")


EVENTS = Values(
    special={
        "response": st.just({"id": "resp_1", "status": "in_progress", "output": []}),
        "item": st.just({"type": "message", "id": "msg_1"}),
        "partial_image_b64": BASE64,
    },
    more=True,
)
MIDDLE = [
    getattr(types.responses, f"Response{name}Event")
    for name in (
        "Created",
        "InProgress",
        "OutputItemAdded",
        "TextDelta",
        "RefusalDelta",
        "ReasoningSummaryTextDelta",
        "ReasoningTextDelta",
        "FunctionCallArgumentsDelta",
        "CustomToolCallInputDelta",
        "WebSearchCallSearching",
        "ImageGenCallPartialImage",
        "McpCallArgumentsDelta",
        "CodeInterpreterCallCodeDelta",
    )
]


@given(data=st.data(), answer=WHOLE, events=st.lists(st.sampled_from(MIDDLE).flatmap(EVENTS.of), max_size=6))
@settings(max_examples=15)
def test_a_stream(twins: Twins, data: st.DataObject, answer: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Events of the SDK's own classes, in any order; the last one has the response. Cut before it, it is an error."""
    kind = f"response.{answer.get('status') or 'completed'}"
    last: dict[str, Any] = {"type": kind, "sequence_number": 9, "response": answer}
    SCRIPT.events = [*events, last]

    theirs = twins.asked("responses.create", **HELLO, stream=True)
    account = {"api_key": "k", "base_url": twins.url}
    with Host(environ={}) as host, host.stream(RESPONSE, HELLO, connection=account) as stream:
        pieces = list(stream)
        _compare(stream.result, answer)  # here: the host takes its files along when it closes

    assert [event.to_dict(mode="json") for event in theirs] == SCRIPT.events
    spoken = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert "".join(map(str, pieces)) == "".join(spoken)
    SCRIPT.events = events[: data.draw(st.integers(0, len(events)), label="cut")]
    with pytest.raises(BrokenAnswerError, match="ended before the response did"):
        twins.ran(RESPONSE, HELLO, streaming=True)


def test_an_answer_without_an_output_is_an_error() -> None:
    """Something else answers there, or it says nothing."""
    replay = Replay()
    replay.reply({"id": "resp_1", "object": "response", "status": "completed"})

    with Host(plugins=[replay], environ={}) as host, pytest.raises(AnswerError, match=r"\$\.output"):
        host.run(RESPONSE, HELLO, connection={"api_key": "k"})
