"""What OpenAI accepts at the paths of images, model by model (specification of 2026-08-21, SDK 3.54.0 to 3.57.0).

The models of 2022 and 2023 are served as they were; a model that OpenAI never had takes what any of its models takes.
"""

import re
from collections.abc import Mapping
from typing import Any

from jackfield_openai.sandbox.checks import Check, boolean, choice, integer, nullable, record, text
from jackfield_openai.sandbox.replies import RefusalError
from jackfield_openai.sandbox.sampling_rules import refuse

__all__ = ["check_edit", "check_generation", "check_variation", "family_of"]

_LONGEST_EDGE, _SHORTEST_EDGE = 3840, 16
_MOST_PIXELS = 3840 * 2160
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_SQUARES = ("256x256", "512x512", "1024x1024")


def _sizes(step: int, steepest: float | None, *others: str) -> Check:
    """Accept a size whose edges are multiples of a step, and no steeper than so."""

    def checked(value: object, place: str) -> None:
        text()(value, place)
        if value in others:
            return
        found = _SIZE.fullmatch(str(value))
        edges = sorted(map(int, found.groups())) if found else [0, 0]
        if any(edge % step for edge in edges) or not _SHORTEST_EDGE <= edges[0] <= edges[1] <= _LONGEST_EDGE:
            refuse(place, f"Invalid size '{value}'. Width and height must be divisible by {step}, up to 3840x2160.")
        if edges[0] * edges[1] > _MOST_PIXELS:
            refuse(place, f"Invalid size '{value}'. It has more pixels than 3840x2160.")
        if steepest is not None and edges[1] > steepest * edges[0]:
            refuse(place, f"Invalid size '{value}'. The aspect ratio must be between 1:3 and 3:1.")

    return checked


_SVG = record({}, {"model": text(), "reasoning": nullable(record({}, {"effort": nullable(text())}))})
_STANDARD_SIZES = choice("1024x1024", "1536x1024", "1024x1536", "auto")
_QUALITIES = ("low", "medium", "high", "auto")
_RESPONSE_FORMAT: Mapping[str, Check] = {"response_format": nullable(choice("url", "b64_json"))}
_STYLE: Mapping[str, Check] = {"style": nullable(choice("vivid", "natural"))}
_MODERATION: Mapping[str, Check] = {"moderation": nullable(choice("low", "auto"))}
_FIDELITY: Mapping[str, Check] = {"input_fidelity": nullable(choice("high", "low"))}


def _gpt(size: Check, *more_qualities: str) -> Mapping[str, Check]:
    return {
        "background": nullable(choice("transparent", "opaque", "auto")),
        "complexity": nullable(choice("low", "medium", "high")),
        "frame_count": nullable(integer(2, 16)),
        "frame_duration_ms": nullable(integer(1)),
        "n": nullable(integer(1, 10)),
        "output_compression": nullable(integer(0, 100)),
        "output_format": nullable(choice("png", "jpeg", "webp", "gif", "svg")),
        "partial_images": nullable(integer(0, 3)),
        "quality": nullable(choice(*_QUALITIES, *more_qualities)),
        "safety_identifier": nullable(text()),
        "size": nullable(size),
        "stream": nullable(boolean),
        "svg": nullable(_SVG),
        "user": text(),
    }


def _old(most: int, size: Check, *qualities: str) -> Mapping[str, Check]:
    return {
        **_RESPONSE_FORMAT,
        "n": nullable(integer(1, most)),
        "quality": nullable(choice(*qualities)),
        "size": nullable(size),
        "user": text(),
    }


_ANY = {
    **_gpt(_sizes(8, None, "auto"), "xhigh", "max", "standard", "hd"),
    **_RESPONSE_FORMAT,
    **_STYLE,
    **_MODERATION,
    **_FIDELITY,
}
_FREE_SIZES = _sizes(16, 3, "auto")
_OPTIONS: Mapping[str, Mapping[str, Check]] = {
    "dall-e-2": _old(10, choice(*_SQUARES), "standard"),
    "dall-e-3": {**_old(1, choice("1024x1024", "1792x1024", "1024x1792"), "standard", "hd"), **_STYLE},
    "gpt-image-1": _gpt(_STANDARD_SIZES),
    "gpt-image-2": _gpt(_FREE_SIZES),
    "gpt-image-2.5": _gpt(_FREE_SIZES, "xhigh", "max"),
    "any": _ANY,
}
_LONGEST_PROMPT = {"dall-e-2": 1000, "dall-e-3": 4000}
_USUAL_LONGEST_PROMPT = 32_000
_VARIATION = record(
    {"model": text()},
    {
        **_RESPONSE_FORMAT,
        "n": nullable(integer(1, 10)),
        "size": nullable(choice(*_SQUARES)),
        "user": text(),
    },
)


