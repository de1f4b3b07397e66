"""Streams made up at random from the official SDK's types: cut into pieces anyhow, they are read as what was cut.

The SDK is the witness: it reads every chunk whole, and its own helper puts the chunks together to the same. Cut before
its end, a stream is an error here, after whichever event.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import types
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai_twins import Twins
from recorder import Recorded
from typed_values import TEXTS, Values

from jackfield import BrokenAnswerError, Host
from jackfield.testing import Replay

CHAT = "openai.create_chat_completion"
HELLO: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
ENDS = ["stop", "length", "tool_calls", "content_filter"]
HEAD = {"id": "chatcmpl-1", "created": 1767225600, "model": "m-2026"}
VALUES = Values(special={}, nulls=True, fewest=0)
LIKELY = VALUES.of(types.chat.ChatCompletionTokenLogprob)
MODERATION = Values(special={}).of(types.chat.chat_completion.Moderation)


@define
class Script:
    """What the server sends next, and whether it says that this is the end."""

    events: Sequence[Any] = ()

    def __call__(self, _: Recorded) -> tuple[str, bytes]:
        """Answer."""
        sent = [json.dumps(event) for event in self.events] + ["[DONE]"]
        return "text/event-stream", "".join(f"data: {event}\n\n" for event in sent).encode()


SCRIPT = Script()


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    """Open both once: they keep nothing from call to call but the connection."""
    with Twins(answering=SCRIPT) as opened:
        yield opened


def _pieces(data: st.DataObject, text: str) -> list[str]:
    """Cut a text anywhere, also into empty pieces."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3), label="cuts"))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids().map(str),
            "type": st.just("function"),
            "function": st.fixed_dictionaries({"name": st.sampled_from(["f", "g"]), "arguments": TEXTS}),
        }
    ),
    min_size=1,
    max_size=3,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": st.none() | TEXTS},
    optional={
        "refusal": TEXTS,
        "tool_calls": CALLS,
        "function_call": st.fixed_dictionaries({"name": st.just("f"), "arguments": TEXTS}),
        "audio": st.fixed_dictionaries({"id": st.just("a"), "data": st.just("QUJD"), "transcript": TEXTS}),
        "reasoning_content": TEXTS,
    },
)
CHOICES = st.fixed_dictionaries(
    {"message": MESSAGES, "finish_reason": st.sampled_from(ENDS)},
    optional={
        "logprobs": st.fixed_dictionaries({"content": st.lists(LIKELY, min_size=1, max_size=2), "refusal": st.none()})
    },
)
WHOLES = st.builds(
    lambda choices, more: {
        **HEAD,
        "object": "chat.completion",
        "choices": [{"index": index, **choice} for index, choice in enumerate(choices)],
        **more,
    },
    st.lists(CHOICES, min_size=1, max_size=2),
    st.fixed_dictionaries(
        {"usage": VALUES.of(types.CompletionUsage)},
        optional={"service_tier": st.just("default"), "system_fingerprint": TEXTS, "moderation": MODERATION},
    ),
)


