"""Limits in the rules about models: numbers, lengths, sizes of pictures, and the images that are given to a model.

A limit says in words what of a value is beyond it, as that stands after "these models refuse".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from jackfield_openai.image_heads import ImageFacts, ImageHead
from jackfield_openai.model_rules import Limit

__all__ = ["NumberLimit", "limit_of"]


@frozen(kw_only=True)
class NumberLimit:
    """A largest number."""

    most: float
    remedy: str = "lower it"

    def beyond(self, value: Any) -> str:
        """Say how many are too many."""
        return f"more than {self.most:g}" if value > self.most else ""


@frozen(kw_only=True)
class TextLimit:
    """A largest number of characters."""

    longest: int
    remedy: str = "shorten it"

    def beyond(self, value: Any) -> str:
        """Say how long is too long."""
        return f"more than {self.longest} characters" if len(value) > self.longest else ""


@frozen(kw_only=True)
class SizeLimit:
    """Sizes of a picture to be made, such as 1536x864.

    Attributes:
        step: Both edges are multiples of it.
        steepest: How many times the shorter edge goes into the longer at most.
        longest_edge: In pixels.
        most_pixels: Of the whole picture.
    """

    step: int
    steepest: int
    longest_edge: int
    most_pixels: int
    remedy: str = "take another size"

    def beyond(self, value: Any) -> str:
        """Say which rule a size breaks."""
        found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", str(value))
        if found is None:
            return "sizes that are not written as 1536x864"
        short, long = sorted(map(int, found.groups()))
        if short % self.step or long % self.step:
            return f"sizes whose edges are no multiples of {self.step}"
        if long > self.steepest * short:
            return f"sizes whose longer edge is more than {self.steepest} times the shorter"
        if long > self.longest_edge or short * long > self.most_pixels:
            return f"sizes of more than {self.longest_edge}x{self.most_pixels // self.longest_edge} pixels"
        return ""


@frozen(kw_only=True)
class ImagesLimit:
    """Images that are given to a model.

    Attributes:
        most: How many.
        media_types: Of which formats.
        below_bytes: Each is smaller than this; 0 for any size.
        square: Whether they must be as wide as high.
        over: Whether they are laid over another, and so must have its size, and be transparent somewhere.
    """

    most: int
    media_types: Sequence[str]
    below_bytes: int = 0
    square: bool = False
    over: bool = False
    remedy: str = "give another file"

    def beyond(self, value: Sequence[ImageFacts]) -> str:
        """Say what is wrong with the first of the images that has something wrong."""
        if len(value) > self.most:
            return f"more than {self.most} image{'s' if self.most > 1 else ''}"
        return next((flaw for facts in value for flaw in self._flaws(facts)), "")

    def _flaws(self, facts: ImageFacts) -> Iterator[str]:
        formats = " or ".join(media_type.removeprefix("image/").upper() for media_type in self.media_types)
        if facts.head is None:
            yield f"files that are no {formats}"
            return
        if facts.head.media_type not in self.media_types:
            yield f"{facts.head.media_type.removeprefix('image/').upper()} images here; they take {formats}"
        if self.below_bytes and (facts.size or 0) >= self.below_bytes:
            yield f"images of {self.below_bytes // 1024**2} MB and more"
        yield from self._flaws_of_shape(facts.head, facts.over)

    def _flaws_of_shape(self, head: ImageHead, under: ImageHead | None) -> Iterator[str]:
        if self.square and head.width != head.height:
            yield f"images that are not square, as this one of {head.width}x{head.height}"
        if not self.over:
            return
        if not head.has_alpha:
            yield "images without transparency here"
        if under and under.width and (head.width, head.height) != (under.width, under.height):
            yield f"one of {head.width}x{head.height} over an image of {under.width}x{under.height}"


_KINDS: Mapping[str, type[Limit]] = {
    "number": NumberLimit,
    "text": TextLimit,
    "size": SizeLimit,
    "images": ImagesLimit,
}


def limit_of(said: Mapping[str, Any]) -> Limit:
    """Read a limit as the file says it."""
    return _KINDS[said["kind"]](**{name: value for name, value in said.items() if name != "kind"})
