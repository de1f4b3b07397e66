"""Random forms of the modules, made from what their fields declare, before the rules that the stand-in keeps.

A right form gives a request that the rules allow, a wrong one gives problems and no request, and what a person types
gives the same request as what a program gives.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from form_values import LETTERS, as_typed, right, spoilt
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest

from jackfield import AnswerError, Host, InputError, InvalidInputError, Problem
from jackfield.testing import Replay
from jackfield_openai.sandbox.batches import check_batch
from jackfield_openai.sandbox.chat_rules import check_chat
from jackfield_openai.sandbox.completions import answer_completion, answer_edit
from jackfield_openai.sandbox.embeddings import answer_embedding
from jackfield_openai.sandbox.images import asked_edit, asked_generation, asked_variation
from jackfield_openai.sandbox.moderations import answer_moderation
from jackfield_openai.sandbox.multipart import Part, read_parts
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.replies import RefusalError
from jackfield_openai.sandbox.response_rules import check_response
from jackfield_openai.sandbox.shelf import Shelf
from jackfield_openai.sandbox.sounds import said_aloud
from jackfield_openai.sandbox.speech import check_speech
from jackfield_openai.sandbox.transcriptions import check_recording

FACTS = Path(__file__).parents[3] / "plugins" / "openai" / "facts" / "left_to_the_service.json"
LEFT: Mapping[str, Mapping[str, Any]] = json.loads(FACTS.read_text("utf-8"))["combinations"]
"""What the service refuses of several fields together, and no form does, by the parameter that it names."""

PICTURE = {"data": base64.b64encode(as_file(draw("x", ["x"], (64, 64)), "png")).decode(), "name": "a.png"}
CLEAR = {
    "data": base64.b64encode(as_file(draw("z", ["z"], (64, 64), transparent=True), "png")).decode(),
    "name": "m.png",
}
LINES = {"data": "e30K", "name": "a.jsonl"}
PARTS = st.sampled_from(
    [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": PICTURE, "detail": "low"},
        {"type": "input_file", "file_data": {"data": "aGk=", "name": "a.txt"}},
        {"type": "input_file", "file_id": "file-1"},
    ]
)
ITEMS = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "developer"]), "content": LETTERS | st.lists(PARTS, min_size=1, max_size=2)},
    optional={"type": st.just("message")},
) | st.sampled_from(
    [
        {"type": "function_call_output", "call_id": "1", "output": "a"},
        {"type": "item_reference", "id": "msg_1"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
    ]
)
"""Items of a response: what a message needs depends on its type."""
SOUND = {"data": base64.b64encode(said_aloud("x", 1, "wav")).decode(), "name": "a.wav"}
SPECIAL: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "openai.create_chat_completion": {},
    "openai.create_completion": {},
    "openai.create_edit": {},
    "openai.create_embedding": {},
    "openai.create_moderation": {
        "image_url": st.just({"url": PICTURE}) | st.just({"url": "https://a.example/b.png"}),
    },
    "openai.create_response": {
        "input": LETTERS | st.lists(ITEMS, min_size=1, max_size=3),
        "other_tools": st.lists(st.just({"type": "apply_patch"}), max_size=1),
    },
    "openai.generate_speech": {"response_format": st.sampled_from(["mp3", "wav", "pcm"])},
    "openai.transcribe_audio": {"file": st.just(SOUND)},
    "openai.translate_audio": {"file": st.just(SOUND)},
    "openai.generate_images": {
        "image": st.just(PICTURE),
        "images": st.lists(st.just(PICTURE), min_size=1, max_size=2),
        "mask": st.just(CLEAR),
        "markup": st.just(CLEAR),
    },
    "openai.get_models": {},
    "openai.create_batch": {
        "endpoint": st.just("/v1/embeddings"),
        "completion_window": st.just("24h"),
        "input": st.just({"type": "uploaded", "input_file_id": "file-0001"}),
    },
    "openai.get_batch": {"results": st.just("list")},
    "openai.watch_batch_completed": {},
    "openai.upload_file": {"file": st.just(LINES), "purpose": st.sampled_from(["batch", "user_data"])},
    "openai.list_files": {},
    "openai.get_file": {"content": st.just(value=False)},
    "openai.delete_file": {},
    "openai.create_custom_api_call": {
        "url": st.sampled_from(["models", "/v1/files", "a/b"]),
        "headers": st.dictionaries(st.sampled_from(["X-A", "X-B"]), st.text("abc", min_size=1), max_size=2),
        "query": st.dictionaries(LETTERS, LETTERS | st.integers(0, 9) | st.lists(LETTERS, max_size=2), max_size=2),
        "files": st.dictionaries(LETTERS, st.just(PICTURE), max_size=1),
    },
}
"""Where a field says less than is meant: pictures, paths, names of headers."""
SAID = {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}
EVERYWHERE = {
    "model": st.just("some-model"),
    "extra": st.dictionaries(st.just("extra_parameter"), st.just(1), max_size=0),
}
ELSEWHERE = {"api_key": "k", "base_url": "http://localhost:1/v1"}
"""A server that is not OpenAI's: no rules about models, which have tests of their own."""


