"""Where we send something else than the official SDK on purpose: each entry of ``sdk_differences.json`` as it is.

A test is named for the entry that it shows; an entry without a test, or a test without an entry, fails here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai_twins import CALLS, Twins
from recorder import Recorded

from jackfield import BusyError, File, Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.sounds import said_aloud

FACTS = Path(__file__).parents[3] / "plugins" / "openai" / "facts" / "sdk_differences.json"
CALL = {call.method: call for call in CALLS}
CHAT, COMPLETION, IMAGES = "openai.create_chat_completion", "openai.create_completion", "openai.generate_images"
RESPONSE = "openai.create_response"
HELLO: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
PNG = as_file(draw("x", ["x"], (64, 64)), "png")
OPENAI = {"api_key": "sk-1"}
"""A connection to OpenAI's own address, where only memory answers."""


@pytest.fixture
def twins() -> Iterator[Twins]:
    """Open both."""
    with Twins() as opened:
        yield opened


def _edit(data: bytes = PNG, **more: Any) -> dict[str, Any]:
    image = File.from_bytes(data, name="a.png", media_type="image/png")
    return {"model": "m", "method": {"type": "edit", "prompt": "Blue", "images": [image], **more}}


def _at_openai(host: Host, replay: Replay, module: str, form: dict[str, Any]) -> tuple[str, Any, Any]:
    """Run a module as if OpenAI answered; give the address, the body and the warnings."""
    said = {"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}
    replay.reply({"choices": [said], "data": [{"b64_json": "R0lGODlh"}]})
    result = host.run(module, form, connection=OPENAI)
    request = replay.requests[-1]
    return request.url or "", request.body, result.warnings


def _types(essence: Any) -> list[tuple[object, ...]]:
    return [part[:3] for part in essence.body if part[0].startswith("image")]


def test_every_difference_is_shown() -> None:
    """And nothing else is called one."""
    told = [entry["id"] for entry in json.loads(FACTS.read_text("utf-8"))["differences"]]
    shown = [name.removeprefix("test_difference_") for name in globals() if name.startswith("test_difference_")]

    assert told == shown


def test_difference_null(twins: Twins) -> None:
    """An empty field is not sent; a null in ``extra`` is."""
    theirs = twins.theirs("chat.completions.create", **HELLO, temperature=None)

    assert theirs.json == {**HELLO, "temperature": None}
    assert twins.ours(CHAT, {**HELLO, "temperature": None}).json == HELLO
    assert twins.ours(CHAT, {**HELLO, "extra": {"temperature": None}}) == theirs
    with pytest.raises(InvalidInputError, match=r"\$\.extra\.temperature: has a field of its own"):
        twins.ours(CHAT, {**HELLO, "temperature": 1, "extra": {"temperature": None}})


def test_difference_null_inside(twins: Twins) -> None:
    """What is empty inside an object is left out."""
    called = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "tool_calls": [called]}
    params = {"model": "m", "messages": [*HELLO["messages"], said]}

    theirs, ours = twins.both(CALL["chat.completions.create"], params)

    assert theirs.json["messages"][1] == said
    assert ours.json["messages"][1] == {"role": "assistant", "tool_calls": [called]}


def test_difference_stop_text(twins: Twins) -> None:
    """A single one is a list of one."""
    theirs, ours = twins.both(CALL["chat.completions.create"], {**HELLO, "stop": "END"})

    assert theirs.json["stop"] == "END"
    assert ours.json["stop"] == ["END"]


def test_difference_usage_of_streams(twins: Twins) -> None:
    """It is asked for unless it is declined."""
    theirs, ours = twins.both(CALL["chat.completions.create"], HELLO, streaming=True)
    declined = twins.ours(CHAT, {**HELLO, "stream_options": {"include_usage": False}}, streaming=True)

    assert "stream_options" not in theirs.json
    assert ours.json == {**theirs.json, "stream_options": {"include_usage": True}}
    assert declined.json["stream_options"] == {"include_usage": False}


def test_difference_options_without_a_stream(twins: Twins) -> None:
    """They wait for one."""
    chats = twins.both(CALL["chat.completions.create"], {**HELLO, "stream_options": {"include_usage": True}})
    images = twins.both(CALL["images.generate"], {"model": "m", "prompt": "p", "partial_images": 2})

    assert [essence.json.get("stream_options") for essence in chats] == [{"include_usage": True}, None]
    assert [essence.json.get("partial_images") for essence in images] == [2, None]


