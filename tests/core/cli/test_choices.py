"""``module choices``: what was asked for is kept for the commands that follow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]

VOICES = b'[{"id": "low", "label": "Deep"}, {"id": "high", "label": "Shrill"}]'
COMMAND = ("module", "choices", "station.tell_story", "voice")


@pytest.fixture
def asked(jack: Jack, service: Any) -> Any:
    """Have the list kept by an earlier command."""
    service.replies(VOICES)
    assert jack(*COMMAND).code == 0
    return service


def test_the_next_command_need_not_ask(spawn: Jack, asked: Any) -> None:
    """Typing one query after another is quick."""
    outcome = spawn(*COMMAND, "--query", "sh", "-o", "plain")

    assert outcome == (0, "high\n", "")
    assert len(asked.requests) == 1


def test_the_service_is_asked_if_the_user_wants_that(jack: Jack, asked: Any) -> None:
    """Whoever has just made a voice wants to see it."""
    asked.replies(b'[{"id": "new", "label": "New"}]')

    assert jack(*COMMAND, "--fresh", "-o", "plain").out == "new\n"


@pytest.mark.parametrize("form", ["table", "plain"])
def test_a_stale_list_says_so(jack: Jack, asked: Any, form: str) -> None:
    """On stderr: how old it is, and why it is not fresh."""
    asked.replies(b"{}", status="400 Bad Request", kind="text/html")
    assert jack(*COMMAND, "--fresh").code != 0  # a refusal is no absence

    asked.replies(b"<html>Log in to the hotel's network</html>", kind="text/html")
    outcome = jack(*COMMAND, "--fresh", "-o", form)

    assert outcome.code == 0
    assert "low" in outcome.out
    assert outcome.err.startswith("warning: this list is less than a minute old, since the service gives none now: ")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_program_reads_that_a_list_is_stale(jack: Jack, asked: Any, form: str) -> None:
    """A fresh one has neither of these keys."""
    fresh = jack(*COMMAND, "-o", form).out
    asked.replies(b"<html></html>", kind="text/html")
    stale = jack(*COMMAND, "--fresh", "-o", form).out

    rows = json.loads(stale) if form == "json" else [json.loads(line) for line in stale.splitlines()]
    assert [(row["value"], row["stale"], row["age_s"] < 60) for row in rows] == [
        ("low", True, True),
        ("high", True, True),
    ]
    assert "stale" not in fresh


@pytest.mark.parametrize(
    ("age_s", "said"), [(90, "1 minute old"), (7200, "2 hours old"), (86400 * 3 + 5, "3 days old")]
)
def test_the_age_is_told_as_people_tell_it(jack: Jack, asked: Any, tmp_path: Path, age_s: int, said: str) -> None:
    """Nobody counts days in seconds."""
    (path,) = (tmp_path / "home" / "cache" / "choices").glob("*.json")
    kept = json.loads(path.read_bytes())
    path.write_text(json.dumps({**kept, "asked_at": kept["asked_at"] - age_s}), encoding="utf-8")
    asked.replies(b"<html></html>", kind="text/html")

    assert f"this list is {said}" in jack(*COMMAND, "--fresh").err


def test_another_key_asks_for_itself(jack: Jack, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one account may use is not for another."""
    monkeypatch.setenv("STATION_API_KEY", "another-key")
    asked.replies(b'[{"id": "mine", "label": "Mine"}]')

    assert jack(*COMMAND, "-o", "plain").out == "mine\n"


def test_the_number_of_an_item_may_be_in_the_path(jack: Jack) -> None:
    """As it stands in the argument of a run."""
    with_number = jack("module", "choices", "openai.create_chat_completion", "messages.0.role", "-o", "plain")

    assert with_number == jack("module", "choices", "openai.create_chat_completion", "messages.role", "-o", "plain")
    assert (with_number.code, with_number.out.splitlines()[:2]) == (0, ["user", "assistant"])