@pytest.fixture(scope="module")
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


@pytest.fixture(scope="module")
def host(replay: Replay) -> Iterator[Host]:
    """Open once: it keeps nothing from run to run."""
    with Host(plugins=[replay], environ={}) as opened:
        yield opened


def _forms(host: Host, module: str) -> st.SearchStrategy[dict[str, Any]]:
    return right(host.module(module).form, {**EVERYWHERE, **SPECIAL[module]})


def _sent(host: Host, replay: Replay, module: str, values: Mapping[str, Any]) -> PreparedRequest | None:
    """Run a module; give its request, or none if the form is refused, with a problem at a place."""
    replay.requests.clear()
    said = {"index": 0, "text": "{}", "message": {"content": "{}"}, "finish_reason": "stop"}
    replay.reply(
        {
            "text": "",
            "id": "m",
            "output": [SAID],
            "choices": [said],
            "data": [{"id": "m", "b64_json": "R0lGODlh", "embedding": [0.5]}],
            "results": [{"flagged": False, "categories": {}}],
            "has_more": False,
            "deleted": True,
            "status": "validating",
        }
    )
    problems: Sequence[Problem] = ()
    try:
        host.run(module, values, connection=ELSEWHERE)
    except InvalidInputError as error:
        problems = error.problems
    except AnswerError:
        assert replay.requests  # one vector, or one judgment, for several texts; no sound
    assert bool(problems) is not bool(replay.requests)
    assert all(problem.path.startswith("$.") and problem.message for problem in problems)
    return replay.requests[0] if replay.requests else None


def _body(request: PreparedRequest) -> bytes:
    body: Any = request.body or b""
    return body if isinstance(body, bytes) else b"".join(body)


SPEAKERS = {
    "/completions": answer_completion,
    "/edits": answer_edit,
    "/embeddings": answer_embedding,
    "/moderations": answer_moderation,
}
"""Who answers a JSON body, as the stand-in does."""


CHECKS: Mapping[str, Callable[[Any], object]] = {
    "/chat/completions": check_chat,
    "/responses": check_response,
    "/images/generations": asked_generation,
    "/batches": check_batch,
    "/audio/speech": check_speech,
}
"""What the stand-in asks of a JSON body before it answers."""
FORMS: Mapping[str, Callable[[list[Part]], object]] = {
    "/files": lambda parts: Shelf().upload(parts),
    "/audio/transcriptions": lambda parts: check_recording(parts, "transcriptions"),
    "/audio/translations": lambda parts: check_recording(parts, "translations"),
    "/images/edits": asked_edit,
    "/images/variations": asked_variation,
}
"""The same of a form with files."""


