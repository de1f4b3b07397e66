"""What the stand-in refuses where images are asked for, as OpenAI does."""

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest

from jackfield_openai.sandbox.pictures import as_file, draw

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]


def _image(size: tuple[int, int] = (64, 64), output_format: str = "png", *, transparent: bool = False) -> bytes:
    return as_file(draw("x", ["x"], size, transparent=transparent), output_format)


PNG = ("image", "a.png", "image/png", _image())
MANY = ("image[]", "a.png", "image/png", _image())
MASK = ("mask", "m.png", "image/png", _image(transparent=True))
URL = "data:image/png;base64," + base64.b64encode(_image()).decode()


def _refused(answered: tuple[http.client.HTTPResponse, bytes]) -> tuple[int, Any, Any, str]:
    response, body = answered
    error = json.loads(body)["error"]
    return response.status, error["code"], error["param"], error["message"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"model": None}, "missing_required_parameter", "model"),
        ({"model": 7}, "invalid_type", "model"),
        ({"prompt": ""}, "invalid_value", "prompt"),
        ({"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ({"model": "dall-e-2", "prompt": "x" * 1001}, "string_above_max_length", "prompt"),
        ({"model": "dall-e-3", "prompt": "x" * 4001}, "string_above_max_length", "prompt"),
        ({"colour": "red"}, "unknown_parameter", "colour"),
        ({"response_format": "b64_json"}, "unknown_parameter", "response_format"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"input_fidelity": "low"}, "unknown_parameter", "input_fidelity"),
        ({"model": "dall-e-2", "style": "vivid"}, "unknown_parameter", "style"),
        ({"model": "dall-e-2", "background": "auto"}, "unknown_parameter", "background"),
        ({"model": "dall-e-3", "output_format": "png"}, "unknown_parameter", "output_format"),
        ({"model": "dall-e-3", "n": 2}, "integer_above_max_value", "n"),
        ({"model": "dall-e-3", "size": "256x256"}, "invalid_value", "size"),
        ({"model": "dall-e-2", "size": "1792x1024"}, "invalid_value", "size"),
        ({"model": "dall-e-2", "quality": "hd"}, "invalid_value", "quality"),
        ({"n": 0}, "integer_below_min_value", "n"),
        ({"n": 11}, "integer_above_max_value", "n"),
        ({"model": "gpt-image-1.5", "size": "1536x864"}, "invalid_value", "size"),
        ({"size": "1000x1000"}, "invalid_value", "size"),
        ({"size": "3840x2176"}, "invalid_value", "size"),
        ({"size": "4096x2048"}, "invalid_value", "size"),
        ({"size": "0x16"}, "invalid_value", "size"),
        ({"size": "big"}, "invalid_value", "size"),
        ({"size": 1024}, "invalid_type", "size"),
        ({"size": "512x2048"}, "invalid_value", "size"),
        ({"quality": "xhigh"}, "invalid_value", "quality"),
        ({"quality": "standard"}, "invalid_value", "quality"),
        ({"background": "red"}, "invalid_value", "background"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"output_format": "bmp"}, "invalid_value", "output_format"),
        ({"output_compression": 50}, "invalid_value", "output_compression"),
        ({"output_compression": 101, "output_format": "jpeg"}, "integer_above_max_value", "output_compression"),
        ({"partial_images": 1}, "invalid_value", "partial_images"),
        ({"partial_images": 4, "stream": True}, "integer_above_max_value", "partial_images"),
        ({"moderation": "none"}, "invalid_value", "moderation"),
        ({"frame_count": 3}, "invalid_value", "frame_count"),
        ({"frame_count": 17, "output_format": "gif"}, "integer_above_max_value", "frame_count"),
        ({"frame_duration_ms": 100, "output_format": "png"}, "invalid_value", "frame_duration_ms"),
        ({"output_format": "gif", "stream": True}, "invalid_value", "stream"),
        ({"output_format": "svg", "n": 2}, "invalid_value", "n"),
        ({"svg": {"model": "w"}}, "invalid_value", "svg"),
        ({"svg": {"author": "w"}, "output_format": "svg"}, "unknown_parameter", "svg.author"),
    ],
)
def test_it_refuses_what_openai_refuses_to_draw(ask: Ask, change: dict[str, object], code: str, param: str) -> None:
    """Model by model: what one takes is unknown to another."""
    body = {"model": "gpt-image-2", "prompt": "A fox", **change}

    refused = _refused(ask("POST", "/v1/images/generations", body))

    assert refused[:3] == (400, code, param), refused