@pytest.mark.parametrize("prompt", [["a", "b"], [1, 2], [[1], [2, 3]]])
def test_difference_prompts(twins: Twins, prompt: list[Any]) -> None:
    """Several go through a custom call."""
    theirs = twins.theirs("completions.create", model="m", prompt=prompt)
    custom = {"url": "completions", "method": "POST", "body": {"model": "m", "prompt": prompt}}

    with pytest.raises(InvalidInputError, match=r"\$\.prompt"):
        twins.ours(COMPLETION, {"model": "m", "prompt": prompt, "endpoint": "completions"})
    assert twins.ours("openai.create_custom_api_call", custom) == theirs


def test_difference_chat_for_prompts(twins: Twins) -> None:
    """A prompt becomes the user's message, unless the model cannot chat or the endpoint is said."""
    theirs = twins.theirs("completions.create", model="m", prompt="Hi")
    form = {"model": "m", "prompt": "Hi"}

    assert theirs.path == "/v1/completions"
    assert (twins.ours(COMPLETION, form).path, twins.ours(COMPLETION, form).json) == ("/v1/chat/completions", HELLO)
    assert twins.ours(COMPLETION, {**form, "endpoint": "completions"}) == theirs
    assert twins.ours(COMPLETION, {**form, "model": "davinci-002"}).path == "/v1/completions"


def test_difference_model_of_images(twins: Twins) -> None:
    """Nobody gets a model that was not chosen."""
    assert "model" not in twins.theirs("images.generate", prompt="p").json

    with pytest.raises(InvalidInputError, match=r"\$\.model: "):
        twins.ours(IMAGES, {"method": {"type": "generate", "prompt": "p"}})


def test_difference_image_types(twins: Twins) -> None:
    """What an image is stands in its first bytes."""
    bare = twins.theirs("images.edit", model="m", prompt="Blue", image=PNG)
    wrong = twins.theirs("images.edit", model="m", prompt="Blue", image=("a.png", PNG, "image/gif"))
    unnamed = twins.ours(IMAGES, _edit())

    assert _types(bare) == [("image", "upload", "application/octet-stream")]
    assert _types(wrong) == [("image", "a.png", "image/gif")]
    assert _types(unnamed) == [("image", "a.png", "image/png")]


def test_difference_one_image_in_a_list(twins: Twins) -> None:
    """One is one."""
    listed = twins.theirs("images.edit", model="m", prompt="Blue", image=[("a.png", PNG, "image/png")])
    single = twins.theirs("images.edit", model="m", prompt="Blue", image=("a.png", PNG, "image/png"))

    assert _types(listed) == [("image[]", "a.png", "image/png")]
    assert twins.ours(IMAGES, _edit()) == single


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's word on variations
def test_difference_variations_at_openai(host: Host, replay: Replay, twins: Twins) -> None:
    """There only an edit can make one."""
    image = File.from_bytes(PNG, name="a.png")
    form = {"model": "m", "method": {"type": "variation", "image": image}}
    said = {**form, "method": {**form["method"], "endpoint": "variations"}}  # type: ignore[dict-item]  # a form

    assert twins.theirs("images.create_variation", image=("a.png", PNG, "image/png")).path == "/v1/images/variations"
    url, _, warnings = _at_openai(host, replay, IMAGES, form)
    assert url == "https://api.openai.com/v1/images/edits"
    assert any("closed /images/variations" in warning for warning in warnings)
    assert _at_openai(host, replay, IMAGES, said)[0] == "https://api.openai.com/v1/images/variations"
    assert twins.ours(IMAGES, form).path == "/v1/images/variations"


def test_difference_empty_prompts_of_images(twins: Twins) -> None:
    """They are refused here."""
    assert twins.theirs("images.generate", model="m", prompt="").json["prompt"] == ""

    with pytest.raises(InvalidInputError, match=r"\$\.method\.prompt: "):
        twins.ours(IMAGES, {"model": "m", "method": {"type": "generate", "prompt": ""}})


def test_difference_bounds(twins: Twins) -> None:
    """The field and the bound are named; a custom call has none."""
    theirs = twins.theirs("chat.completions.create", **HELLO, temperature=3)

    with pytest.raises(InvalidInputError, match=r"\$\.temperature: must be at most 2, was 3"):
        twins.ours(CHAT, {**HELLO, "temperature": 3})
    custom = {"url": "chat/completions", "method": "POST", "body": {**HELLO, "temperature": 3}}
    assert twins.ours("openai.create_custom_api_call", custom) == theirs


