"""The stand-in's images, asked for as any program would ask."""

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from jackfield_openai.image_heads import ImageHead, read_head
from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.pictures import as_file, draw

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

NEW, OLD = "gpt-image-2", "dall-e-2"


def _image(size: tuple[int, int] = (64, 64), output_format: str = "png", *, transparent: bool = False) -> bytes:
    return as_file(draw("x", ["x"], size, transparent=transparent), output_format)


PNG = ("image", "a.png", "image/png", _image())
MANY = ("image[]", "a.png", "image/png", _image())
MASK = ("mask", "m.png", "image/png", _image(transparent=True))


def _drawn(ask: Ask, **more: object) -> Any:
    response, body = ask("POST", "/v1/images/generations", {"model": NEW, "prompt": "A fox", **more})
    assert response.status == 200, body
    return json.loads(body)


def _edited(ask_form: Ask, *parts: tuple[Any, ...], model: str = NEW, path: str = "edits") -> Any:
    given = [("model", model), *([] if path == "variations" else [("prompt", "Blue")]), *(parts or (PNG,))]
    response, body = ask_form(f"/v1/images/{path}", given)
    assert response.status == 200, body
    return json.loads(body)


def _files(answer: Any) -> list[bytes]:
    return [base64.b64decode(entry["b64_json"]) for entry in answer["data"]]


def _head(data: bytes) -> ImageHead:
    head = read_head(data)
    assert head is not None
    return head


def test_it_answers_as_openai_does(ask: Ask) -> None:
    """Every member of the official answer is there, and it is the same every time."""
    answer = _drawn(ask, quality="low", size="1024x1024", safety_identifier="u-1")

    (entry,) = answer.pop("data")
    assert list(entry) == ["b64_json"]
    assert answer == {
        "created": 1767225600,
        "background": "opaque",
        "output_format": "png",
        "quality": "low",
        "size": "1024x1024",
        "safety_identifier": "u-1",
        "usage": {
            "input_tokens": 2,
            "output_tokens": 272,
            "total_tokens": 274,
            "input_tokens_details": {"text_tokens": 2, "image_tokens": 0},
            "output_tokens_details": {"text_tokens": 0, "image_tokens": 272},
        },
    }
    assert _drawn(ask, quality="low")["data"] == [entry]


def test_several_images_differ(ask: Ask) -> None:
    """Each of ten is another."""
    files = _files(_drawn(ask, n=10, size="256x256", model="any"))

    assert len(set(files)) == 10


@pytest.mark.parametrize(
    ("more", "media_type", "size"),
    [
        ({}, "image/png", (1024, 1024)),
        ({"size": "auto"}, "image/png", (1024, 1024)),
        ({"size": "1536x864"}, "image/png", (1536, 864)),
        ({"output_format": "jpeg", "output_compression": 50, "size": "16x32"}, "image/jpeg", (16, 32)),
        ({"output_format": "webp", "output_compression": 50, "size": "16x32"}, "image/webp", (16, 32)),
        ({"output_format": "gif", "size": "16x32", "frame_count": 2}, "image/gif", (16, 32)),
    ],
)
def test_it_obeys_size_and_format(ask: Ask, more: dict[str, object], media_type: str, size: tuple[int, int]) -> None:
    """The file is what was asked for, and the answer says so."""
    answer = _drawn(ask, **more)

    (file,) = _files(answer)
    head = _head(file)
    assert (head.media_type, head.width, head.height) == (media_type, *size)
    assert answer["size"] == f"{size[0]}x{size[1]}"
    assert answer["output_format"] == more.get("output_format", "png")


def test_a_drawing_of_lines_says_who_wrote_it(ask: Ask) -> None:
    """SVG is written by a second model, whose tokens are counted apart."""
    answer = _drawn(ask, output_format="svg", svg={"model": "writer", "reasoning": {"effort": "low"}})

    assert _files(answer)[0].startswith(b"<svg ")
    assert answer["svg_usage"]["model"] == "writer"


def test_a_transparent_background_is_transparent(ask: Ask) -> None:
    """In the file as in what is said of it."""
    answer = _drawn(ask, background="transparent")

    assert answer["background"] == "transparent"
    assert _head(_files(answer)[0]).has_alpha


def test_old_models_answer_with_addresses(ask: Ask) -> None:
    """Each is fetched without a credential, and shows another picture."""
    answer = _drawn(ask, model=OLD, n=2, size="256x256")

    assert list(answer) == ["created", "data"]
    files = []
    for entry in answer["data"]:
        response, body = ask("GET", urlsplit(entry["url"]).path, headers={"Authorization": "Bearer k"})
        assert response.status == 403, body
        files.append(_fetched(entry["url"]))
    assert files[0] != files[1]
    assert {_head(file).width for file in files} == {256}


