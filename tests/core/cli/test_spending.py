"""What runs use is said, and kept within a budget."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]
Screen = Callable[..., str]

STORY = ("module", "run", "station.tell_story", "voice=x")
EACH = ("module", "run", "station.tell_story", "--each", "--input")
TOLD = b"data: Once\n\ndata:  upon\n\ndata: [DONE]\n\n"
PRICES = {"currency": "EUR", "prices": [{"module": "station.*", "call": "0.10"}]}


def story(service: Any) -> None:
    """Have the service tell a story of two words, which the module counts as two tokens."""
    service.replies(TOLD, kind="text/event-stream")


def read(out: str) -> list[Any]:
    """Read JSON Lines."""
    return [json.loads(line) for line in out.splitlines()]


def test_a_budget_of_calls_stops_in_time(jack: Jack, service: Any, write: Any) -> None:
    """What was done is printed; the line that was refused says so, and nothing after it is tried."""
    story(service)
    file = write("in.jsonl", '{"voice": "x"}\n' * 20)

    code, out, err = jack(*EACH, file, "--budget-calls", "3", "--concurrency", "1")

    lines = read(out)
    assert code == 1
    assert [line.get("words") for line in lines[:3]] == [2, 2, 2]
    assert {line["error"]["type"] for line in lines[3:]} == {"BudgetError"}
    assert lines[3]["error"] == {
        "type": "BudgetError",
        "message": "station.tell_story: 0 calls of the budget of 3 calls are left.",
        "line": 4,
        "budget": "calls",
        "maximum": 3,
        "spent": 3,
        "needed": 1,
        "hint": "Raise the budget, or ask for less: fewer or shorter answers.",
    }
    assert len(lines) < 20
    assert len(service.requests) == 3
    last = len(lines)
    # How many were under way when the first was refused is up to the threads: one, or two.
    were, theirs = ("1 was", "its line has") if last == 4 else (f"{last - 3} were", "their lines have")
    assert err.splitlines() == [
        f'stopped: the budget does not last; {were} not sent, and {theirs} an "error".',
        f"next: raise the budget, and add --from-line 4 to the same command; no line after {last} was tried.",
        f'error: {last - 3} of {last} failed; {theirs} an "error".',
        "used: 3 calls, 6 tokens",
    ]


def test_what_was_tried_after_a_refused_line_is_not_done_twice(jack: Jack, service: Any, write: Any) -> None:
    """A line to go on from is told only if nothing but refused lines comes after it; threads decide which."""
    story(service)
    file = write("in.jsonl", '{"voice": "x"}\n{"voice": "x"}\nno JSON\n' * 4)

    code, out, err = jack(*EACH, file, "--budget-calls", "2", "--concurrency", "4")

    refused = [line.get("error", {}).get("type") == "BudgetError" for line in read(out)]
    first = refused.index(True)
    assert code == 1
    said = err.splitlines()[1]
    assert said.startswith("next: raise the budget, and ")
    assert (f"add --from-line {first + 1} to the same command" in said) == all(refused[first:])
    assert ("run these lines again" in said) == (not all(refused[first:]))


def test_a_budget_of_tokens_stops_in_time(jack: Jack, service: Any, write: Any) -> None:
    """A module that foresees nothing is taken to need as much as it did before."""
    story(service)
    file = write("in.jsonl", '{"voice": "x"}\n' * 4)

    code, out, err = jack(*EACH, file, "--budget-tokens", "5", "--concurrency", "1")

    lines = read(out)
    assert code == 1
    assert [line.get("words") for line in lines[:2]] == [2, 2]
    assert lines[2]["error"]["message"] == (
        "station.tell_story: this run could use 2 tokens, and 1 token of the budget of 5 tokens is left."
    )
    assert err.splitlines()[-1] == "used: 2 calls, 4 tokens"


def test_a_budget_of_money_goes_by_the_users_prices(jack: Jack, service: Any, write: Any) -> None:
    """Which the setting run.prices names."""
    story(service)
    jack("config", "set", "run.prices", write("prices.json", json.dumps(PRICES)))
    file = write("in.jsonl", '{"voice": "x"}\n' * 4)

    code, out, err = jack(*EACH, file, "--budget-money", "0.25", "--concurrency", "1")

    assert code == 1
    assert [line.get("words") for line in read(out)[:2]] == [2, 2]
    assert read(out)[2]["error"]["maximum"] == "0.25"
    assert err.splitlines()[-1] == "used: 2 calls, 4 tokens, 0.20 EUR"


def test_a_single_run_has_a_budget_too(jack: Jack, service: Any) -> None:
    """It is refused before anything is sent."""
    code, said = jack(*STORY, "--budget-calls", "0").failure()

    assert code == 5
    assert said[0] == "error: station.tell_story: 0 calls of the budget of 0 calls are left."
    assert service.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--budget-money", "5"], "--budget-money needs prices: `jackfield config set run.prices FILE`"),
        (["--budget-money", "much"], "must be an amount such as 2.50, in the currency of the prices"),
        (["--budget-tokens", "-1"], "-1 is not in the range x>=0"),
    ],
    ids=["no prices", "no amount", "below zero"],
)
def test_a_budget_that_cannot_be_used(jack: Jack, arguments: list[str], message: str) -> None:
    """Exit code 2, before anything is sent."""
    code, said = jack(*STORY, *arguments).failure()

    assert code == 2
    assert message in said[0]


def test_prices_that_cannot_be_used_are_told(jack: Jack, write: Any) -> None:
    """With their place, before anything is sent."""
    jack("config", "set", "run.prices", write("prices.json", '{"currency": "EUR", "prices": [{"images": "-1"}]}'))

    code, said = jack(*STORY).failure()

    assert code == 3
    assert "$.prices[0].images" in "\n".join(said)


def test_prices_that_are_gone_stop_only_what_needs_them(jack: Jack, write: Any) -> None:
    """Whether the file is there is asked by a run, as its content is."""
    file = write("prices.json", json.dumps(PRICES))
    jack("config", "set", "run.prices", file)
    Path(file).unlink()

    code, said = jack(*STORY).failure()

    assert jack("module", "list").code == 0
    assert jack("config", "get", "run.prices").out == f"{file}\n"
    assert code == 3
    assert said[0].startswith(f"error: The prices cannot be read from {file}: ")
    assert said[-1] == "next: `jackfield config unset run.prices` goes on without prices."


def test_a_single_line_that_was_not_sent_is_one(jack: Jack, service: Any, write: Any) -> None:
    """Numbers and words agree."""
    story(service)

    _, _, err = jack(*EACH, write("in.jsonl", '{"voice": "x"}\n'), "--budget-calls", "0")

    assert err.splitlines()[0] == 'stopped: the budget does not last; 1 was not sent, and its line has an "error".'
    assert 'error: 1 of 1 failed; its line has an "error".' in err.splitlines()


def test_a_terminal_shows_what_a_run_used(screen: Screen, jack: Jack, service: Any, write: Any) -> None:
    """Below its output; of many runs the sum."""
    story(service)
    jack("config", "set", "run.prices", write("prices.json", json.dumps(PRICES)))

    one = screen(*STORY)
    many = screen(*EACH, write("in.jsonl", '{"voice": "x"}\n' * 3))

    assert ", 2 tokens, 0.10 EUR" in one
    assert many.splitlines()[-1] == "used: 3 calls, 6 tokens, 0.30 EUR"
