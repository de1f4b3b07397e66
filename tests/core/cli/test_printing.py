"""What a module prints is no data."""

import json
from collections.abc import Callable
from typing import Any

Jack = Callable[..., Any]

NOISY = """
from collections.abc import Generator

from attrs import frozen
from jackfield import Context, Effect, module

print("noise at the import")


@frozen(kw_only=True)
class Nothing:
    pass


@frozen(kw_only=True)
class Made:
    count: int


@module(label="Make Noise", effect=Effect.READ)
def make_noise(form: Nothing, context: Context) -> Generator[Made, None, Made]:
    print("noise of the run")
    yield Made(count=1)
    return Made(count=2)
"""


def test_what_a_module_prints_goes_to_stderr(jack: Jack, place: Any) -> None:
    """So that the JSON is JSON, whole or in pieces; and the user sees it."""
    place.install("noisy", "[jackfield.modules]\nnoisy.make_noise = noisy:make_noise\n")
    place.write("noisy.py", NOISY)

    whole = jack("module", "run", "noisy.make_noise", "-o", "json")
    pieces = jack("module", "run", "noisy.make_noise", "--stream", "-o", "jsonl")

    assert json.loads(whole.out) == {"count": 2}
    assert "noise at the import" in whole.err
    assert "noise of the run" in whole.err
    assert json.loads(pieces.out.splitlines()[0]) == {"count": 1}
    assert "noise of the run" in pieces.err