def family_of(model: str) -> str:
    """Name the models that accept the same: one of OpenAI's families, or ``any``."""
    if model in ("dall-e-2", "dall-e-3"):
        return model
    if re.match(r"gpt-image-2\.[5-9]", model):
        return "gpt-image-2.5"
    if model.startswith("gpt-image-2"):
        return "gpt-image-2"
    return "gpt-image-1" if model.startswith(("gpt-image-1", "chatgpt-image")) else "any"


def check_generation(body: Mapping[str, Any]) -> None:
    """Check a request for images from a text.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    family = _family(body)
    _record(family, _MODERATION if family.startswith("gpt") else {})(body, "")
    _check_together(body)


def check_edit(body: Mapping[str, Any], images: int, overlays: int, *, as_json: bool) -> None:
    """Check a request to edit images, without the images themselves.

    Args:
        body: Everything but the images.
        images: How many there are.
        overlays: How many masks and markups there are.
        as_json: Whether it came as JSON.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    family = _family(body)
    if family == "dall-e-3" or (family == "dall-e-2" and as_json):
        raise _wrong_model(body)
    more = {**_FIDELITY, **(_MODERATION if as_json else {})} if family.startswith("gpt") else {}
    _record(family, more)(body, "")
    _check_together(body)
    _check_fidelity(body)
    if images > (1 if family == "dall-e-2" else 16):
        refuse("image", f"Too many images: {images}.")
    if overlays > 1:
        refuse("markup", "'markup' cannot be combined with 'mask'.")
    if overlays and body.get("output_format") == "gif":
        refuse("mask", "Masks are not supported for the output format 'gif'.")


def check_variation(body: Mapping[str, Any]) -> None:
    """Check a request for variations, without the image itself.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    if _family(body) not in ("dall-e-2", "any"):
        raise _wrong_model(body)
    _VARIATION(body, "")


def _family(body: Mapping[str, Any]) -> str:
    model = body.get("model")
    if model is None:
        message = "Missing required parameter: 'model'."
        raise RefusalError(message, code="missing_required_parameter", param="model")
    text()(model, "model")
    return family_of(model)


def _record(family: str, more: Mapping[str, Check]) -> Check:
    prompt = text(_LONGEST_PROMPT.get(family, _USUAL_LONGEST_PROMPT))
    return record({"model": text(), "prompt": prompt}, {**_OPTIONS[family], **more})


def _wrong_model(body: Mapping[str, Any]) -> RefusalError:
    message = f"Invalid value: '{body['model']}'. This model cannot be used at this address."
    return RefusalError(message, code="invalid_value", param="model")


def _check_together(body: Mapping[str, Any]) -> None:
    """Check what depends on other parameters."""
    form = body.get("output_format") or "png"
    if not body["prompt"]:
        refuse("prompt", "The prompt must not be empty.")
    if body.get("partial_images") is not None and not body.get("stream"):
        refuse("partial_images", "'partial_images' is only allowed when 'stream' is enabled.")
    if body.get("output_compression") is not None and form not in ("jpeg", "webp"):
        refuse("output_compression", f"Compression is not supported for the output format '{form}'.")
    if body.get("background") == "transparent" and form not in ("png", "webp"):
        refuse("background", f"Transparent background is not supported for the output format '{form}'.")
    if form in ("gif", "svg") and body.get("stream"):
        refuse("stream", f"Streaming is not supported for the output format '{form}'.")
    if form == "svg" and (body.get("n") or 1) > 1:
        refuse("n", "The output format 'svg' requires n=1.")
    for name, wanted in (("frame_count", "gif"), ("frame_duration_ms", "gif"), ("svg", "svg")):
        if body.get(name) is not None and form != wanted:
            refuse(name, f"'{name}' is only allowed when 'output_format' is '{wanted}'.")


def _check_fidelity(body: Mapping[str, Any]) -> None:
    wanted, model = body.get("input_fidelity"), body["model"]
    if wanted is None:
        return
    if family_of(model).startswith("gpt-image-2"):
        message = f"The model '{model}' does not support the 'input_fidelity' parameter."
        raise RefusalError(message, code="invalid_input_fidelity_model", param="input_fidelity")
    if model.startswith("gpt-image-1-mini") and wanted == "high":
        message = f"Invalid value: '{wanted}'. The model '{model}' supports only the input_fidelity 'low'."
        raise RefusalError(message, code="invalid_value", param="input_fidelity")
