"""Get Models, and what the field Model offers."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from jackfield import AnswerError, Choice, Host, InvalidInputError, NotFoundError
from jackfield.testing import Replay
from jackfield_openai.model_choices import is_cheap

MODULE = "openai.get_models"
CONNECTION = {"api_key": "k"}
MODELS = {
    "object": "list",
    "data": [
        {"id": "gpt-6-mini", "object": "model", "created": 1700000000, "owned_by": "system"},
        {"id": "whisper-9", "object": "model", "created": 1600000000, "owned_by": "openai-internal"},
        {
            "id": "gpt-old",
            "object": "model",
            "created": 1500000000,
            "owned_by": "System",
            "shutdown_date": "2027-01-14",
            "new": 1,
        },
    ],
}


def _ids(host: Host, replay: Replay, form: dict[str, object]) -> list[object]:
    replay.reply(MODELS)
    return [bundle["id"] for bundle in host.run(MODULE, form, connection=CONNECTION).bundles]


def test_a_list_has_a_bundle_for_each_model(host: Host, replay: Replay) -> None:
    """Dates are ISO 8601, and nothing that the service says is lost."""
    replay.reply(MODELS)

    result = host.run(MODULE, {}, connection=CONNECTION)

    assert len(result.bundles) == 3
    assert result.bundles[2] == {
        "id": "gpt-old",
        "object": "model",
        "created": "2017-07-14T02:40:00Z",
        "owned_by": "System",
        "shutdown_date": "2027-01-14",
        "new": 1,
    }
    assert "shutdown_date" not in result.bundles[0]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"action": "list"}, ["gpt-6-mini", "whisper-9", "gpt-old"]),
        ({"filter": "GPT"}, ["gpt-6-mini", "gpt-old"]),
        ({"filter": "nothing"}, []),
        ({"owner": "system"}, ["gpt-6-mini", "gpt-old"]),
        ({"sort": "id"}, ["gpt-6-mini", "gpt-old", "whisper-9"]),
        ({"sort": "oldest"}, ["gpt-old", "whisper-9", "gpt-6-mini"]),
        ({"sort": "newest", "limit": 1}, ["gpt-6-mini"]),
        ({"limit": 99}, ["gpt-6-mini", "whisper-9", "gpt-old"]),
    ],
)
def test_a_list_can_be_narrowed(host: Host, replay: Replay, form: dict[str, object], expected: list[str]) -> None:
    """By text, owner and number; sorted by id or age."""
    assert _ids(host, replay, form) == expected


@pytest.mark.parametrize("reply", [{"data": []}, {"data": None}])
def test_a_server_without_models_gives_an_empty_list(host: Host, replay: Replay, reply: object) -> None:
    """Which is no error."""
    replay.reply(reply)

    assert host.run(MODULE, {}, connection=CONNECTION).bundles == ()


@pytest.mark.parametrize("created", [None, 0, -5, 10**18])
def test_an_age_that_is_not_known_is_left_out(host: Host, replay: Replay, created: object) -> None:
    """Servers that do not know it send all kinds of numbers."""
    replay.reply({"data": [{"id": "m", "created": created}]})

    (bundle,) = host.run(MODULE, {}, connection=CONNECTION).bundles

    assert bundle == {"id": "m"}


@pytest.mark.parametrize("reply", [{}, [], {"data": [{}]}, {"data": "x"}])
def test_a_list_of_another_shape_is_an_error(host: Host, replay: Replay, reply: object) -> None:
    """Not an empty list."""
    replay.reply(reply)

    with pytest.raises(AnswerError):
        host.run(MODULE, {}, connection=CONNECTION)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gpt-6", "/v1/models/gpt-6"),
        ("ft:gpt-6:acme::abc", "/v1/models/ft:gpt-6:acme::abc"),
        ("org/name b", "/v1/models/org%2Fname%20b"),
        ("a?b#c", "/v1/models/a%3Fb%23c"),
    ],
)
def test_one_model_is_asked_for_by_its_id(host: Host, replay: Replay, model: str, path: str) -> None:
    """Whatever stands in an id stays one segment of the path."""
    replay.reply({"id": model, "object": "model", "created": 1700000000, "owned_by": "system"})

    result = host.run(MODULE, {"action": "retrieve", "model": model}, connection=CONNECTION)

    assert result.bundle["id"] == model
    assert replay.requests[0].url == f"https://api.openai.com{path}"


def test_a_model_that_does_not_exist_suggests_close_names(net_host: Host, account: Callable[..., Any]) -> None:
    """Over real HTTP."""
    with pytest.raises(NotFoundError) as caught:
        net_host.run(MODULE, {"action": "retrieve", "model": "stand-in-mimi"}, connection=account())

    assert caught.value.message.startswith("$.model")
    assert "stand-in-mini" in caught.value.hint


def test_a_model_with_no_like_says_how_to_see_all(net_host: Host, account: Callable[..., Any]) -> None:
    """There is always a next step."""
    with pytest.raises(NotFoundError) as caught:
        net_host.run(MODULE, {"action": "retrieve", "model": "zzz"}, connection=account())

    assert "list" in caught.value.hint


def test_a_server_that_only_lists_can_retrieve_too(host: Host, replay: Replay) -> None:
    """What is on its list is there."""
    replay.reply({"detail": "Not Found"}, status=404)
    replay.reply(MODELS)

    result = host.run(MODULE, {"action": "retrieve", "model": "gpt-old"}, connection=CONNECTION)

    assert result.bundle["shutdown_date"] == "2027-01-14"


@pytest.mark.parametrize(
    ("form", "paths"),
    [
        ({"action": "retrieve"}, ["$.model"]),
        ({"action": "retrieve", "model": ""}, ["$.model"]),
        ({"action": "retrieve", "model": "m", "filter": "x", "limit": 1}, ["$.filter", "$.limit"]),
        ({"action": "list", "model": "m"}, ["$.model"]),
        ({"action": "delete"}, ["$.action"]),
        ({"limit": 0}, ["$.limit"]),
        ({"sort": "price"}, ["$.sort"]),
    ],
)
def test_the_action_decides_which_fields_there_are(
    host: Host, replay: Replay, form: dict[str, object], paths: list[str]
) -> None:
    """A field that would have no effect is an error, not silence."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == paths
    assert not replay.requests


