"""OpenAI's own SDK asks the stand-in for images, as it asks the service."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield_openai.image_heads import read_head
from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.pictures import as_file, draw

MODEL = "gpt-image-2"


def _image(seed: str = "x", *, transparent: bool = False) -> tuple[str, bytes, str]:
    return f"{seed}.png", as_file(draw(seed, ["x"], (64, 64), transparent=transparent), "png"), "image/png"


@pytest.fixture
def images(sandbox: Sandbox) -> Iterator[Any]:
    """Open the SDK for images at the stand-in."""
    sdk = pytest.importorskip("openai", reason="the official SDK is not installed; tox installs it")
    with sdk.OpenAI(base_url=sandbox.url, api_key="any", max_retries=0) as client:
        yield client.images


def _files(answer: Any) -> list[bytes]:
    return [base64.b64decode(entry.b64_json) for entry in answer.data]


def test_the_sdk_generates_several_images(images: Any) -> None:
    """Each a file of its own, of the size that was asked for, with what it cost."""
    answer = images.generate(model=MODEL, prompt="A fox", n=3, size="1536x864", quality="low", output_format="webp")

    files = _files(answer)
    heads = [read_head(file) for file in files]
    assert len(set(files)) == 3
    assert [(head.media_type, head.width, head.height) for head in heads if head] == [("image/webp", 1536, 864)] * 3
    assert (answer.size, answer.quality, answer.output_format) == ("1536x864", "low", "webp")
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_the_sdk_edits_one_image_or_several_with_a_mask(images: Any) -> None:
    """One is sent as ``image``, several as ``image[]``."""
    one = images.edit(model=MODEL, image=_image(), prompt="Blue")
    several = images.edit(model=MODEL, image=[_image(), _image("y")], prompt="Blue")
    masked = images.edit(model=MODEL, image=_image(), mask=_image("m", transparent=True), prompt="Blue", n=2)

    files = [*_files(one), *_files(several), *_files(masked)]
    assert len(set(files)) == 4


def test_the_sdk_asks_for_variations(images: Any) -> None:
    """Though it says that the service has none any more."""
    with pytest.warns(DeprecationWarning, match="deprecated"):
        answer = images.create_variation(model="dall-e-2", image=_image(), n=2, response_format="b64_json")

    assert len(set(_files(answer))) == 2


def test_the_sdk_reads_the_streams(images: Any) -> None:
    """Events of both kinds have the types that it knows."""
    generated = images.generate(model=MODEL, prompt="A fox", stream=True, partial_images=2)
    edited = images.edit(model=MODEL, image=_image(), prompt="Blue", stream=True, partial_images=1)

    assert [type(event).__name__ for event in generated] == ["ImageGenPartialImageEvent"] * 2 + [
        "ImageGenCompletedEvent"
    ]
    assert [type(event).__name__ for event in edited] == ["ImageEditPartialImageEvent", "ImageEditCompletedEvent"]


def test_the_sdk_fails_as_it_fails_at_the_service_without_a_media_type(images: Any) -> None:
    """Bare bytes go out as a file of no type, which images must have."""
    sdk = pytest.importorskip("openai")

    with pytest.raises(sdk.BadRequestError, match="unsupported mimetype"):
        images.edit(model=MODEL, image=_image()[1], prompt="Blue")
