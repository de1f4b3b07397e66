"""The form of Generate Images, as it is shown."""

from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import Host
from jackfield.testing import Replay

MODULE = "openai.generate_images"
ALL_QUALITIES = ["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"]


def _choices(host: Host, field: str, values: Mapping[str, object]) -> list[object]:
    slot = host.module(MODULE).form_for(values).slot(field)
    assert slot is not None
    word: Any = slot.word
    return [choice.value for choice in word.choices]


@pytest.mark.parametrize(
    ("model", "qualities"),
    [
        ("gpt-image-1.5", ["auto", "low", "medium", "high"]),
        ("gpt-image-2.5-flare-2026-09-08", ["auto", "low", "medium", "high", "xhigh", "max"]),
        ("dall-e-3", ["standard", "hd"]),
        ("dall-e-2", ["standard"]),
        ("gpt-image-7", ALL_QUALITIES),
        ("flux", ALL_QUALITIES),
        (7, ALL_QUALITIES),
    ],
)
def test_each_model_is_offered_what_it_takes(host: Host, model: object, qualities: list[str]) -> None:
    """A model that nobody knows, everything."""
    assert _choices(host, "quality", {"model": model}) == qualities


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({}, set()),
        ({"model": "flux"}, set()),
        (
            {"model": "gpt-image-2"},
            {"response_format", "output_compression", "frame_count", "frame_duration_ms", "svg"},
        ),
        (
            {"model": "gpt-image-2", "output_format": "webp"},
            {"response_format", "frame_count", "frame_duration_ms", "svg"},
        ),
        (
            {"model": "gpt-image-2", "output_format": "gif"},
            {"response_format", "output_compression", "partial_images", "svg"},
        ),
        (
            {"model": "dall-e-3"},
            {
                "background",
                "complexity",
                "frame_count",
                "frame_duration_ms",
                "output_compression",
                "output_format",
                "partial_images",
                "safety_identifier",
                "svg",
            },
        ),
    ],
)
def test_what_a_model_refuses_is_not_shown(host: Host, values: dict[str, object], hidden: set[str]) -> None:
    """Nor what goes with another format only."""
    handle = host.module(MODULE)
    declared = {slot.key for slot in handle.form.slots}

    assert declared - {slot.key for slot in handle.form_for(values).slots} == hidden


def test_bounds_and_backgrounds_fit_the_model_and_the_format(host: Host) -> None:
    """DALL-E 3 makes one image; a JPEG cannot be transparent."""
    slot = host.module(MODULE).form_for({"model": "dall-e-3"}).slot("n")
    jpeg = {"model": "gpt-image-2", "output_format": "jpeg"}

    assert slot is not None
    assert getattr(slot.word, "maximum", None) == 1
    assert _choices(host, "background", jpeg) == ["auto", "opaque"]
    assert _choices(host, "background", {"model": "gpt-image-2"}) == ["auto", "opaque", "transparent"]


def test_models_that_make_images_are_offered_first(host: Host, replay: Replay) -> None:
    """At OpenAI; none is hidden."""
    names = ["gpt-6-sol", "gpt-image-2", "tts-1", "dall-e-3"]
    replay.reply({"data": [{"id": name} for name in names]})

    offered = host.choices(MODULE, "model", connection={"api_key": "sk-canary"})

    assert [choice.value for choice in offered] == ["gpt-image-2", "dall-e-3", "gpt-6-sol", "tts-1"]


def test_other_servers_keep_their_order(host: Host, replay: Replay) -> None:
    """There a name may mean anything."""
    names = ["flux", "gpt-image-2", "llama"]
    replay.reply({"data": [{"id": name} for name in names]})

    offered = host.choices(MODULE, "model", connection={"base_url": "http://localhost:1/v1"})

    assert [choice.value for choice in offered] == names


@pytest.mark.parametrize("alias", ["openai-gpt-3:GenerateImage", "openai-gpt-3:editImage"])
def test_it_answers_to_the_names_that_imported_scenarios_have(host: Host, alias: str) -> None:
    """So their modules are found."""
    assert alias in host.module(MODULE).aliases
