"""Images that come with a request: as parts of a form, or as data URLs in JSON; and what OpenAI refuses of them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield_openai.image_heads import ImageHead, read_head
from jackfield_openai.sandbox.checks import array, record, text
from jackfield_openai.sandbox.multipart import Part
from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["FILES", "OLD", "PHOTO", "ImageInput", "Limits", "check_overlay", "from_json", "from_parts"]

FILES = ("image", "image[]", "mask", "markup")
"""The parts of a form that must be files."""

_MEGABYTE = 1024 * 1024
_REFERENCE = record({}, {"image_url": text(), "file_id": text()})
_IMAGES = array(_REFERENCE, 1, 16)


@frozen(kw_only=True)
class ImageInput:
    """An image of the request; ``head`` says what it is, whatever it was called."""

    param: str
    data: bytes = field(repr=False)
    head: ImageHead


@frozen(kw_only=True)
class Limits:
    """What an image may be.

    Attributes:
        media_types: Formats that are accepted.
        max_bytes: One of exactly this size is too large.
    """

    media_types: Sequence[str]
    max_bytes: int


PHOTO = Limits(media_types=("image/jpeg", "image/png", "image/webp"), max_bytes=50 * _MEGABYTE)
OLD = Limits(media_types=("image/png",), max_bytes=4 * _MEGABYTE)
"""Of DALL-E, and of a mask for any model."""


def from_parts(parts: Sequence[Part], limits: Limits) -> dict[str, list[ImageInput]]:
    """Give the images of a form by the name of their parameter.

    Raises:
        RefusalError: One is not what OpenAI accepts.
    """
    names = [part.name for part in parts]
    for name in names:
        if names.count(name) > 1 and not name.endswith("[]"):
            message = (
                f"Duplicate parameter: '{name}'. You provided multiple values for this parameter, whereas only one "
                f"is allowed. If you are trying to provide a list of values, use the array syntax instead e.g. "
                f"'{name}[]=<value>'."
            )
            raise RefusalError(message, code="duplicate_parameter", param=name)
    if "image" in names and "image[]" in names:
        message = "Give either 'image' or 'image[]'."
        raise RefusalError(message, code="invalid_value", param="image")
    found: dict[str, list[ImageInput]] = {}
    for part in parts:
        name = "image" if part.name == "image[]" else part.name
        if part.name in FILES:
            allowed = limits if name == "image" else OLD
            found.setdefault(name, []).append(_of_part(part, name, allowed))
    return found


def _of_part(part: Part, param: str, limits: Limits) -> ImageInput:
    if part.file_name is None:
        message = f"Invalid type for '{param}': expected a file, but got a string instead."
        raise RefusalError(message, code="invalid_type", param=param)
    return _checked(part.data, part.media_type, param, limits)


def _checked(data: bytes, media_type: str, param: str, limits: Limits) -> ImageInput:
    if media_type not in limits.media_types:
        supported = ", ".join(map(repr, limits.media_types))
        message = (
            f"Invalid file '{param}': unsupported mimetype ('{media_type or 'application/octet-stream'}'). "
            f"Supported file formats are {supported}."
        )
        raise RefusalError(message, code="unsupported_file_mimetype", param=param)
    if len(data) >= limits.max_bytes:
        message = f"Invalid file '{param}': it must be less than {limits.max_bytes // _MEGABYTE} MB."
        raise RefusalError(message, code="image_too_large", param=param)
    head = read_head(data)
    if head is None or head.media_type != media_type:
        message = f"Invalid image file for '{param}', please check your image file: it is no {media_type}."
        raise RefusalError(message, code="invalid_image_file", param=param)
    return ImageInput(param=param, data=data, head=head)


def from_json(body: Mapping[str, Any]) -> dict[str, list[ImageInput]]:
    """Give the images of a JSON body by the name that they have in a form.

    Raises:
        RefusalError: One is not what OpenAI accepts, or is an address: the stand-in goes nowhere.
    """
    if "images" not in body:
        message = "Missing required parameter: 'images'."
        raise RefusalError(message, code="missing_required_parameter", param="images")
    _IMAGES(body["images"], "images")
    found = {"image": [_of_json(each, f"images[{index}]", PHOTO) for index, each in enumerate(body["images"])]}
    if body.get("mask") is not None:
        _REFERENCE(body["mask"], "mask")
        found["mask"] = [_of_json(body["mask"], "mask", OLD)]
    return found


def _of_json(reference: Mapping[str, str], param: str, limits: Limits) -> ImageInput:
    head, comma, encoded = reference.get("image_url", "").partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        message = f"Invalid '{param}': the stand-in fetches nothing and keeps no images; give a data URL as image_url."
        raise RefusalError(message, code="invalid_value", param=param)
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        message = f"Invalid '{param}': the data URL holds no base64."
        raise RefusalError(message, code="invalid_base64", param=param) from None
    return _checked(data, head[len("data:") : -len(";base64")].lower(), param, limits)


def check_overlay(overlay: ImageInput, image: ImageInput) -> None:
    """Check what is laid over the first image: a mask, or markup.

    Raises:
        RefusalError: It has another size than the image, or nothing in it can be transparent.
    """
    if (overlay.head.width, overlay.head.height) != (image.head.width, image.head.height):
        message = f"Invalid {overlay.param} image: it must have the same size as the first image."
        raise RefusalError(message, code="invalid_image_file", param=overlay.param)
    if not overlay.head.has_alpha:
        message = f"Invalid {overlay.param} image: it must have an alpha channel."
        raise RefusalError(message, code="invalid_image_file", param=overlay.param)
