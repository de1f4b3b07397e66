"""What Generate Images sends: where to, as what, and with which files."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jackfield import File, Host, InvalidInputError, NotFoundError
from jackfield.testing import Replay
from jackfield_openai.sandbox.multipart import Part, read_parts
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.generate_images"
OPENAI = {"api_key": "sk-canary"}
OTHER = {"base_url": "http://localhost:1/v1"}
ANSWER = {"created": 1767225600, "data": [{"b64_json": "R0lGODlh"}]}
GENERATE = {"model": "gpt-image-2", "method": {"type": "generate", "prompt": "A fox"}}

Run = Callable[..., tuple[Any, Any]]


def picture(output_format: str = "png", size: tuple[int, int] = (64, 64), *, transparent: bool = False) -> bytes:
    """Draw one."""
    return as_file(draw("x", ["x"], size, transparent=transparent), output_format)


def image(name: str = "a.png", output_format: str = "png", **more: Any) -> File:
    """Make a file of one."""
    return File.from_bytes(picture(output_format, **more), name=name)


MASK = image("mask.png", transparent=True)


@pytest.fixture
def run(host: Host, replay: Replay) -> Run:
    """Run the module; give the request that left, and the result."""

    def send(form: Mapping[str, Any], connection: Mapping[str, object] = OPENAI) -> tuple[Any, Any]:
        replay.reply(ANSWER)
        result = host.run(MODULE, {**GENERATE, **form}, connection=connection)
        (request,) = replay.requests
        return request, result

    return send


def body_of(request: Any) -> Any:
    """Read a JSON body."""
    return json.loads(request.body)


def parts_of(request: Any) -> list[Part]:
    """Read a form."""
    return read_parts(request.headers["Content-Type"], b"".join(request.body))


def texts_of(request: Any) -> dict[str, str]:
    """Read the parts of a form that are no files."""
    return {part.name: part.text() for part in parts_of(request) if part.file_name is None}


def files_of(request: Any) -> list[tuple[str, str | None, str]]:
    """Read the parts of a form that are files."""
    return [(part.name, part.file_name, part.media_type) for part in parts_of(request) if part.file_name is not None]


def test_it_sends_only_what_the_user_gave(run: Run) -> None:
    """What is left empty is the service's to decide."""
    request, _ = run({})

    assert (request.method, request.path_url) == ("POST", "/v1/images/generations")
    assert body_of(request) == {"model": "gpt-image-2", "prompt": "A fox"}


COMMON: Mapping[str, object] = {
    "n": 1,
    "size": "1024x1024",
    "quality": "low",
    "output_format": "webp",
    "background": "transparent",
    "output_compression": 50,
    "complexity": "low",
    "safety_identifier": "u-1",
    "user": "u-2",
}


def test_every_field_is_sent_under_its_own_name(run: Run) -> None:
    """Each of them, those of the method as well."""
    method = {"type": "generate", "prompt": "A fox", "moderation": "low", "style": "vivid"}
    more = {"response_format": "b64_json", "frame_count": 2, "frame_duration_ms": 100}
    svg = {"model": "writer", "reasoning": {"effort": "low"}}

    request, _ = run({**COMMON, **more, "svg": svg, "method": method, "extra": {"seed": 7}}, OTHER)

    expected = {"model": "gpt-image-2", "prompt": "A fox", "moderation": "low", "style": "vivid"}
    assert body_of(request) == {**expected, **COMMON, **more, "svg": svg, "seed": 7}


def test_an_edit_sends_its_image_with_the_media_type_that_its_bytes_show(run: Run) -> None:
    """A name may lie, and the service goes by the type."""
    method = {"type": "edit", "prompt": "Blue", "images": [image("a.png", "webp")]}

    request, _ = run({"method": method})

    assert request.path_url == "/v1/images/edits"
    assert files_of(request) == [("image", "a.png", "image/webp")]
    assert parts_of(request)[-1].data == picture("webp")
    assert texts_of(request) == {"model": "gpt-image-2", "prompt": "Blue"}


def test_several_images_are_sent_as_an_array(run: Run) -> None:
    """In their order; repeated under the plain name they would be refused."""
    images = [image("a.png"), image("b.jpg", "jpeg"), image("no-ending", "webp")]

    request, _ = run({"method": {"type": "edit", "prompt": "Blue", "images": images, "mask": MASK}})

    assert files_of(request) == [
        ("image[]", "a.png", "image/png"),
        ("image[]", "b.jpg", "image/jpeg"),
        ("image[]", "no-ending", "image/webp"),
        ("mask", "mask.png", "image/png"),
    ]


def test_the_values_of_an_edit_are_texts_and_those_inside_others_have_brackets(run: Run) -> None:
    """As forms have them."""
    svg = {"model": "writer", "reasoning": {"effort": "low"}}
    method = {"type": "edit", "prompt": "Blue", "images": [image()], "input_fidelity": "high", "markup": MASK}

    request, _ = run({**COMMON, "svg": svg, "method": method, "extra": {"tags": ["a", "b"], "exact": True}}, OTHER)

    texts = texts_of(request)
    spelled = {name: str(value) for name, value in COMMON.items()}
    inner = {"svg[model]": "writer", "svg[reasoning][effort]": "low"}
    own = {"model": "gpt-image-2", "prompt": "Blue", "input_fidelity": "high"}
    assert texts == {**own, **spelled, **inner, "tags[]": "b", "exact": "true"}
    assert [part.text() for part in parts_of(request) if part.name == "tags[]"] == ["a", "b"]
    assert [name for name, _, _ in files_of(request)] == ["image", "markup"]


