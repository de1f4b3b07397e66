"""A request for images, checked, and the answer to it: pictures that are the same for the same request."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield_openai.sandbox.image_inputs import ImageInput
from jackfield_openai.sandbox.image_rules import family_of
from jackfield_openai.sandbox.pictures import Picture, as_file, as_film, draw
from jackfield_openai.sandbox.words import CREATED, tokens_of

__all__ = ["Drawing", "Keep"]

_FRAMES, _FRAME_MS = 9, 200
_TOKENS = {"low": 272, "medium": 1056, "high": 4160, "xhigh": 8320, "max": 16_640}
"""Of a square of 1024 pixels; low to high as in OpenAI's guide of 2026."""
_SQUARE_PIXELS = 1024 * 1024
_TOKENS_PER_PARTIAL = 100
_PATCH = 32
"""Pixels on a side of what counts as one token of an image that is given."""

Keep = Callable[[bytes, str], str]
"""Keeps a file and says at which address."""


@frozen(kw_only=True)
class Drawing:
    """What is to be drawn, after everything was checked.

    Attributes:
        action: ``picture``, ``edit`` or ``variation``.
        values: The parameters.
        images: What was given to draw from.
    """

    action: str
    values: Mapping[str, Any]
    images: Sequence[ImageInput] = field(factory=list)

    @property
    def streams(self) -> bool:
        """Whether it is wanted in pieces."""
        return bool(self.values.get("stream"))

    def answer(self, keep: Keep) -> dict[str, Any]:
        """Give the whole answer."""
        data = [self._entry(index, keep) for index in range(self._count)]
        answer = {"created": CREATED, "data": data}
        if self._is_old:
            return answer
        said: dict[str, Any] = {**self._settings, "background": self._background}
        if (self.values.get("svg") or {}).get("model"):
            said["svg_usage"] = self._svg_usage()
        return {**answer, **said, **self._identified, "usage": self._usage(self._count, 0)}

    def events(self) -> Iterator[dict[str, Any]]:
        """Give the events of a stream: of each image what is known of it so far, then the whole."""
        name = "image_edit" if self.action == "edit" else "image_generation"
        partials = self.values.get("partial_images") or 0
        for index in range(self._count):
            said = {"created_at": CREATED, **self._settings, "background": self._background}
            picture = self._picture(index, 0)
            for number in range(partials):
                known = self._encoded(picture.coarse(2 ** (4 - number)))
                yield {
                    "type": f"{name}.partial_image",
                    "b64_json": _base64(known),
                    "partial_image_index": number,
                    **said,
                }
            whole = {"type": f"{name}.completed", "b64_json": _base64(self._encoded(picture)), **said}
            yield {**whole, **self._identified, "usage": self._usage(1, partials)}

    @property
    def _count(self) -> int:
        return self.values.get("n") or 1

    @property
    def _is_old(self) -> bool:
        return family_of(self.values["model"]).startswith("dall-e") or self.action == "variation"

    @property
    def _format(self) -> str:
        return self.values.get("output_format") or "png"

    @property
    def _background(self) -> str:
        return "transparent" if self.values.get("background") == "transparent" else "opaque"

    @property
    def _size(self) -> tuple[int, int]:
        size = self.values.get("size") or "auto"
        width, _, height = ("1024x1024" if size == "auto" else size).partition("x")
        return int(width), int(height)

    @property
    def _settings(self) -> dict[str, str]:
        quality = self.values.get("quality") or "auto"
        width, height = self._size
        return {
            "output_format": self._format,
            "quality": quality if quality in _TOKENS else "medium",
            "size": f"{width}x{height}",
        }

    @property
    def _identified(self) -> dict[str, str]:
        who = self.values.get("safety_identifier") or self.values.get("user")
        return {"safety_identifier": who} if who else {}

    def _entry(self, index: int, keep: Keep) -> dict[str, str]:
        data = self._file(index)
        wanted = self.values.get("response_format") or ("url" if self._is_old else "b64_json")
        entry = {"url": keep(data, self._format)} if wanted == "url" else {"b64_json": _base64(data)}
        if self.values["model"] == "dall-e-3":
            entry["revised_prompt"] = f"A landscape with hills and a sun, for the words: {self.values['prompt']}"
        return entry

    def _file(self, index: int) -> bytes:
        if self._format == "gif":
            count = self.values.get("frame_count") or _FRAMES
            frames = [self._picture(index, number / count) for number in range(count)]
            return as_film(frames, self.values.get("frame_duration_ms") or _FRAME_MS)
        return self._encoded(self._picture(index, 0))

    def _encoded(self, picture: Picture) -> bytes:
        compression = self.values.get("output_compression")
        return as_file(picture, self._format, 100 if compression is None else compression)

    def _picture(self, index: int, moment: float) -> Picture:
        given = [hashlib.sha256(image.data).hexdigest() for image in self.images]
        prompt = self.values.get("prompt", "")
        seed = "\n".join([self.action, prompt, *given, self.values.get("style") or "", str(index)])
        lines = [f"Stand-in {self.action} {index + 1}", *_folded(prompt, self._size[0] // 35)]
        transparent = self._background == "transparent"
        return draw(seed, lines, self._size, transparent=transparent, moment=moment)

    def _usage(self, count: int, partials: int) -> dict[str, Any]:
        text = len(tokens_of(self.values.get("prompt", "")))
        seen = sum(-(-each.head.width // _PATCH) * -(-each.head.height // _PATCH) for each in self.images)
        width, height = self._size
        drawn = _TOKENS[self._settings["quality"]] * width * height // _SQUARE_PIXELS + partials * _TOKENS_PER_PARTIAL
        output = max(1, drawn) * count
        return {
            "input_tokens": text + seen,
            "output_tokens": output,
            "total_tokens": text + seen + output,
            "input_tokens_details": {"text_tokens": text, "image_tokens": seen},
            "output_tokens_details": {"text_tokens": 0, "image_tokens": output},
        }

    def _svg_usage(self) -> dict[str, Any]:
        text = len(tokens_of(self.values["prompt"]))
        return {
            "model": self.values["svg"]["model"],
            "input_tokens": text,
            "output_tokens": 2 * text,
            "reasoning_tokens": 0,
            "total_tokens": 3 * text,
        }


def _folded(text: str, width: int) -> list[str]:
    """Break a text into two lines at most."""
    words, lines = text.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:2]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