def _refusal(request: PreparedRequest) -> str:
    """Have the stand-in's rules judge a request; give the parameter that they refuse, or nothing."""
    path, body = str(request.path_url).removeprefix("/v1"), _body(request)
    try:
        if request.method != "POST":
            assert path.startswith(("/models", "/files", "/batches"))
        elif path in SPEAKERS:
            SPEAKERS[path](json.loads(body), Orders())
        elif path in FORMS:
            FORMS[path](read_parts(request.headers["Content-Type"], body))
        else:
            CHECKS[path](json.loads(body))
    except RefusalError as refusal:
        return refusal.param or refusal.code or "?"
    return ""


@pytest.mark.parametrize("module", [module for module in SPECIAL if module != "openai.create_custom_api_call"])
@given(data=st.data())
@settings(max_examples=40)
def test_a_right_form_gives_a_request_that_the_rules_allow(
    host: Host, replay: Replay, module: str, data: st.DataObject
) -> None:
    """Or fields do not go together: then we say so, or the service does, of a parameter that is on the list."""
    request = _sent(host, replay, module, data.draw(_forms(host, module), label="form"))

    if request is not None:
        refused = _refusal(request)
        assert refused == "" or (refused in LEFT and module in LEFT[refused]["modules"]), refused


LEAST: Mapping[str, Mapping[str, Any]] = {
    "openai.create_chat_completion": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]},
    "openai.create_completion": {"model": "m", "prompt": "p", "endpoint": "chat"},
    "openai.create_response": {"model": "m", "input": "Hi"},
    "openai.generate_images": {"model": "m", "method": {"type": "generate", "prompt": "p"}},
    "openai.create_embedding": {"model": "m", "input": "Hi"},
    "openai.transcribe_audio": {"model": "m", "file": SOUND},
}


def _with_pictures(value: Any) -> Any:
    """Put pictures where a form in a file of data names them."""
    if isinstance(value, dict):
        return {key: _with_pictures(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_pictures(item) for item in value]
    return {"PICTURE": PICTURE, "CLEAR": CLEAR}.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("module", "parameter"), [(module, name) for name, said in LEFT.items() for module in said["modules"]]
)
def test_what_is_left_to_the_service_is_refused_there(host: Host, replay: Replay, module: str, parameter: str) -> None:
    """An entry of the list that the rules allow would be one too many; without its fields nothing is refused."""
    request = _sent(host, replay, module, {**LEAST[module], **_with_pictures(LEFT[parameter]["fields"])})
    plain = _sent(host, replay, module, LEAST[module])

    assert request is not None
    assert plain is not None
    assert _refusal(request) == parameter
    assert _refusal(plain) == ""


@pytest.mark.parametrize("module", SPECIAL)
@given(data=st.data())
@settings(max_examples=40)
def test_a_wrong_form_gives_a_problem_at_its_place_and_no_request(
    host: Host, replay: Replay, module: str, data: st.DataObject
) -> None:
    """Whatever is wrong with it: names, types, bounds, numbers of items, kinds."""
    form = host.module(module).form
    values = data.draw(_forms(host, module), label="form")
    wrong = data.draw(st.sampled_from(spoilt(form, values)), label="wrong")

    replay.requests.clear()
    with pytest.raises(InputError) as caught:
        host.run(module, wrong.values, connection=ELSEWHERE)

    assert isinstance(caught.value, InvalidInputError)
    assert any(problem.path.startswith(wrong.path) for problem in caught.value.problems), caught.value
    assert not replay.requests


@pytest.mark.parametrize("module", SPECIAL)
@given(data=st.data())
@settings(max_examples=25)
def test_what_a_person_types_gives_the_same_request(
    host: Host, replay: Replay, module: str, data: st.DataObject
) -> None:
    """Numbers, switches and lists as text; or the same problem."""
    values = data.draw(_forms(host, module), label="form")

    given_as_json = _sent(host, replay, module, values)
    typed = _sent(host, replay, module, as_typed(values))

    if given_as_json is None or typed is None:
        assert given_as_json is typed
    else:
        assert (typed.method, typed.url) == (given_as_json.method, given_as_json.url)
        assert _essence(typed) == _essence(given_as_json)


def _essence(request: PreparedRequest) -> object:
    kind = request.headers.get("Content-Type", "")
    return read_parts(kind, _body(request)) if kind.startswith("multipart") else _body(request)