def test_a_variation_at_openai_is_an_edit_with_a_prompt(run: Run) -> None:
    """OpenAI has no variations any more, and the user is told."""
    request, result = run({"method": {"type": "variation", "image": image()}})

    assert request.path_url == "/v1/images/edits"
    assert "variation" in texts_of(request)["prompt"]
    (warning,) = result.warnings
    assert "closed /images/variations" in warning
    assert result.bundle["endpoint"] == "edits"


@pytest.mark.parametrize(
    ("method", "connection", "path"),
    [
        ({}, OTHER, "/v1/images/variations"),
        ({"prompt": "Blue"}, OTHER, "/v1/images/edits"),
        ({"endpoint": "edits"}, OTHER, "/v1/images/edits"),
        ({"endpoint": "variations"}, OPENAI, "/v1/images/variations"),
        ({"endpoint": "edits"}, OPENAI, "/v1/images/edits"),
        ({"prompt": "Blue"}, OPENAI, "/v1/images/edits"),
    ],
)
def test_who_makes_a_variation_is_chosen_or_said(
    run: Run, method: dict[str, object], connection: Mapping[str, object], path: str
) -> None:
    """Servers that have variations are asked for them, unless there is a prompt."""
    request, _ = run({"model": "m", "method": {"type": "variation", "image": image(), **method}}, connection)

    assert request.path_url == path
    assert texts_of(request).get("prompt", "") == (
        method.get("prompt", texts_of(request).get("prompt")) if path.endswith("edits") else ""
    )


def test_variations_take_few_parameters_and_the_others_are_named(host: Host) -> None:
    """Nothing is sent, and nothing is dropped in silence."""
    form = {**GENERATE, "method": {"type": "variation", "image": image()}, "quality": "low", "background": "opaque"}

    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=OTHER)

    assert [problem.path for problem in caught.value.problems] == ["$.quality", "$.background"]


def test_a_server_without_variations_is_said_to_have_none(host: Host, replay: Replay) -> None:
    """OpenAI answers with a 404 and an empty body, which says nothing."""
    replay.reply(content=b"", status=404)

    with pytest.raises(NotFoundError) as caught:
        host.run(MODULE, {**GENERATE, "method": {"type": "variation", "image": image()}}, connection=OTHER)

    assert "method.endpoint=edits" in caught.value.hint


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"method": {"type": "generate", "prompt": ""}}, "$.method.prompt"),
        ({"method": {"type": "generate"}}, "$.method.prompt"),
        ({"method": {"type": "paint", "prompt": "x"}}, "$.method.type"),
        ({"method": {"type": "generate", "prompt": "x", "images": []}}, "$.method.images"),
        ({"method": {"type": "edit", "prompt": "x", "images": []}}, "$.method.images"),
        ({"method": {"type": "edit", "prompt": "x", "images": [image()] * 17}}, "$.method.images"),
        (
            {"method": {"type": "edit", "prompt": "x", "images": [image()], "mask": MASK, "markup": MASK}},
            "$.method.markup",
        ),
        (
            {"method": {"type": "variation", "image": image(), "prompt": "x", "endpoint": "variations"}},
            "$.method.prompt",
        ),
        ({"n": 0}, "$.n"),
        ({"n": 11}, "$.n"),
        ({"output_compression": 101}, "$.output_compression"),
        ({"partial_images": 4}, "$.partial_images"),
        ({"frame_count": 1}, "$.frame_count"),
        ({"extra": {"prompt": "x"}}, "$.extra.prompt"),
        ({"extra": {"quality": "low"}}, "$.extra.quality"),
        ({"extra": {"stream": True}}, "$.extra.stream"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_sent(host: Host, form: dict[str, object], path: str) -> None:
    """Each problem names its place."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, {**GENERATE, **form}, connection=OPENAI)

    assert path in [problem.path for problem in caught.value.problems]


def test_an_edit_of_a_file_on_disk_is_sent_from_there(run: Run, tmp_path: Path) -> None:
    """A file by its path, given in Python."""
    path = tmp_path / "fox.png"
    path.write_bytes(picture())

    request, _ = run({"method": {"type": "edit", "prompt": "Blue", "images": [File.from_path(path)]}})

    assert files_of(request) == [("image", "fox.png", "image/png")]


def test_a_dry_run_shows_the_form_and_fetches_nothing(host: Host) -> None:
    """A file by URL stays where it is."""
    method = {"type": "edit", "prompt": "Blue", "images": [{"url": "http://127.0.0.1:1/a.png"}]}

    (request,) = host.preview(MODULE, {**GENERATE, "method": method}, connection=OPENAI).requests

    assert request.url.endswith("/v1/images/edits")
    assert isinstance(request.body, list)
    assert [part["name"] for part in request.body] == ["model", "prompt", "image"]