def test_difference_model_rules(host: Host, replay: Replay, twins: Twins) -> None:
    """What is known to fail is sent as it works, and told."""
    chat, image = {**HELLO, "model": "o3", "max_tokens": 5}, {"model": "gpt-image-2", "response_format": "b64_json"}
    made = {**image, "method": {"type": "generate", "prompt": "p"}}

    assert twins.theirs("chat.completions.create", **chat).json == chat
    assert twins.theirs("images.generate", **image, prompt="p").json == {**image, "prompt": "p"}
    _, body, warnings = _at_openai(host, replay, CHAT, chat)
    assert json.loads(body) == {**HELLO, "model": "o3", "max_completion_tokens": 5}
    assert len(warnings) == 1
    _, body, warnings = _at_openai(host, replay, IMAGES, made)
    assert json.loads(body) == {"model": "gpt-image-2", "prompt": "p"}
    assert len(warnings) == 1
    _, body, _ = _at_openai(host, replay, CHAT, {**chat, "model_rules": "warn"})
    assert json.loads(body) == chat


def test_difference_at_signs(twins: Twins) -> None:
    """The same path, written with more care."""
    theirs, ours = twins.both(CALL["models.retrieve"], {"model": "a@b"})

    assert (theirs.path, ours.path) == ("/v1/models/a@b", "/v1/models/a%40b")


def test_difference_control_characters(twins: Twins) -> None:
    """No byte of such a path leaves, and the field is named."""
    assert twins.theirs("models.retrieve", model="a\b").path == "/v1/models/a%08"

    with pytest.raises(InvalidInputError, match=r"\$\.model: has a control character"):
        twins.ours("openai.get_models", {"action": "retrieve", "model": "a\b"})


def test_difference_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on one's own machine mostly have none."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_ADMIN_KEY", raising=False)
    with pytest.raises(openai.OpenAIError, match="Missing credentials"):
        openai.OpenAI(api_key="")

    with Twins() as twins:
        assert twins.ours("openai.get_models", {}, api_key="").who == (None, "org-1", "proj_1")


def test_difference_base_url_without_a_path(twins: Twins) -> None:
    """The path that everybody means is added."""
    root = twins.url.removesuffix("/v1")
    with openai.OpenAI(api_key="k", base_url=root, max_retries=0) as client:
        client.models.list()

    assert twins.taken().path == "/models"
    assert twins.ours("openai.get_models", {}, base_url=root).path == "/v1/models"
    assert twins.ours("openai.get_models", {}, base_url=f"{root}/proxy").path == "/proxy/models"


def test_difference_encoding_of_vectors(twins: Twins) -> None:
    """It is not chosen for anybody, and read either way."""
    theirs, ours = twins.both(CALL["embeddings.create"], {"model": "m", "input": "Hi"})
    asked = twins.both(CALL["embeddings.create"], {"model": "m", "input": "Hi", "encoding_format": "base64"})

    assert theirs.json == {"model": "m", "input": "Hi", "encoding_format": "base64"}
    assert ours.json == {"model": "m", "input": "Hi"}
    assert asked[0] == asked[1]


def test_difference_empty_texts(twins: Twins) -> None:
    """No vector is asked of nothing."""
    theirs = twins.theirs("embeddings.create", model="m", input=["a", ""], encoding_format="float")

    assert theirs.json["input"] == ["a", ""]
    with pytest.raises(InvalidInputError, match=r"\$\.input\[1\]: "):
        twins.ours("openai.create_embedding", {"model": "m", "input": ["a", ""]})


def test_difference_limit_of_lists(twins: Twins) -> None:
    """It is no size of a page."""
    theirs, ours = twins.both(CALL["files.list"], {"limit": 20_000})

    assert (theirs.query, ours.query) == ("limit=20000", "limit=10000")


def test_difference_names_of_recordings(twins: Twins) -> None:
    """What it is stands in its first bytes."""
    sound = said_aloud("x", 1, "wav")
    theirs = twins.theirs("audio.transcriptions.create", model="m", file=sound)
    file = File.from_bytes(sound, name="upload", media_type="application/octet-stream")
    ours = twins.ours("openai.transcribe_audio", {"model": "m", "file": file})

    assert _named(theirs) == [("file", "upload", "application/octet-stream")]
    assert _named(ours) == [("file", "upload.wav", "audio/wav")]


