"""Whatever the official SDK's types can read, we read without loss: answers made up from its own classes.

Both get the same answer from one server. Beside what the classes declare there are nulls, keys that no class has, and,
as other servers answer, keys that are missing though the class needs them.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import types
from openai_twins import Twins
from recorder import Recorded
from typed_values import TEXTS, Values

from jackfield import AnswerError

HELLO = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
ENDS = st.sampled_from(["stop", "length", "tool_calls", "content_filter", "function_call", "of_tomorrow"])
BASE64 = st.binary(max_size=6).map(lambda data: base64.b64encode(data).decode())
MOMENTS = st.integers(1, 2**33)
"""Seconds; 0 is what servers say that do not know."""


@define
class Script:
    """What the server answers next."""

    body: Any = None

    def __call__(self, _: Recorded) -> tuple[str, bytes]:
        """Answer."""
        return "application/json", json.dumps(self.body).encode()


SCRIPT = Script()


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    """Open both once: they keep nothing from call to call but the connection."""
    with Twins(answering=SCRIPT) as opened:
        yield opened


def _placed(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**choice, "index": index} for index, choice in enumerate(choices)]


def _answers(kind: Any, choice: Any = None, *, loose: bool) -> st.SearchStrategy[Any]:
    values = Values(
        special={"created": MOMENTS, "finish_reason": ENDS, "created_at": MOMENTS},
        nulls=True,
        more=True,
        fewest=0,
        loose=loose,
    )
    made = values.of(kind)
    if choice is None:
        return made
    choices = st.lists(values.of(choice), min_size=1, max_size=3).map(_placed)
    return st.builds(lambda answer, found: {**answer, "choices": found}, made, choices)


def _said(value: Any) -> Any:
    """Give a JSON value without nulls in its objects: what is null there says nothing."""
    if isinstance(value, Mapping):
        return {key: _said(item) for key, item in value.items() if item is not None}
    return [_said(item) for item in value] if isinstance(value, list) else value


def _both(twins: Twins, answer: object, method: str, module: str, params: Mapping[str, Any], **form: Any) -> Any:
    """Have both read an answer; give our result, and what the SDK read, without nulls."""
    SCRIPT.body = answer
    theirs, ours = twins.asked(method, **params), twins.ran(module, {**params, **form})
    assert theirs.to_dict(mode="json") == answer  # it keeps all, so it is a witness
    return ours, _said(theirs.to_dict(mode="json"))


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data())
@settings(max_examples=20)
def test_a_chat(twins: Twins, data: st.DataObject, *, loose: bool) -> None:
    """Refusals, tool calls of both kinds, audio, annotations, log probabilities, moderation, usage."""
    kind = types.chat.chat_completion
    answer = data.draw(_answers(kind.ChatCompletion, kind.Choice, loose=loose), label="answer")
    for choice in answer["choices"]:
        choice.setdefault("message", {"role": "assistant"})

    ours, theirs = _both(twins, answer, "chat.completions.create", "openai.create_chat_completion", HELLO)

    bundle = _said(ours.bundle)
    assert bundle.pop("result", None) == theirs["choices"][0]["message"].get("content")
    for choice in (*bundle["choices"], *theirs["choices"]):
        choice["message"].setdefault("role", "assistant")
    assert bundle == theirs


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data())
@settings(max_examples=12)
def test_a_completion(twins: Twins, data: st.DataObject, *, loose: bool) -> None:
    """The old endpoint, in the shape of a chat beside its own."""
    answer = data.draw(_answers(types.Completion, types.CompletionChoice, loose=loose), label="answer")
    for choice in answer["choices"]:
        choice.setdefault("text", "")
    params = {"model": "m", "prompt": "p"}

    ours, theirs = _both(
        twins, answer, "completions.create", "openai.create_completion", params, endpoint="completions"
    )

    bundle = _said(ours.bundle)
    assert bundle.pop("result") == theirs["choices"][0]["text"]
    assert bundle.pop("endpoint") == "completions"
    messages = [choice.pop("message") for choice in bundle["choices"]]
    assert bundle == theirs
    assert messages == [{"role": "assistant", "content": choice["text"]} for choice in theirs["choices"]]


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


IMAGES = st.lists(
    st.fixed_dictionaries({"b64_json": BASE64}, optional={"revised_prompt": st.none() | TEXTS, "x_new": TEXTS})
    | st.fixed_dictionaries({"url": st.just("https://a.example/b.png"), "b64_json": st.none()}),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data(), images=IMAGES)
@settings(max_examples=15)
def test_images(twins: Twins, data: st.DataObject, images: list[dict[str, Any]], *, loose: bool) -> None:
    """Each image is a file instead of base64, and the moment is written out."""
    answer = {**data.draw(_answers(types.ImagesResponse, loose=loose), label="answer"), "data": images}
    params = {"model": "m", "prompt": "p"}

    SCRIPT.body = answer
    theirs = twins.asked("images.generate", **params).to_dict(mode="json")
    ours = twins.ran("openai.generate_images", {"model": "m", "method": {"type": "generate", "prompt": "p"}})

    bundle, expected = _said(ours.bundle), _said(answer)
    assert theirs == answer
    for image, made, output in zip(expected["data"], bundle["data"], ours.output.data, strict=True):
        if "b64_json" in image:
            del made["file"]
            assert output.file.read() == base64.b64decode(image.pop("b64_json"))
    assert bundle.pop("endpoint") == "generations"
    assert bundle.pop("model") == expected.pop("model", "m")
    del bundle["result"]
    assert bundle.pop("created", None) == (_iso(expected.pop("created")) if "created" in expected else None)
    assert bundle == expected


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data())
@settings(max_examples=15)
def test_models(twins: Twins, data: st.DataObject, *, loose: bool) -> None:
    """The list, and each as it stands on it; only the id must be there."""
    models = data.draw(st.lists(_answers(types.Model, loose=loose), max_size=3), label="models")
    models = [{"id": f"m{number}", **model} for number, model in enumerate(models)]

    SCRIPT.body = {"object": "list", "data": models}
    theirs = [model.to_dict(mode="json") for model in twins.asked("models.list")]
    ours = twins.ran("openai.get_models", {})

    expected = [_said(model) for model in models]
    assert theirs == models
    for model in expected:
        if "created" in model:
            model["created"] = _iso(model["created"])
    assert [_said(bundle) for bundle in ours.bundles] == expected


def _inferred(answer: Mapping[str, Any], count: int, bundle: dict[str, Any]) -> dict[str, Any]:
    """Give what the answer says, with what we put in the place of what it leaves out."""
    expected = {"model": "m", **_said(answer)}
    expected["data"] = [{"index": index, **entry} for index, entry in enumerate(expected["data"])]
    assert bundle.pop("result") == expected["data"][0]["embedding"]
    assert len(expected["data"]) == count
    return expected


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data(), count=st.integers(1, 3))
@settings(max_examples=12)
def test_vectors(twins: Twins, data: st.DataObject, count: int, *, loose: bool) -> None:
    """Numbers as they are, one vector for each text."""
    answer = data.draw(_answers(types.CreateEmbeddingResponse, loose=loose), label="answer")
    entry = _answers(types.Embedding, loose=loose).filter(lambda made: "index" in made or loose)
    entries = data.draw(st.lists(entry, min_size=count, max_size=count), label="data")
    numbered = not loose or data.draw(st.booleans(), label="numbered")
    for index, made in enumerate(entries):
        made.pop("index", None)
        made |= {"embedding": [0.5, index], **({"index": index} if numbered else {})}
    params = {"model": "m", "input": ["a"] * count, "encoding_format": "float"}

    ours, theirs = _both(twins, {**answer, "data": entries}, "embeddings.create", "openai.create_embedding", params)

    bundle = _said(ours.bundle)
    assert bundle == {"result": [0.5, 0], **_inferred(theirs, count, dict(bundle))}


MAPS = {"categories", "category_scores", "category_applied_input_types"}


@pytest.mark.parametrize("loose", [False, True], ids=["whole", "with parts missing"])
@given(data=st.data())
@settings(max_examples=12)
def test_judgments(twins: Twins, data: st.DataObject, *, loose: bool) -> None:
    """Every category and score, known or new; only whether it is flagged and the categories must be there."""
    answer = data.draw(_answers(types.ModerationCreateResponse, loose=loose), label="answer")
    judged = {"flagged": True, "categories": {"hate": True}, **data.draw(_answers(types.Moderation, loose=loose))}
    for name in MAPS & judged.keys():  # a new category is of the type of the others
        judged[name] = {key: value for key, value in judged[name].items() if not key.startswith("x")}

    ours, theirs = _both(
        twins, {**answer, "results": [judged]}, "moderations.create", "openai.create_moderation", {"input": "a"}
    )

    bundle = _said(ours.bundle)
    assert bundle.pop("result") is judged["flagged"]
    assert bundle.pop("reasons") == [name for name, found in judged["categories"].items() if found]
    assert bundle == theirs


def test_an_answer_without_a_choice_is_an_error(twins: Twins) -> None:
    """The SDK reads it, and whoever takes the first choice gets an error of Python."""
    SCRIPT.body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}

    assert twins.asked("chat.completions.create", **HELLO).choices == []
    with pytest.raises(AnswerError, match=r"\$\.choices"):
        twins.ran("openai.create_chat_completion", HELLO)
