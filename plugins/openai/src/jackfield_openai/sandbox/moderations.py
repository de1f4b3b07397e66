"""What the stand-in answers at /moderations: a text falls into a category whose name it says, and nothing else does.

Names and types: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.image_heads import read_head
from jackfield_openai.sandbox.checks import array, either, record, tagged, text
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.sampling_rules import refuse
from jackfield_openai.sandbox.words import digest_of, text_of

__all__ = ["answer_moderation"]

_USUAL_MODEL = "omni-moderation-latest"
_CATEGORIES: Mapping[str, Sequence[str]] = {
    "harassment": ("text",),
    "harassment/threatening": ("text",),
    "sexual": ("text", "image"),
    "hate": ("text",),
    "hate/threatening": ("text",),
    "illicit": ("text",),
    "illicit/violent": ("text",),
    "self-harm/intent": ("text", "image"),
    "self-harm/instructions": ("text", "image"),
    "self-harm": ("text", "image"),
    "sexual/minors": ("text",),
    "violence": ("text", "image"),
    "violence/graphic": ("text", "image"),
}
"""What each can be about."""

_PART = tagged(
    "type",
    {
        "text": record({"type": text(), "text": text()}),
        "image_url": record({"type": text(), "image_url": record({"url": text()})}),
    },
)
_MODERATION = record(
    {"input": either({str: text(), list: array(either({str: text(), dict: _PART}), 1)})}, {"model": text()}
)


def answer_moderation(body: Mapping[str, Any], orders: Orders) -> dict[str, Any]:
    """Judge each text by itself, or parts together.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    _MODERATION(body, "")
    model, given = body.get("model", _USUAL_MODEL), body["input"]
    parts: list[Any] = [given] if isinstance(given, str) else given
    if len({type(part) for part in parts}) > 1:
        refuse("input", "'input' must be a string, all strings, or all objects.")
    images = [part["image_url"]["url"] for part in parts if isinstance(part, dict) and part["type"] == "image_url"]
    if images and model.startswith("text-"):
        refuse("input", f"The model '{model}' does not look at images.")
    for url in images:
        _check_image(url)
    together = isinstance(parts[0], dict)
    texts = [text_of(parts)] if together else parts
    kinds = {part["type"].removesuffix("_url") for part in parts} if together else {"text"}
    return {
        "id": f"modr-{digest_of(body)}",
        "model": model,
        "results": [_judged(said, kinds, flag=orders.refuse) for said in texts],
    }


def _check_image(url: str) -> None:
    head, _, encoded = url.partition(",")
    if not url.startswith(("https://", "http://", "data:image/")):
        refuse("input", "Invalid image URL: expected a URL with scheme https or data.")
    try:
        is_image = not url.startswith("data:") or (head.endswith(";base64") and read_head(base64.b64decode(encoded)))
    except ValueError:
        is_image = False
    if not is_image:
        refuse("input", "Invalid base64 image data.")


def _judged(said: str, kinds: set[str], *, flag: bool) -> dict[str, Any]:
    found = {name: name in said.lower() for name in _CATEGORIES}
    if flag:
        found["violence"] = True
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {name: 0.99 if is_so else 0.001 for name, is_so in found.items()},
        "category_applied_input_types": {
            name: [kind for kind in about if kind in kinds] for name, about in _CATEGORIES.items()
        },
    }