def _named(essence: Any) -> list[tuple[object, ...]]:
    return [part[:3] for part in essence.body if part[0] == "file"]


def test_difference_stream_format(twins: Twins) -> None:
    """A run sends none, a stream asks for events."""
    form = {"model": "m", "input": "Hi", "voice": "alloy"}
    theirs = twins.theirs("audio.speech.create", **form, stream_format="audio")

    assert theirs.json == {**form, "stream_format": "audio"}
    assert twins.ours("openai.generate_speech", form).json == form
    assert twins.ours("openai.generate_speech", form, streaming=True).json == {**form, "stream_format": "sse"}
    with pytest.raises(InvalidInputError, match=r"\$\.extra\.stream_format"):
        twins.ours("openai.generate_speech", {**form, "extra": {"stream_format": "audio"}})


def test_difference_about_the_client(twins: Twins) -> None:
    """Nothing of the computer is told."""
    theirs, ours = twins.both(CALL["models.list"], {})

    assert any(name.startswith("x-stainless-") for name in theirs.more)
    assert set(ours.more) - set(theirs.more) <= {"connection", "accept-encoding"}
    assert not any(name.startswith("x-stainless-") for name in ours.more)
    assert ours.more["user-agent"].startswith("jackfield")


def test_difference_model_of_responses(twins: Twins) -> None:
    """A saved prompt may stand alone there."""
    theirs = twins.theirs("responses.create", prompt={"id": "pmpt_1"})
    custom = {"url": "responses", "method": "POST", "body": {"prompt": {"id": "pmpt_1"}}}

    assert theirs.json == {"prompt": {"id": "pmpt_1"}}
    with pytest.raises(InvalidInputError, match=r"\$\.model: "):
        twins.ours(RESPONSE, {"prompt": {"id": "pmpt_1"}})
    assert twins.ours("openai.create_custom_api_call", custom) == theirs


def test_difference_order_of_tools(twins: Twins) -> None:
    """What has a form stands first."""
    patch, search = {"type": "apply_patch"}, {"type": "web_search"}
    asked: dict[str, Any] = {"model": "m", "input": "Hi"}

    theirs = twins.theirs("responses.create", **asked, tools=[patch, search])

    assert theirs.json["tools"] == [patch, search]
    assert twins.ours(RESPONSE, {**asked, "tools": [search], "other_tools": [patch]}).json["tools"] == [search, patch]


def test_difference_responses_in_the_background() -> None:
    """What the SDK needs three calls for is one run; each request is the SDK's."""
    asked: dict[str, Any] = {
        "model": "m",
        "input": "Hi",
        "background": True,
        "include": ["reasoning.encrypted_content"],
    }
    states = {"theirs": iter(["queued"] * 3), "ours": iter(["queued", "completed"])}
    whose = ["theirs"]

    def answering(_: Recorded) -> tuple[str, bytes]:
        said = {"id": "resp_1", "object": "response", "status": next(states[whose[0]]), "output": []}
        return "application/json", json.dumps(said).encode()

    with Twins(answering=answering) as twins:
        assert twins.asked("responses.create", **asked).status == "queued"
        first = twins.taken()
        second = twins.theirs("responses.retrieve", "resp_1", include=asked["include"])
        stop = twins.theirs("responses.cancel", "resp_1")
        whose[0] = "ours"
        result = twins.ran(RESPONSE, {**asked, "poll_interval_s": 0.05})
        ours = twins.all_taken()

    assert result.output.status == "completed"
    assert ours == [first, second]
    assert (stop.method, stop.path) == ("POST", "/v1/responses/resp_1/cancel")


def test_difference_failed_responses() -> None:
    """The SDK gives an empty text."""
    said: dict[str, Any] = {"id": "resp_1", "object": "response", "status": "failed", "output": []}
    said["error"] = {"code": "rate_limit_exceeded", "message": "Slow down."}

    with Twins(answering=lambda _: ("application/json", json.dumps(said).encode())) as twins:
        assert twins.asked("responses.create", model="m", input="Hi").output_text == ""
        twins.taken()
        with pytest.raises(BusyError, match="Slow down"):
            twins.ran(RESPONSE, {"model": "m", "input": "Hi"})