@pytest.mark.parametrize(
    ("parts", "code", "param"),
    [
        ([("prompt", "x")], "missing_required_parameter", "image"),
        ([PNG], "missing_required_parameter", "prompt"),
        ([("prompt", "x"), ("image", "text")], "invalid_type", "image"),
        ([("prompt", "x"), PNG, PNG], "duplicate_parameter", "image"),
        ([("prompt", "x"), PNG, MANY], "invalid_value", "image"),
        ([("prompt", "x"), ("prompt", "y"), PNG], "duplicate_parameter", "prompt"),
        ([("prompt", "x"), *[MANY] * 17], "invalid_value", "image"),
        ([("prompt", "x"), (*PNG[:2], "application/octet-stream", PNG[3])], "unsupported_file_mimetype", "image"),
        ([("prompt", "x"), (*PNG[:2], "image/jpeg", PNG[3])], "invalid_image_file", "image"),
        ([("prompt", "x"), (*PNG[:3], b"no image")], "invalid_image_file", "image"),
        ([("prompt", "x"), (*PNG[:3], PNG[3].ljust(50 << 20, b"\0"))], "image_too_large", "image"),
        ([("prompt", "x"), PNG, (*MASK[:3], _image())], "invalid_image_file", "mask"),
        ([("prompt", "x"), PNG, (*MASK[:3], _image((64, 32), transparent=True))], "invalid_image_file", "mask"),
        (
            [("prompt", "x"), PNG, ("mask", "m.webp", "image/webp", _image(output_format="webp"))],
            "unsupported_file_mimetype",
            "mask",
        ),
        ([("prompt", "x"), PNG, (*MASK[:3], MASK[3].ljust(4 << 20, b"\0"))], "image_too_large", "mask"),
        ([("prompt", "x"), PNG, ("markup", *MASK[1:])], "unsupported_parameter", "markup"),
        ([("prompt", "x"), PNG, MASK, ("output_format", "gif")], "invalid_value", "mask"),
        ([("prompt", "x"), PNG, MASK, ("markup", *MASK[1:])], "invalid_value", "markup"),
        ([("prompt", "x"), PNG, ("mask[]", *MASK[1:])], "invalid_type", "mask[]"),
        ([("prompt", "x"), PNG, ("mask[]", "m")], "unknown_parameter", "mask"),
        ([("prompt", "x"), PNG, ("n", "two")], "invalid_type", "n"),
        ([("prompt", "x"), PNG, ("n", "11")], "integer_above_max_value", "n"),
        ([("prompt", "x"), PNG, ("stream", "yes")], "invalid_type", "stream"),
        ([("prompt", "x"), PNG, ("svg", "w"), ("svg[model]", "w")], "invalid_type", "svg"),
        ([("prompt", "x"), PNG, ("moderation", "low")], "unknown_parameter", "moderation"),
        ([("prompt", "x"), PNG, ("response_format", "b64_json")], "unknown_parameter", "response_format"),
        ([("prompt", "x"), PNG, ("input_fidelity", "high")], "invalid_input_fidelity_model", "input_fidelity"),
    ],
)
def test_it_refuses_what_openai_refuses_to_edit(
    ask_form: Ask, parts: list[tuple[Any, ...]], code: str, param: str
) -> None:
    """Among that files of no type, and several files under one name."""
    refused = _refused(ask_form("/v1/images/edits", [("model", "gpt-image-2"), *parts]))

    assert refused[:3] == (400, code, param), refused


