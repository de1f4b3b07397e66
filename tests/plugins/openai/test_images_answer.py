"""What Generate Images makes of the service's answer: files, each its own, and what is said of them."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import AnswerError, File, FileError, Host, RefusedError, Result, Usage
from jackfield.testing import Replay
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.generate_images"
CONNECTION = {"api_key": "sk-canary"}
FORM: Mapping[str, Any] = {"model": "gpt-image-2", "method": {"type": "generate", "prompt": "A fox"}}


def _picture(seed: str, output_format: str = "png") -> bytes:
    return as_file(draw(seed, [seed], (64, 64)), output_format)


def _entry(data: bytes, **more: object) -> dict[str, object]:
    return {"b64_json": base64.b64encode(data).decode(), **more}


def _run(host: Host, replay: Replay, *entries: object, form: Mapping[str, Any] = FORM, **answer: Any) -> Result[Any]:
    replay.reply({"created": 1767225600, "data": list(entries), **answer}, headers={"x-request-id": "req_1"})
    return host.run(MODULE, form, connection=CONNECTION)


def test_several_images_are_several_files(host: Host, replay: Replay) -> None:
    """Each has its own content, and a name that says which it is and what it is."""
    pictures = [_picture("a"), _picture("b", "jpeg"), _picture("c", "webp"), b"GIF89a" + bytes(9), _picture("d", "svg")]

    result = _run(host, replay, *map(_entry, pictures), form={**FORM, "n": 5})

    files = [image.file for image in result.output.data]
    assert [file.read() for file in files] == pictures
    assert [(file.name, file.media_type) for file in files] == [
        ("image-1.png", "image/png"),
        ("image-2.jpg", "image/jpeg"),
        ("image-3.webp", "image/webp"),
        ("image-4.gif", "image/gif"),
        ("image-5.svg", "image/svg+xml"),
    ]
    assert len({str(file.path) for file in files}) == 5
    assert result.output.result == files[0]
    assert result.warnings == ()


def test_an_image_in_a_data_url_is_a_file(host: Host, replay: Replay) -> None:
    """Some servers answer so; the bundle has no megabytes of text for it."""
    encoded = base64.b64encode(_picture("a")).decode()

    result = _run(host, replay, {"url": f"data:image/png;base64,{encoded}"})

    assert result.output.result.read() == _picture("a")
    assert result.output.data[0].url is None
    assert encoded not in str(result.bundles)


def test_images_of_several_runs_do_not_replace_each_other(host: Host, replay: Replay) -> None:
    """Nobody loses what was paid for."""
    first = _run(host, replay, _entry(_picture("a"))).output.result
    second = _run(host, replay, _entry(_picture("b"))).output.result

    assert (first.read(), second.read()) == (_picture("a"), _picture("b"))


def test_the_bundle_has_small_references_and_no_content(host: Host, replay: Replay) -> None:
    """A bundle can be logged, and given to the next module."""
    data = _picture("a")

    bundle: Any = _run(host, replay, _entry(data, revised_prompt="A red fox", novel=1)).bundle

    (image,) = bundle["data"]
    assert image["file"]["name"] == "image-1.png"
    assert image["file"]["size"] == len(data)
    assert (image["revised_prompt"], image["novel"]) == ("A red fox", 1)
    assert "b64_json" not in image
    assert base64.b64encode(data).decode()[:40] not in str(bundle)


def test_an_image_can_be_edited_by_its_reference(host: Host, replay: Replay) -> None:
    """What one run gives, the next run of the same host takes."""
    bundle = _run(host, replay, _entry(_picture("a"))).bundle
    method = {"type": "edit", "prompt": "Blue", "images": [bundle["result"]]}

    _run(host, replay, _entry(_picture("b")), form={**FORM, "method": method})

    assert _picture("a") in b"".join(replay.requests[1].body)  # type: ignore[arg-type]  # a body that is streamed


def test_what_the_service_says_of_them_is_kept(host: Host, replay: Replay) -> None:
    """Settings, usage and what is newer than we are; the time as ISO 8601."""
    usage = {
        "input_tokens": 9,
        "output_tokens": 272,
        "total_tokens": 281,
        "input_tokens_details": {"text_tokens": 5, "image_tokens": 4},
        "output_tokens_details": {"text_tokens": 2, "image_tokens": 270},
    }
    said: dict[str, Any] = {
        "background": "opaque",
        "output_format": "png",
        "quality": "low",
        "size": "64x64",
        "safety_identifier": "u",
    }

    result = _run(host, replay, _entry(_picture("a")), usage=usage, **said, svg_usage={"model": "w"}, novel=[1])

    bundle = dict(result.bundle)
    del bundle["data"], bundle["result"]
    assert bundle == {
        "created": "2026-01-01T00:00:00Z",
        "model": "gpt-image-2",
        "endpoint": "generations",
        "usage": usage,
        "svg_usage": {"model": "w"},
        "novel": [1],
        **said,
    }
    assert result.request_id == "req_1"
    assert result.usage is not None
    assert (result.usage.input_tokens, result.usage.output_tokens, result.usage.total_tokens) == (9, 272, 281)
    assert (result.usage.input_image_tokens, result.usage.output_image_tokens) == (4, 270)


def test_an_answer_may_say_nothing_but_the_image(host: Host, replay: Replay) -> None:
    """Other servers leave out what they do not know."""
    replay.reply({"data": [_entry(_picture("a"))]})

    result = host.run(MODULE, FORM, connection=CONNECTION)

    assert result.usage == Usage(model="gpt-image-2", images=1)
    assert set(result.bundle) == {"data", "result", "model", "endpoint"}


def test_an_address_stays_an_address_unless_its_download_is_asked_for(host: Host, replay: Replay) -> None:
    """Fetching is a request of its own, to wherever the answer says."""
    result = _run(host, replay, {"url": "https://pictures.example/a.png"})

    assert result.bundle["data"] == [{"url": "https://pictures.example/a.png"}]
    assert result.output.result == "https://pictures.example/a.png"
    assert len(replay.requests) == 1


def test_a_download_goes_out_without_the_key(host: Host, replay: Replay) -> None:
    """The file has the name that its address ends with."""
    replay.reply({"created": 1767225600, "data": [{"url": "https://pictures.example/fox.png?sig=1"}]})
    replay.reply(content=_picture("a"), headers={"Content-Type": "image/png"})

    result = host.run(MODULE, {**FORM, "model": "dall-e-3", "download": True}, connection=CONNECTION)

    assert replay.requests[1].url == "https://pictures.example/fox.png?sig=1"
    assert "Authorization" not in replay.requests[1].headers
    assert result.output.result.name == "fox.png"
    assert result.output.result.read() == _picture("a")
    assert result.output.data[0].url == "https://pictures.example/fox.png?sig=1"


def test_fewer_images_than_were_asked_for_are_told(host: Host, replay: Replay) -> None:
    """The result is there, and so is the warning."""
    result = _run(host, replay, _entry(_picture("a")), form={**FORM, "n": 3})

    assert result.warnings == ("$.n: 3 images were asked for, and 1 came.",)


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"data": []}, "$.data"),
        ({}, "$.data"),
        ({"data": [{"b64_json": "no base64!"}]}, "$.data[0].b64_json"),
        ({"data": [{"b64_json": "ä"}]}, "$.data[0].b64_json"),
        ({"data": [{"b64_json": 7}]}, "$.data[0].b64_json"),
        ({"data": [{"url": "data:image/png;base64,no base64!"}]}, "$.data[0].url"),
        ({"data": [{}]}, "$.data[0]"),
    ],
)
def test_an_answer_without_an_image_is_an_error(
    host: Host, replay: Replay, answer: Mapping[str, object], path: str
) -> None:
    """Which says where, and shows nothing of it."""
    replay.reply(answer, headers={"x-request-id": "req_1"})

    with pytest.raises(AnswerError) as caught:
        host.run(MODULE, FORM, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == [path]
    assert caught.value.request_id == "req_1"
    assert "no base64!" not in str(caught.value)


def test_what_is_no_image_is_kept_as_what_it_is(host: Host, replay: Replay) -> None:
    """A server may give what we do not know; it is not lost, and not called an image."""
    file = _run(host, replay, _entry(b"something new")).output.result

    assert (file.name, file.media_type, file.read()) == ("image-1.bin", "application/octet-stream", b"something new")


def test_a_refusal_names_the_field_that_it_is_about(host: Host, replay: Replay) -> None:
    """Also where the field stands in the method."""
    error = {"message": "Invalid value.", "type": "image_generation_user_error", "param": "prompt", "code": "x"}
    replay.reply({"error": error}, status=400)

    with pytest.raises(RefusedError, match=r"\$\.method\.prompt \(sent as prompt\): Invalid value\."):
        host.run(MODULE, FORM, connection=CONNECTION)


def test_what_the_rules_of_the_service_forbid_is_told_as_that(host: Host, replay: Replay) -> None:
    """No parameter is wrong then; the words or the image are."""
    error = {"message": "Rejected by the safety system.", "type": "x", "param": None, "code": "moderation_blocked"}
    replay.reply({"error": error}, status=400)

    with pytest.raises(RefusedError) as caught:
        host.run(MODULE, FORM, connection=CONNECTION)

    assert "prompt" in caught.value.hint


def test_an_image_that_is_gone_is_found_before_anything_is_sent(host: Host, replay: Replay, tmp_path: Any) -> None:
    """A file may go between its choice and the run."""
    path = tmp_path / "a.png"
    path.write_bytes(_picture("a"))
    method = {"type": "edit", "prompt": "Blue", "images": [File.from_path(path)]}
    path.unlink()

    with pytest.raises(FileError):
        host.run(MODULE, {**FORM, "method": method}, connection=CONNECTION)
    assert replay.requests == []