def _offered(host: Host, replay: Replay, connection: dict[str, object], query: str = "") -> Sequence[Choice]:
    replay.reply(MODELS)
    return host.choices("openai.create_chat_completion", "model", query=query, connection=connection)


def test_the_field_model_offers_what_the_service_lists(host: Host, replay: Replay) -> None:
    """On OpenAI's own service, what cannot chat stands last; nothing is hidden."""
    offered = _offered(host, replay, {"api_key": "k"})

    assert [choice.value for choice in offered] == ["gpt-6-mini", "gpt-old", "whisper-9"]


def test_a_completion_offers_what_completes_among_the_first(host: Host, replay: Replay) -> None:
    """Those that cannot chat and complete a prompt can do that module's job; an edit's, they cannot."""
    replay.reply({"data": [{"id": "whisper-9"}, {"id": "davinci-002"}, {"id": "gpt-6"}]})
    replay.reply({"data": [{"id": "whisper-9"}, {"id": "davinci-002"}, {"id": "gpt-6"}]})

    completing = host.choices("openai.create_completion", "model", connection=CONNECTION)
    editing = host.choices("openai.create_edit", "model", connection={"api_key": "k2"})

    assert [choice.value for choice in completing] == ["davinci-002", "gpt-6", "whisper-9"]
    assert [choice.value for choice in editing] == ["gpt-6", "whisper-9", "davinci-002"]


def test_its_labels_show_owner_and_shutdown(host: Host, replay: Replay) -> None:
    """So that nobody picks a model that is about to go."""
    offered = _offered(host, replay, {"api_key": "k"}, query="old")

    assert [choice.label for choice in offered] == ["gpt-old (by System, shuts down on 2027-01-14)"]


def test_other_servers_keep_their_order(host: Host, replay: Replay) -> None:
    """There a model called whisper may well chat."""
    offered = _offered(host, replay, {"base_url": "http://localhost:8000"})

    assert [choice.value for choice in offered] == ["gpt-6-mini", "whisper-9", "gpt-old"]


@pytest.mark.parametrize(
    ("model", "cheap"),
    [
        ("gpt-6-mini", True),
        ("gpt-6-nano-2026-01-01", True),
        ("ft:gpt-6-mini:acme::1", True),
        ("GPT-6-MINI", True),
        ("gpt-6", False),
        ("gpt-6-mini-tts", False),
        ("gpt-6-mini-transcribe", False),
    ],
)
def test_cheap_models_are_known_by_their_names(*, model: str, cheap: bool) -> None:
    """The demo takes one of these if there is one."""
    assert is_cheap(model) is cheap