@pytest.mark.parametrize(
    ("model", "path", "parts", "param"),
    [
        ("dall-e-3", "edits", [("prompt", "x"), PNG], "model"),
        ("dall-e-2", "edits", [("prompt", "x"), MANY, MANY], "image"),
        ("dall-e-2", "edits", [("prompt", "x"), ("image", "a", "image/png", _image((64, 32)))], "image"),
        ("dall-e-2", "edits", [("prompt", "x"), ("image", "a", "image/webp", _image(output_format="webp"))], "image"),
        ("gpt-image-1-mini", "edits", [("prompt", "x"), PNG, ("input_fidelity", "high")], "input_fidelity"),
        ("gpt-image-2", "variations", [PNG], "model"),
        ("dall-e-2", "variations", [PNG, ("prompt", "x")], "prompt"),
        ("dall-e-2", "variations", [("image", "a", "image/png", _image((64, 32)))], "image"),
        ("dall-e-2", "variations", [], "image"),
    ],
)
def test_each_model_has_rules_of_its_own(
    ask_form: Ask, model: str, path: str, parts: list[tuple[Any, ...]], param: str
) -> None:
    """The old ones took one square PNG."""
    refused = _refused(ask_form(f"/v1/images/{path}", [("model", model), *parts]))

    assert (refused[0], refused[2]) == (400, param), refused


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"images": None}, "images"),
        ({"images": []}, "images"),
        ({"images": [{"image_url": "https://example.com/a.png"}]}, "images[0]"),
        ({"images": [{"file_id": "file-1"}]}, "images[0]"),
        ({"images": [{"image_url": "data:image/png;base64,***"}]}, "images[0]"),
        ({"images": [{"image_url": URL.replace("png", "gif")}]}, "images[0]"),
        ({"mask": {"image_url": URL}}, "mask"),
        ({"image": "x"}, "image"),
        ({"model": "dall-e-2"}, "model"),
    ],
)
def test_an_edit_in_json_is_checked_as_well(ask: Ask, change: dict[str, object], param: str) -> None:
    """Only data URLs are read: the stand-in goes nowhere."""
    body = {"model": "gpt-image-2", "prompt": "x", "images": [{"image_url": URL}], **change}

    refused = _refused(ask("POST", "/v1/images/edits", body))

    assert (refused[0], refused[2]) == (400, param), refused


def test_several_images_under_one_name_are_told_of_the_right_one(ask_form: Ask) -> None:
    """In the words that the service has for it."""
    message = _refused(ask_form("/v1/images/edits", [("model", "gpt-image-2"), ("prompt", "x"), PNG, PNG]))[3]

    assert "Duplicate parameter: 'image'" in message
    assert "image[]=<value>" in message


def test_a_file_without_its_type_is_told_which_there_are(ask_form: Ask) -> None:
    """In the words that the service has for it."""
    part = (*PNG[:2], "application/octet-stream", PNG[3])

    message = _refused(ask_form("/v1/images/edits", [("model", "gpt-image-2"), ("prompt", "x"), part]))[3]

    assert "unsupported mimetype ('application/octet-stream')" in message


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/images/generations", 415),
        ("POST", "/v1/images/edits", 415),
        ("POST", "/v1/images/variations", 415),
        ("GET", "/v1/images/edits", 405),
        ("POST", "/v1/images", 404),
        ("POST", "/v1/images/paintings", 404),
    ],
)
def test_wrong_types_methods_and_paths_are_refused(ask: Ask, method: str, path: str, status: int) -> None:
    """A path is known by its whole."""
    response, _ = ask(method, path, b"x", {"Content-Type": "text/plain"})

    assert response.status == status