def _fetched(url: str) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        return response.read() if response.headers["Content-Type"] == "image/png" else b""
    finally:
        connection.close()


def test_a_picture_that_is_not_kept_is_not_there(sandbox: Sandbox) -> None:
    """Only the last hundred are."""
    assert _fetched(sandbox.url.replace("/v1", "/pictures/0.png")) == b""


def test_dall_e_3_says_how_it_understood_the_prompt(ask: Ask) -> None:
    """As it did."""
    (entry,) = _drawn(ask, model="dall-e-3", response_format="b64_json", style="vivid", quality="hd")["data"]

    assert "A fox" in entry["revised_prompt"]


def test_an_edit_looks_at_all_images(ask_form: Ask) -> None:
    """Another image, another order or a mask gives another picture."""
    other = ("image[]", "b.webp", "image/webp", _image((32, 32), "webp"))

    answers = [
        _edited(ask_form),
        _edited(ask_form, MANY, other),
        _edited(ask_form, other, MANY),
        _edited(ask_form, PNG, MASK),
    ]

    assert len({_files(answer)[0] for answer in answers}) == 4
    seen = [answer["usage"]["input_tokens_details"]["image_tokens"] for answer in answers]
    assert seen == [4, 5, 5, 8]


def test_the_values_of_a_form_are_read_as_what_they_are(ask_form: Ask) -> None:
    """Numbers, and members of an object in brackets."""
    two = _edited(ask_form, PNG, ("n", "2"), ("size", "1024x1536"))
    lines = _edited(ask_form, PNG, ("output_format", "svg"), ("svg[model]", "w"), ("svg[reasoning][effort]", "low"))

    assert len(set(_files(two))) == 2
    assert two["size"] == "1024x1536"
    assert lines["svg_usage"]["model"] == "w"


def test_an_edit_may_come_as_json(ask: Ask, ask_form: Ask) -> None:
    """With data URLs; it gives what the form gives."""
    url = "data:image/png;base64," + base64.b64encode(_image()).decode()
    mask = "data:image/png;base64," + base64.b64encode(_image(transparent=True)).decode()
    body = {"model": NEW, "prompt": "Blue", "images": [{"image_url": url}], "mask": {"image_url": mask}}

    response, answer = ask("POST", "/v1/images/edits", {**body, "moderation": "low"})

    assert response.status == 200
    assert json.loads(answer) == _edited(ask_form, PNG, MASK)


def test_variations_are_there_for_whoever_still_wants_them(ask_form: Ask) -> None:
    """OpenAI closed the address in 2026; other servers have it."""
    answer = _edited(ask_form, PNG, ("n", "3"), ("response_format", "b64_json"), model=OLD, path="variations")

    assert len(set(_files(answer))) == 3


def _events(body: bytes) -> list[tuple[str, Any]]:
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize("lead", ["image_generation", "image_edit"])
def test_a_stream_gives_what_is_known_so_far_and_then_the_whole(ask: Ask, ask_form: Ask, lead: str) -> None:
    """Each event has its name, and there is no ``[DONE]``."""
    if lead == "image_edit":
        more = [("model", NEW), ("prompt", "A fox"), PNG, ("stream", "true"), ("partial_images", "2"), ("n", "2")]
        _, body = ask_form("/v1/images/edits", more)
    else:
        asked = {"model": NEW, "prompt": "A fox", "stream": True, "partial_images": 2, "n": 2}
        _, body = ask("POST", "/v1/images/generations", asked)

    events = _events(body)
    partial, completed = f"{lead}.partial_image", f"{lead}.completed"
    assert [name for name, _ in events] == [partial, partial, completed] * 2
    assert all(data["type"] == name for name, data in events)
    assert [data.get("partial_image_index") for _, data in events] == [0, 1, None] * 2
    assert len({data["b64_json"] for _, data in events}) == 6
    assert events[2][1]["usage"]["output_tokens"] == 1056 + 2 * 100


def test_a_stream_can_break_off(ask: Ask) -> None:
    """With an error in it, under its own name."""
    asked = {"model": NEW, "prompt": "A fox", "stream": True, "partial_images": 2}

    _, body = ask("POST", "/v1/images/generations", asked, {"x-sandbox": "fail=1"})

    (_, first), (name, error) = _events(body)
    assert first["partial_image_index"] == 0
    assert (name, error["error"]["code"]) == ("error", "server_error")


def test_it_can_be_asked_to_refuse_a_prompt(ask: Ask) -> None:
    """As the service refuses what its rules forbid."""
    response, body = ask("POST", "/v1/images/generations", {"model": NEW, "prompt": "x"}, {"x-sandbox": "refuse"})

    assert (response.status, json.loads(body)["error"]["code"]) == (400, "moderation_blocked")
