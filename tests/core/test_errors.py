import inspect
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield import errors
from jackfield.errors import InvalidInputError, JackfieldError, LimitError, Problem, UnknownModuleError

GIVEN = {
    "message": "what happened",
    "problems": [Problem(path="$.a", rule="required", message="is required")],
    "module_id": "openai.get_model",
    "suggestions": ("openai.get_models",),
    "status": 429,
    "sent": True,
    "limit": "max_body_bytes",
    "maximum": 33554432,
    "phase": "read",
    "deadline_s": 2.5,
    "tried": ("the environment: OPENAI_API_KEY is not set",),
    "distributions": ("jackfield-a", "jackfield-b"),
    "retry_after_s": 1.5,
    "hint": "do this next",
}


def _family(cls: type[JackfieldError], depth: int = 0) -> Iterator[tuple[int, type[JackfieldError]]]:
    yield depth, cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _family(child, depth + 1)


ALL = [cls for _, cls in _family(JackfieldError)]


def _make(cls: type[JackfieldError]) -> JackfieldError:
    arguments: dict[str, Any] = {name: GIVEN.get(name, f"some {name}") for name in inspect.signature(cls).parameters}
    return cls(**arguments)


class StrangerError(JackfieldError):
    """What a connector of somebody else may raise."""

    def __init__(self, first: int, /, second: int, *, third: int) -> None:
        super().__init__(f"{first} {second} {third}")
        self.total = first + second + third


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Whoever reads the docstring knows every class, and what is a kind of what."""
    drawn = re.findall(r"^([│ ├└─]*)(\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)

    assert [(len(branch) // 4, name) for branch, name in drawn] == [
        (depth, cls.__name__) for depth, cls in _family(JackfieldError)
    ]


def test_every_error_is_public() -> None:
    """The star import gives them all."""
    assert {cls.__name__ for cls in ALL} | {"Problem"} == set(errors.__all__)


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_an_error_survives_pickle(cls: type[JackfieldError]) -> None:
    """A worker process sends it to its host, with everything in it."""
    error = _make(cls)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes

    assert type(copy) is cls
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)
    assert copy.args == error.args == (error.message,)


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_an_error_says_what_happened_and_then_what_to_do(cls: type[JackfieldError]) -> None:
    """The hint stands on a line of its own, after the message."""
    error = _make(cls)

    assert error.message
    assert str(error) == f"{error.message}\ndo this next"


def test_an_error_without_a_hint_is_its_message() -> None:
    """No empty line follows."""
    assert str(JackfieldError("what happened")) == "what happened"


def test_an_error_of_somebody_else_survives_pickle() -> None:
    """Its signature does not matter."""
    copy = pickle.loads(pickle.dumps(StrangerError(1, 2, third=3)))  # noqa: S301  our own bytes

    assert (copy.total, copy.message) == (6, "1 2 3")


def test_invalid_input_lists_its_problems_under_its_subject() -> None:
    """One line each, in their order."""
    problems = [
        Problem(path="$.b", rule="required", message="is required"),
        Problem(path="$.a", rule="maximum", message="must be at most 2, was 9"),
    ]

    error = InvalidInputError(problems, subject="weather.get_weather")

    assert str(error) == "weather.get_weather: 2 problems\n$.b: is required\n$.a: must be at most 2, was 9"
    assert error.problems == tuple(problems)


def test_a_single_problem_is_counted_as_one() -> None:
    """Not as "1 problems"."""
    error = InvalidInputError([Problem(path="$", rule="type", message="must be an object, was null")], subject="x.y")

    assert error.message.splitlines()[0] == "x.y: 1 problem"


def test_of_many_problems_the_message_shows_the_first() -> None:
    """A list of a thousand wrong numbers does not fill a thousand lines; all of them are in ``problems``."""
    problems = [Problem(path=f"$[{index}]", rule="type", message="must be a number") for index in range(1000)]

    error = InvalidInputError(problems)

    lines = error.message.splitlines()
    assert lines[0] == "$[0]: must be a number"
    assert lines[-1] == "... and 980 more"
    assert len(lines) == 21
    assert len(error.problems) == 1000


def test_an_unknown_module_comes_with_close_names() -> None:
    """What was meant is probably among them."""
    error = UnknownModuleError("openai.get_model", ["openai.get_models", "openai.get_mode"])

    assert error.message == (
        "There is no module 'openai.get_model'. Did you mean openai.get_models or openai.get_mode?"
    )


@pytest.mark.parametrize(
    ("maximum", "shown"),
    [(33554432, "33554432"), (200.0, "200"), (0.5, "0.5")],
    ids=["whole", "whole float", "fraction"],
)
def test_a_limit_error_names_its_setting_as_it_is_written(maximum: float, shown: str) -> None:
    """Nobody types 3.35544e+07."""
    error = LimitError("The body is too large.", limit="max_body_bytes", maximum=maximum)

    assert error.hint == f"Raise the setting max_body_bytes (now {shown}) if this is expected."


def test_a_problem_is_a_path_and_a_rule() -> None:
    """As users read it."""
    assert str(Problem(path="$.temperature", rule="maximum", message="must be at most 2, was 9")) == (
        "$.temperature: must be at most 2, was 9"
    )
