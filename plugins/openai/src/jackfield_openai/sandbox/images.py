"""Requests for images as they come, read and checked: from a text, from images and a text, or from an image alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.drawing import Drawing
from jackfield_openai.sandbox.form_values import values_of
from jackfield_openai.sandbox.image_inputs import FILES, OLD, PHOTO, ImageInput, check_overlay, from_json, from_parts
from jackfield_openai.sandbox.image_rules import check_edit, check_generation, check_variation, family_of
from jackfield_openai.sandbox.multipart import Part
from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["asked_edit", "asked_generation", "asked_variation"]


def asked_generation(body: Mapping[str, Any]) -> Drawing:
    """Read a request for images from a text.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    check_generation(body)
    return Drawing(action="picture", values=body)


def asked_edit(body: Mapping[str, Any] | Sequence[Part]) -> Drawing:
    """Read a request to edit images.

    Args:
        body: A JSON body, or the parts of a form.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    if isinstance(body, Mapping):
        values = {name: value for name, value in body.items() if name not in ("images", "mask")}
        images = from_json(body)
    else:
        values = _values(body)
        old = values.get("model") == "dall-e-2"
        images = from_parts(body, OLD if old else PHOTO)
        _require_image(images)
    overlays = [*images.get("mask", ()), *images.get("markup", ())]
    check_edit(values, len(images["image"]), len(overlays), as_json=isinstance(body, Mapping))
    if images.get("markup") and family_of(values["model"]) not in ("gpt-image-2.5", "any"):
        message = f"The model '{values['model']}' does not support 'markup'."
        raise RefusalError(message, code="unsupported_parameter", param="markup")
    for overlay in overlays:
        check_overlay(overlay, images["image"][0])
    if values["model"] == "dall-e-2":
        _require_square(images["image"][0])
    return Drawing(action="edit", values=values, images=[*images["image"], *overlays])


def asked_variation(body: Sequence[Part]) -> Drawing:
    """Read a request for variations of an image.

    Raises:
        RefusalError: OpenAI would have refused it while it had such an address.
    """
    values, images = _values(body), from_parts(body, OLD)
    _require_image(images)
    check_variation(values)
    _require_square(images["image"][0])
    return Drawing(action="variation", values=values, images=images["image"])


def _values(parts: Sequence[Part]) -> dict[str, Any]:
    return values_of([part for part in parts if part.name not in FILES])


def _require_image(images: Mapping[str, Sequence[ImageInput]]) -> None:
    if not images.get("image"):
        message = "Missing required parameter: 'image'."
        raise RefusalError(message, code="missing_required_parameter", param="image")


def _require_square(image: ImageInput) -> None:
    if image.head.width != image.head.height:
        message = f"Invalid image: it must be square, and is {image.head.width}x{image.head.height}."
        raise RefusalError(message, code="invalid_image_file", param="image")
