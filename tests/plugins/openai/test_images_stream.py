"""Images that come in a stream: unfinished ones first."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, BusyError, File, Host, Result
from jackfield.testing import Replay
from jackfield_openai.image_stream import ImagePiece
from jackfield_openai.sandbox.multipart import read_parts
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.generate_images"
CONNECTION = {"api_key": "sk-canary"}
FORM: Mapping[str, Any] = {"model": "gpt-image-2", "method": {"type": "generate", "prompt": "A fox"}}


def _picture(seed: str) -> bytes:
    return as_file(draw(seed, [seed], (64, 64)), "png")


def _event(kind: str, seed: str, **more: object) -> str:
    said = {"type": kind, "b64_json": base64.b64encode(_picture(seed)).decode(), "created_at": 1767225600, **more}
    return f"event: {kind}\ndata: {json.dumps(said)}\n\n"


def _partial(seed: str, number: int, kind: str = "image_generation") -> str:
    return _event(f"{kind}.partial_image", seed, partial_image_index=number, size="64x64", quality="low")


def _completed(seed: str, kind: str = "image_generation", **more: object) -> str:
    usage = {"input_tokens": 2, "output_tokens": 10, "total_tokens": 12, "input_tokens_details": {"image_tokens": 1}}
    return _event(f"{kind}.completed", seed, size="64x64", quality="low", usage=usage, **more)


def _reply(replay: Replay, *events: str) -> None:
    replay.reply(content="".join(events).encode(), headers={"Content-Type": "text/event-stream"})


def _streamed(host: Host, form: Mapping[str, Any] = FORM) -> tuple[Sequence[ImagePiece], Result[Any]]:
    with host.stream(MODULE, form, connection=CONNECTION) as stream:
        return list(stream), stream.result


def test_images_come_as_pieces_unfinished_ones_first(host: Host, replay: Replay) -> None:
    """Each is a file of its own; at the end there is the answer that would have come in one."""
    seeds = ["a0", "a1", "a", "b0", "b"]
    _reply(
        replay,
        *(_partial("a0", 0), _partial("a1", 1), _completed("a")),
        *(_partial("b0", 0), _completed("b", safety_identifier="u", background="opaque", revised_prompt="B")),
    )

    pieces, result = _streamed(host, {**FORM, "n": 2, "partial_images": 2})

    assert [(piece.index, piece.partial) for piece in pieces] == [(0, 0), (0, 1), (0, None), (1, 0), (1, None)]
    assert [piece.file.read() for piece in pieces] == [_picture(seed) for seed in seeds]
    assert [piece.file.name for piece in pieces] == [
        *("image-1-partial-1.png", "image-1-partial-2.png", "image-1.png"),
        *("image-2-partial-1.png", "image-2.png"),
    ]
    output = result.output
    assert [image.file for image in output.data] == [pieces[2].file, pieces[4].file]
    assert output.result == pieces[2].file
    assert output.data[1].revised_prompt == "B"
    assert (output.created, output.size, output.quality) == ("2026-01-01T00:00:00Z", "64x64", "low")
    assert (output.background, output.safety_identifier) == ("opaque", "u")
    assert (output.usage.total_tokens, output.usage.input_tokens_details.image_tokens) == (24, 2)
    assert result.usage is not None
    assert result.usage.output_tokens == 20


def test_a_stream_is_asked_for_only_where_somebody_takes_it(host: Host, replay: Replay) -> None:
    """Unfinished images cost, so they are asked for only then."""
    _reply(replay, _completed("a"))
    _streamed(host, {**FORM, "partial_images": 1})
    replay.reply({"data": [{"b64_json": base64.b64encode(_picture("a")).decode()}]})
    host.run(MODULE, {**FORM, "partial_images": 1}, connection=CONNECTION)

    streamed, whole = (json.loads(request.body or b"") for request in replay.requests)
    assert streamed == {"model": "gpt-image-2", "prompt": "A fox", "stream": True, "partial_images": 1}
    assert whole == {"model": "gpt-image-2", "prompt": "A fox"}


def test_an_edit_streams_as_well(host: Host, replay: Replay) -> None:
    """Its events have other names, and the request is a form."""
    _reply(replay, _partial("a0", 0, "image_edit"), _completed("a", "image_edit"))
    image = File.from_bytes(_picture("x"), name="x.png")

    pieces, _ = _streamed(host, {**FORM, "method": {"type": "edit", "prompt": "Blue", "images": [image]}})

    assert [piece.partial for piece in pieces] == [0, None]
    (request,) = replay.requests
    assert isinstance(request.body, Iterable)
    parts = read_parts(request.headers["Content-Type"], b"".join(request.body))  # type: ignore[arg-type]  # streamed
    assert {part.name: part.data for part in parts if part.name == "stream"} == {"stream": b"true"}


@pytest.mark.parametrize(
    "form",
    [
        {"model": "dall-e-3"},
        {"output_format": "gif"},
        {"output_format": "svg"},
        {
            "method": {
                "type": "variation",
                "image": File.from_bytes(_picture("x"), name="x.png"),
                "endpoint": "variations",
            }
        },
    ],
)
def test_what_cannot_stream_gives_whole_images_as_pieces(host: Host, replay: Replay, form: Mapping[str, Any]) -> None:
    """Whoever shows pieces need not know which models stream."""
    replay.reply({"data": [{"b64_json": base64.b64encode(_picture("a")).decode()}]})

    pieces, result = _streamed(host, {**FORM, "partial_images": 1, **form})

    assert [(piece.index, piece.partial) for piece in pieces] == [(0, None)]
    assert result.output.result == pieces[0].file
    assert result.warnings == ()


@pytest.mark.parametrize("events", [(), (_partial("a0", 0),), (_completed("a"),), (_completed("a"), _partial("b", 0))])
def test_a_stream_that_stops_too_early_is_an_error(host: Host, replay: Replay, events: tuple[str, ...]) -> None:
    """Half of what was asked for is no success."""
    _reply(replay, *events)

    with pytest.raises(BrokenAnswerError, match="of 2 images"):
        _streamed(host, {**FORM, "n": 2})


@pytest.mark.parametrize("lead", ["", "event: error\n"])
def test_an_error_inside_the_stream_is_that_error(host: Host, replay: Replay, lead: str) -> None:
    """Of the class that it has elsewhere."""
    error = {"error": {"message": "Too many.", "type": "x", "param": None, "code": "rate_limit_exceeded"}}
    _reply(replay, _partial("a0", 0), f"{lead}data: {json.dumps(error)}\n\n")

    with pytest.raises(BusyError):
        _streamed(host)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[]", "no JSON object"),
        ("{", "not JSON"),
        ('{"type": "image_generation.completed"}', "b64_json"),
        ('{"type": "image_generation.completed", "b64_json": "no base64"}', "base64"),
    ],
)
def test_an_event_of_another_shape_is_an_error(host: Host, replay: Replay, data: str, message: str) -> None:
    """It says what is wrong with it."""
    _reply(replay, f"data: {data}\n\n")

    with pytest.raises(AnswerError, match=message):
        _streamed(host)


def test_events_that_are_not_of_images_are_passed_over(host: Host, replay: Replay) -> None:
    """A service may add some; and some servers end with [DONE], after which nothing counts."""
    _reply(replay, 'data: {"type": "keepalive"}\n\n', _completed("a"), "data: [DONE]\n\n", "data: {\n\n")

    pieces, _ = _streamed(host)

    assert len(pieces) == 1


def test_a_server_that_does_not_stream_is_understood(host: Host, replay: Replay) -> None:
    """Its images come together, each as a piece; none that was paid for is lost."""
    said = [{"b64_json": base64.b64encode(_picture(seed)).decode()} for seed in "ab"]
    replay.reply({"created": 1767225600, "data": said})

    pieces, result = _streamed(host, {**FORM, "n": 2})

    assert [(piece.index, piece.partial) for piece in pieces] == [(0, None), (1, None)]
    assert [image.file.read() for image in result.output.data] == [_picture("a"), _picture("b")]
    assert result.warnings == ()
