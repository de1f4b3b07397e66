"""What OpenAI's image models refuse: the data, and what is read from it."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from jackfield_openai.image_heads import ImageFacts, ImageHead
from jackfield_openai.model_rules import IMAGES, claims_about, family_of, model_rules

RULES = model_rules(IMAGES)
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "image-models.md"
PARAMETERS = {
    "background",
    "complexity",
    "frame_count",
    "frame_duration_ms",
    "image",
    "input_fidelity",
    "markup",
    "mask",
    "moderation",
    "n",
    "output_compression",
    "output_format",
    "partial_images",
    "prompt",
    "quality",
    "response_format",
    "safety_identifier",
    "size",
    "stream",
    "style",
    "svg",
}
"""Of /images/generations and /images/edits (openai-python 3.57.0), without ``model`` and ``user``."""


def _refused(family: str, parameter: str, **body: Any) -> str:
    found = [claim.refused(parameter, body) for claim in claims_about(family, IMAGES).get(parameter, ())]
    return next(filter(None, found), "")


def test_every_claim_has_a_source_that_is_told() -> None:
    """A source says what it is, where it is and when it was read; none is there for nothing."""
    used = {source for claim in RULES.claims for source in claim.sources}

    assert used == set(RULES.sources)
    assert all(claim.sources for claim in RULES.claims)
    assert all({"kind", "where", "read"} <= source.keys() for source in RULES.sources.values())


def test_every_claim_is_about_families_and_parameters_that_there_are() -> None:
    """A name that is spelt wrong would never match anything."""
    assert {family for claim in RULES.claims for family in claim.families} <= set(RULES.families)
    assert {name for claim in RULES.claims for name in (*claim.parameters, *claim.unless)} <= PARAMETERS


def test_no_word_of_the_file_is_overlooked() -> None:
    """Whatever a claim says there is an attribute here."""
    said = json.loads((files("jackfield_openai") / "image_rules.json").read_text(encoding="utf-8"))

    assert {name for families in said["groups"].values() for name in families} <= set(said["families"])
    assert {claim.get("leave_out", "adapt") for claim in said["claims"]} == {"adapt", "always"}


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("dall-e-2", "dall-e-2"),
        ("gpt-image-1", "gpt-image-1"),
        ("gpt-image-1-mini", "gpt-image-1-mini"),
        ("chatgpt-image-latest", "chatgpt-image"),
        ("gpt-image-2-2026-04-21", "gpt-image-2"),
        ("gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2.5"),
        ("GPT-Image-2.6-Flare", "gpt-image-2.6"),
        ("gpt-image-3", None),
        ("stand-in-image", None),
    ],
)
def test_a_model_belongs_to_a_family_or_is_unknown(model: str, family: str | None) -> None:
    """Dated ones to that of their model; nothing is guessed."""
    assert family_of(model, IMAGES) == family


@pytest.mark.parametrize(
    ("family", "parameter", "body", "refused"),
    [
        ("gpt-image-2", "response_format", {"response_format": "url"}, "it"),
        ("dall-e-3", "response_format", {"response_format": "url"}, ""),
        ("gpt-image-1", "style", {"style": "vivid"}, "it"),
        ("dall-e-3", "style", {"style": "vivid"}, ""),
        ("dall-e-2", "background", {"background": "auto"}, "it"),
        ("dall-e-2", "size", {"size": "1792x1024"}, "all but 256x256 or 512x512 or 1024x1024"),
        ("gpt-image-1.5", "size", {"size": "1536x864"}, "all but auto or 1024x1024 or 1536x1024 or 1024x1536"),
        ("gpt-image-2", "size", {"size": "1536x864"}, ""),
        ("gpt-image-2", "size", {"size": "3840x2160"}, ""),
        ("gpt-image-2", "size", {"size": "2160x3840"}, ""),
        ("gpt-image-2", "size", {"size": "auto"}, ""),
        ("gpt-image-2", "size", {"size": "1000x1000"}, "sizes whose edges are no multiples of 16"),
        ("gpt-image-2", "size", {"size": "512x2048"}, "sizes whose longer edge is more than 3 times the shorter"),
        ("gpt-image-2.5", "size", {"size": "3840x2176"}, "sizes of more than 3840x2160 pixels"),
        ("gpt-image-2.5", "size", {"size": "big"}, "sizes that are not written as 1536x864"),
        ("gpt-image-2.6", "size", {"size": "1x1"}, ""),
        ("gpt-image-2", "quality", {"quality": "max"}, "all but auto or low or medium or high"),
        ("gpt-image-2.5", "quality", {"quality": "max"}, ""),
        ("dall-e-3", "n", {"n": 2}, "more than 1"),
        ("gpt-image-2", "n", {"n": 2}, ""),
        ("gpt-image-2", "n", {"n": 2, "output_format": "svg"}, "more than 1"),
        ("dall-e-2", "prompt", {"prompt": "x" * 1001}, "more than 1000 characters"),
        ("dall-e-3", "prompt", {"prompt": "x" * 4000}, ""),
        ("gpt-image-2", "prompt", {"prompt": "x" * 32001}, "more than 32000 characters"),
        ("gpt-image-2", "output_compression", {"output_compression": 9}, "it"),
        ("gpt-image-2", "output_compression", {"output_compression": 9, "output_format": "webp"}, ""),
        ("gpt-image-2", "background", {"background": "transparent", "output_format": "jpeg"}, "all but auto or opaque"),
        ("gpt-image-2", "background", {"background": "transparent"}, ""),
        ("gpt-image-2", "frame_count", {"frame_count": 2}, "it"),
        ("gpt-image-2", "stream", {"stream": True, "output_format": "gif"}, "it"),
        ("gpt-image-2", "stream", {"stream": True}, ""),
        ("dall-e-3", "stream", {"stream": True}, "it"),
        ("gpt-image-2", "input_fidelity", {"input_fidelity": "low"}, "it"),
        ("gpt-image-1-mini", "input_fidelity", {"input_fidelity": "high"}, "all but low"),
        ("gpt-image-1.5", "input_fidelity", {"input_fidelity": "high"}, ""),
    ],
)
def test_the_rules_say_what_each_model_refuses(family: str, parameter: str, body: dict[str, Any], refused: str) -> None:
    """In words that stand after: these models refuse."""
    assert _refused(family, parameter, **body) == refused


def _facts(
    media_type: str = "image/png", width: int = 64, height: int = 64, size: int = 9, *, alpha: bool = False
) -> ImageFacts:
    head = ImageHead(media_type=media_type, width=width, height=height, has_alpha=alpha)
    return ImageFacts(head=head, size=size, over=ImageHead(media_type="image/png", width=64, height=64))


@pytest.mark.parametrize(
    ("family", "parameter", "images", "refused"),
    [
        ("gpt-image-2", "image", [_facts("image/webp", 31, 57)] * 16, ""),
        ("gpt-image-2", "image", [_facts()] * 17, "more than 16 images"),
        ("gpt-image-2", "image", [_facts(), _facts("image/gif")], "GIF images here; they take PNG or JPEG or WEBP"),
        ("gpt-image-2", "image", [_facts(size=50 << 20)], "images of 50 MB and more"),
        ("gpt-image-2", "image", [ImageFacts(head=None)], "files that are no PNG or JPEG or WEBP"),
        ("dall-e-2", "image", [_facts()], ""),
        ("dall-e-2", "image", [_facts()] * 2, "more than 1 image"),
        ("dall-e-2", "image", [_facts("image/jpeg")], "JPEG images here; they take PNG"),
        ("dall-e-2", "image", [_facts(width=32)], "images that are not square, as this one of 32x64"),
        ("dall-e-3", "image", [_facts()], "it"),
        ("gpt-image-2", "mask", [_facts(alpha=True)], ""),
        ("gpt-image-2", "mask", [_facts()], "images without transparency here"),
        ("gpt-image-2", "mask", [_facts(width=32, alpha=True)], "one of 32x64 over an image of 64x64"),
        ("gpt-image-2", "mask", [_facts(size=4 << 20, alpha=True)], "images of 4 MB and more"),
        ("gpt-image-2", "markup", [_facts(alpha=True)], "it"),
        ("gpt-image-2.5", "markup", [_facts(alpha=True)], ""),
        ("gpt-image-2.5", "markup", [_facts()], "images without transparency here"),
    ],
)
def test_the_rules_know_what_images_each_model_takes(
    family: str, parameter: str, images: list[ImageFacts], refused: str
) -> None:
    """By what the files are, whatever they are called."""
    assert _refused(family, parameter, **{parameter: images}) == refused


def _accepted(family: str, parameter: str) -> list[object]:
    return [value for claim in claims_about(family, IMAGES).get(parameter, ()) for value in claim.accepts]


def test_the_page_says_what_the_file_says() -> None:
    """The table in docs/explanation/image-models.md: sizes, qualities, and what is refused as a whole."""
    rows = re.findall(r"^\| `([\w.-]+)` \| (.*) \| (.*) \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {family: [re.findall(r"`([\w-]+)`", cell) for cell in cells] for family, *cells in rows}

    outright = {
        family: [
            name
            for name, claims in claims_about(family, IMAGES).items()
            if any(not (claim.accepts or claim.limit or claim.unless) for claim in claims)
        ]
        for family in RULES.families
    }
    assert set(told) == set(RULES.families)
    for family, (sizes, qualities, refused) in told.items():
        assert sizes == _accepted(family, "size")
        assert qualities == _accepted(family, "quality")
        assert set(refused) == set(outright[family])