def _deltas(data: st.DataObject, choice: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut one choice into what its chunks add, in an order that a service may send them."""
    message = choice["message"]
    found: list[dict[str, Any]] = []
    for name in ("reasoning_content", "content", "refusal"):
        if message.get(name) is not None:
            found += [{name: piece} for piece in _pieces(data, message[name])]
    calls = []
    for index, call in enumerate(message.get("tool_calls", ())):
        head = {"index": index, **call, "function": {**call["function"], "arguments": ""}}
        rest = [
            {"index": index, "function": {"arguments": part}} for part in _pieces(data, call["function"]["arguments"])
        ]
        calls.append([{"tool_calls": [part]} for part in (head, *rest)])
    found += _woven(data, calls)
    if "function_call" in message:
        parts = _pieces(data, message["function_call"]["arguments"])
        found += [{"function_call": {"name": "f", "arguments": parts[0]}}]
        found += [{"function_call": {"arguments": part}} for part in parts[1:]]
    if "audio" in message:
        found += [{"audio": {"id": "a", "transcript": message["audio"]["transcript"]}}, {"audio": {"data": "QUJD"}}]
    return found


def _woven(data: st.DataObject, rows: list[list[Any]]) -> list[Any]:
    """Put rows into one: each keeps its order and they begin in theirs, but between them anything goes."""
    begun, found = 0, []
    rows = [list(row) for row in rows]
    while any(rows):
        ready = [index for index, row in enumerate(rows) if row and index <= begun]
        index = data.draw(st.sampled_from(ready), label="next")
        begun = max(begun, index + 1)
        found.append(rows[index].pop(0))
    return found


def _chunks(data: st.DataObject, whole: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for choice in whole["choices"]:
        said = {"index": choice["index"], "finish_reason": None}
        row = [{**said, "delta": {"role": "assistant", "content": None, "refusal": None}}]
        row += [{**said, "delta": delta} for delta in _deltas(data, choice)]
        likely = choice.get("logprobs", {}).get("content", [])
        for token in likely:
            row.append({**said, "delta": {}, "logprobs": {"content": [token], "refusal": None}})
        row.append({**said, "delta": {}, "finish_reason": choice["finish_reason"]})
        rows.append(row)
    head = {**HEAD, "object": "chat.completion.chunk"}
    head |= {name: whole[name] for name in ("service_tier", "system_fingerprint") if name in whole}
    obfuscated = data.draw(st.sampled_from([{}, {"obfuscation": "xyz"}]), label="obfuscation")
    chunks = [{**head, "choices": [choice], "usage": None, **obfuscated} for choice in _woven(data, rows)]
    if "moderation" in whole:
        chunks.append({**head, "choices": [], "usage": None, "moderation": whole["moderation"]})
    return [*chunks, {**head, "choices": [], "usage": whole["usage"]}]


def _said(value: Any) -> Any:
    """Give a JSON value without nulls and empty texts in its objects: in pieces the two are the same."""
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items() if item is not None and item != ""}
    return [_said(item) for item in value] if isinstance(value, list) else value


def _helped(chunks: Sequence[Any]) -> Any:
    """Have the SDK's own helper put chunks together."""
    state: Any = ChatCompletionStreamState()
    for chunk in chunks:
        list(state.handle_chunk(chunk))
    return state.current_completion_snapshot


@given(data=st.data(), whole=WHOLES)
@settings(max_examples=30)
def test_a_chat_is_put_together_from_any_pieces(twins: Twins, data: st.DataObject, whole: dict[str, Any]) -> None:
    """Tool calls and choices that come in turns, usage only at the end, padding, thoughts that no class knows."""
    SCRIPT.events = _chunks(data, whole)
    theirs = twins.asked("chat.completions.create", **HELLO, stream=True)
    ours = twins.ran(CHAT, HELLO, streaming=True)

    assert [chunk.to_dict(mode="json") for chunk in theirs] == SCRIPT.events
    bundle = {**ours.bundle}
    assert bundle.pop("result", None) == whole["choices"][0]["message"]["content"]
    assert _said(bundle) == _said(whole)
    helped = _helped(theirs)
    assert helped.usage.to_dict(mode="json") == whole["usage"]
    for ours_choice, theirs_choice in zip(_said(bundle)["choices"], helped.choices, strict=True):
        read = _said(theirs_choice.to_dict(mode="json"))
        for call in read["message"].get("tool_calls", ()):
            del call["index"]
        for name in ("content", "refusal", "tool_calls", "function_call", "reasoning_content"):
            assert ours_choice["message"].get(name) == read["message"].get(name)
        assert ours_choice["finish_reason"] == read["finish_reason"]


@given(data=st.data(), whole=WHOLES)
@settings(max_examples=10)
def test_a_cut_chat_is_an_error_after_whichever_event(data: st.DataObject, whole: dict[str, Any]) -> None:
    """At OpenAI's address whatever has come; elsewhere, where some never say the end, until every choice has ended."""
    chunks, replay = _chunks(data, whole), Replay()
    last_end = max(
        place for place, chunk in enumerate(chunks) if any(each["finish_reason"] for each in chunk["choices"])
    )
    asked = {**HELLO, "n": len(whole["choices"])}
    with Host(plugins=[replay], environ={}) as host:
        for place in range(len(chunks) + 1):
            for url, is_error in (("https://api.openai.com/v1", True), ("http://localhost:1/v1", place <= last_end)):
                replay.reply(events=chunks[:place])
                with host.stream(CHAT, asked, connection={"api_key": "k", "base_url": url}) as stream:
                    if is_error:
                        with pytest.raises(BrokenAnswerError):
                            list(stream)
                    else:
                        told = ["without the usage" in warning for warning in stream.result.warnings]
                        assert any(told) is (place < len(chunks))


@given(data=st.data(), text=TEXTS, reason=st.sampled_from(ENDS), likely=st.lists(TEXTS, max_size=2))
@settings(max_examples=15)
def test_a_completion_is_put_together_from_any_pieces(
    twins: Twins, data: st.DataObject, text: str, reason: str, likely: list[str]
) -> None:
    """The old endpoint, with its own log probabilities."""
    pieces: list[dict[str, Any]] = [
        {"index": 0, "text": piece, "finish_reason": None, "logprobs": None} for piece in _pieces(data, text)
    ]
    for place, token in enumerate(likely):
        told = {"tokens": [token], "token_logprobs": [-0.5], "top_logprobs": [{token: -0.5}], "text_offset": [place]}
        pieces.append({"index": 0, "text": "", "finish_reason": None, "logprobs": told})
    pieces.append({"index": 0, "text": "", "finish_reason": reason, "logprobs": None})
    head = {**HEAD, "object": "text_completion"}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    SCRIPT.events = [*({**head, "choices": [piece]} for piece in pieces), {**head, "choices": [], "usage": usage}]
    asked = {"model": "m", "prompt": "p"}

    theirs = twins.asked("completions.create", **asked, stream=True)
    ours = twins.ran("openai.create_completion", {**asked, "endpoint": "completions"}, streaming=True)

    assert [chunk.to_dict(mode="json") for chunk in theirs] == SCRIPT.events
    bundle: Any = ours.bundle
    (choice,) = bundle["choices"]
    assert (choice["text"] or "") == text
    assert choice["finish_reason"] == reason
    assert ((choice.get("logprobs") or {}).get("tokens") or []) == likely
    assert bundle["usage"] == usage
    assert {name: bundle[name] for name in head} == head


PARTIALS = Values(special={"b64_json": st.just("R0lG"), "created_at": st.integers(1, 2**33)}, more=True)


@pytest.mark.parametrize("kind", ["Gen", "Edit"])
@given(data=st.data(), number=st.integers(1, 3))
@settings(max_examples=8)
def test_images_come_in_events(twins: Twins, kind: str, data: st.DataObject, number: int) -> None:
    """Unfinished ones first; what an event says beyond what is known stays with its image; a cut is an error."""
    partial, done = (PARTIALS.of(getattr(types, f"Image{kind}{name}Event")) for name in ("PartialImage", "Completed"))
    finished = [{**data.draw(done), "b64_json": base64.b64encode(bytes([n])).decode()} for n in range(number)]
    SCRIPT.events = [*data.draw(st.lists(partial, max_size=2)), *finished]
    form = {"model": "m", "n": number, "method": {"type": "generate", "prompt": "p"}}

    theirs = twins.asked("images.generate", model="m", prompt="p", n=number, stream=True)
    ours = twins.ran("openai.generate_images", form, streaming=True)

    assert [event.to_dict(mode="json") for event in theirs] == SCRIPT.events
    bundle: Any = ours.bundle
    assert [image.file.read() for image in ours.output.data] == [bytes([n]) for n in range(number)]
    for image, event in zip(bundle["data"], finished, strict=True):
        assert {name: image.get(name) for name in event if name.startswith("x")} == {
            name: value for name, value in event.items() if name.startswith("x")
        }
    last = finished[-1]
    assert {name: bundle[name] for name in ("size", "quality", "background", "output_format")} == {
        name: last[name] for name in ("size", "quality", "background", "output_format")
    }
    assert bundle["usage"]["total_tokens"] == sum(event["usage"]["total_tokens"] for event in finished)
    whole = SCRIPT.events
    for place in range(len(whole)):
        SCRIPT.events = whole[:place]
        with pytest.raises(BrokenAnswerError):
            twins.ran("openai.generate_images", form, streaming=True)
