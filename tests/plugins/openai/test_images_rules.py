"""What Generate Images does about what OpenAI's models are known to refuse."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import File, Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.sandbox.multipart import read_parts
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.generate_images"
OPENAI = {"api_key": "sk-canary"}
OTHER = {"base_url": "http://localhost:1/v1"}
ANSWER = {"data": [{"b64_json": "R0lGODlh"}]}
PROMPT = {"type": "generate", "prompt": "A fox"}


def _image(size: tuple[int, int] = (64, 64), output_format: str = "png", *, transparent: bool = False) -> File:
    picture = as_file(draw("x", ["x"], size, transparent=transparent), output_format)
    return File.from_bytes(picture, name=f"a.{output_format}")


def _edit(*images: File, **more: object) -> dict[str, object]:
    return {"type": "edit", "prompt": "Blue", "images": list(images or [_image()]), **more}


SENT = [
    ({"model": "dall-e-3", "n": 2}, "$.n", "more than 1"),
    ({"model": "gpt-image-2", "size": "1000x1000"}, "$.size", "multiples of 16"),
    ({"model": "gpt-image-1.5-2026-01-01", "quality": "max"}, "$.quality", "all but auto or low or medium or high"),
    ({"model": "gpt-image-2", "output_compression": 50}, "$.output_compression", "unless output_format is jpeg"),
    ({"model": "gpt-image-2", "frame_count": 3}, "$.frame_count", "unless output_format is gif"),
    ({"model": "dall-e-2", "background": "auto"}, "$.background", "refuse it"),
    ({"model": "dall-e-2", "method": _edit(), "extra": {"moderation": "low"}}, "$.extra.moderation", "refuse it"),
    ({"model": "dall-e-2", "method": {**PROMPT, "prompt": "x" * 1001}}, "$.method.prompt", "1000 characters"),
    ({"model": "gpt-image-2", "method": _edit(input_fidelity="low")}, "$.method.input_fidelity", "refuse it"),
    ({"model": "dall-e-3", "method": _edit()}, "$.method.images", "refuse it"),
    ({"model": "dall-e-2", "method": _edit(_image(), _image())}, "$.method.images", "more than 1 image"),
    ({"model": "dall-e-2", "method": _edit(_image((64, 32)))}, "$.method.images", "not square"),
    (
        {"model": "gpt-image-2", "method": _edit(File.from_bytes(b"GIF89a" + bytes(9), name="a.gif"))},
        "$.method.images",
        "GIF images",
    ),
    ({"model": "gpt-image-2", "method": _edit(File.from_bytes(b"x", name="a.png"))}, "$.method.images", "no PNG"),
    ({"model": "gpt-image-2", "method": _edit(mask=_image())}, "$.method.mask", "without transparency"),
    (
        {"model": "gpt-image-2", "method": _edit(mask=_image((64, 32), transparent=True))},
        "$.method.mask",
        "one of 64x32 over an image of 64x64",
    ),
    ({"model": "gpt-image-2", "method": _edit(markup=_image(transparent=True))}, "$.method.markup", "refuse it"),
    (
        {"model": "dall-e-2", "method": {"type": "variation", "endpoint": "variations", "image": _image((64, 32))}},
        "$.method.image",
        "not square",
    ),
]
"""Forms that break a rule, the field that does, and what the user is told of it."""


def _form(change: Mapping[str, Any], policy: str) -> dict[str, Any]:
    return {"method": PROMPT, **change, "model_rules": policy}


@pytest.mark.parametrize(("change", "path", "what"), SENT)
def test_what_a_model_refuses_is_sent_with_a_warning(
    host: Host, replay: Replay, change: Mapping[str, Any], path: str, what: str
) -> None:
    """The rules may be wrong, and the service has the last word."""
    for policy in ("adapt", "warn"):
        replay.reply(ANSWER)

        result = host.run(MODULE, _form(change, policy), connection=OPENAI)

        (warning,) = (warning for warning in result.warnings if what in warning)
        assert warning.startswith(f"{path}: ")
    assert len(replay.requests) == 2


@pytest.mark.parametrize(("change", "path", "what"), SENT)
def test_strict_rules_send_nothing(host: Host, change: Mapping[str, Any], path: str, what: str) -> None:
    """The error says the same as the warning would."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, _form(change, "strict"), connection=OPENAI)

    (problem,) = caught.value.problems
    assert problem.path == path
    assert what in problem.message


@pytest.mark.parametrize(("change", "path", "what"), SENT)
def test_the_rules_are_of_openai_and_no_other_server(
    host: Host, replay: Replay, change: Mapping[str, Any], path: str, what: str
) -> None:
    """There a name may mean anything."""
    replay.reply(ANSWER)

    result = host.run(MODULE, _form(change, "strict"), connection=OTHER)

    assert [warning for warning in result.warnings if what in warning] == []
    assert path


@pytest.mark.parametrize(
    ("policy", "left_out"), [("adapt", {"style", "response_format"}), ("warn", {"response_format"})]
)
def test_what_changes_nothing_is_left_out_and_told(host: Host, replay: Replay, policy: str, left_out: set[str]) -> None:
    """A response format never goes to a GPT image model: it would be refused, and there is only one anyway."""
    replay.reply(ANSWER)
    change = {"model": "gpt-image-2", "response_format": "url", "method": {**PROMPT, "style": "vivid"}}

    result = host.run(MODULE, _form(change, policy), connection=OPENAI)

    sent = json.loads(replay.requests[0].body or b"")
    assert {"style", "response_format"} - sent.keys() == left_out
    told = {warning.partition(": left out, since ")[0].rpartition(".")[2] for warning in result.warnings}
    assert left_out <= told
    assert len(result.warnings) == 2


def test_a_response_format_goes_where_it_is_known(host: Host, replay: Replay) -> None:
    """To DALL-E and to models that nobody knows."""
    for model in ("dall-e-3", "gpt-image-9", "flux"):
        replay.reply(ANSWER)
        result = host.run(MODULE, {"model": model, "method": PROMPT, "response_format": "b64_json"}, connection=OPENAI)
        assert result.warnings == ()

    assert all(json.loads(request.body or b"")["response_format"] == "b64_json" for request in replay.requests)


def test_a_response_format_goes_to_no_gpt_image_model_in_a_form_either(host: Host, replay: Replay) -> None:
    """Nor where images are edited."""
    replay.reply(ANSWER)

    host.run(MODULE, {"model": "gpt-image-1.5", "method": _edit(), "response_format": "b64_json"}, connection=OPENAI)

    (request,) = replay.requests
    parts = read_parts(request.headers["Content-Type"], b"".join(request.body))  # type: ignore[arg-type]  # streamed
    assert [part.name for part in parts] == ["model", "prompt", "image"]


def test_a_dry_run_does_not_look_into_files_that_it_does_not_fetch(host: Host) -> None:
    """So nothing is said about them."""
    method = {"type": "edit", "prompt": "Blue", "images": [{"url": "https://pictures.example/a.gif"}]}

    preview = host.preview(
        MODULE, {"model": "gpt-image-2", "method": method, "model_rules": "strict"}, connection=OPENAI
    )

    assert len(preview.requests) == 1
