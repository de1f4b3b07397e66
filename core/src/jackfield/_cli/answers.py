"""One answer to one question: typed or chosen, checked at once, and remembered as an argument of the command line."""

from collections.abc import Callable, Sequence
from typing import Any

from jackfield import Choice, CredentialsError, InvalidInputError, JackfieldError, NoConnectionError
from jackfield._cli.inputs import read_answer
from jackfield._cli.prompts import ask, matching, picked, show_menu, tell
from jackfield._engine.conversion import load_field
from jackfield.fields import Select
from jackfield.forms import Fixed, Scalar, ScalarKind, Slot

Path = tuple[str, ...]
"""The names that lead to a field, numbers for the items of a list."""

Offer = Callable[[str, str], Sequence[Choice]]
"""Gives what a field offers, by its path without numbers and a text to search for."""

LEFT_OUT: Any = object()
"""Stands for an answer that was not given."""

_NOTHING = '""'


class Answers:
    """Asks for single values.

    Args:
        offer: Asks the service for choices.

    Attributes:
        arguments: What was answered, as arguments of the command line.
    """

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self.arguments: list[str] = []

    def keep(self, path: Path, equals: str, text: str) -> None:
        """Remember an answer."""
        self.arguments.append(f"{'.'.join(path)}{equals}{text}")

    def typed(self, slot: Slot, path: Path, *, required: bool, prompt: str = "") -> Any:
        """Ask for a value that is typed, hidden if it is a secret; give it, or ``LEFT_OUT``."""
        hidden = slot.shape == Scalar(ScalarKind.SECRET)
        while True:
            text = ask(prompt or name_of(path), hidden=hidden)
            if not text:
                if not required:
                    return LEFT_OUT
                tell(f"It is required; {_NOTHING} stands for an empty text.")
                continue
            value = _checked(slot, "" if text == _NOTHING else text)
            if value is not LEFT_OUT:
                # A secret has no place in a command that is kept.
                self.keep(path, "=", "@-" if hidden else str(value) if text == _NOTHING else text)
                return value

    def chosen(self, slot: Slot, path: Path, *, required: bool) -> Any:
        """Ask for one of the values that a field offers, or for another if it takes others; give it, or ``LEFT_OUT``.

        Raises:
            NoConnectionError: The choices need a connection, and there is none, so that a run would fail too.
            CredentialsError: The same with credentials that are wrong.
        """
        everything = shown = self._offered(slot, path)
        free = isinstance(slot.word, Select) and slot.word.accepts_others
        show_menu(shown)
        while True:
            text = ask(f"{name_of(path)} ({_ways(shown, free=free)})")
            if not text:
                if not required:
                    return LEFT_OUT
                tell("It is required.")
                continue
            choice = picked(text, shown)
            if choice is None:
                found = self._searched(slot, path, text, everything)
                choice = only(found) if not free else None
                if choice is None and found:
                    shown = [*found, Choice(value=text, help="as it is")] if free else found
                    show_menu(shown)
                    continue
            meant = text if choice is None else _typeable(choice)
            value = _checked(slot, meant)
            if value is not LEFT_OUT:
                self.keep(path, "=", meant)
                return value

    def _offered(self, slot: Slot, path: Path) -> Sequence[Choice]:
        choices = slot.word.choices if isinstance(slot.word, Select) else ()
        if callable(choices):
            return self._asked(path, "")
        if not choices and isinstance(slot.shape, Fixed):
            return [Choice(value=value) for value in slot.shape.values]
        return choices

    def _searched(self, slot: Slot, path: Path, text: str, everything: Sequence[Choice]) -> Sequence[Choice]:
        found = matching(text, everything)
        asks = isinstance(slot.word, Select) and callable(slot.word.choices)
        return self._asked(path, text) if asks and not found else found

    def _asked(self, path: Path, query: str) -> Sequence[Choice]:
        # A list's items have one field between them.
        field = ".".join(part for part in path if not part.isdecimal())
        try:
            return self._offer(field, query)
        except (NoConnectionError, CredentialsError):
            raise  # the run itself would fail
        except JackfieldError as error:
            tell(f"note: the choices could not be had: {error.message}")
            return ()


def name_of(path: Path) -> str:
    """Give the name of a field for a prompt: ``model``, ``messages 1``."""
    return f"{path[-2]} {int(path[-1]) + 1}" if path[-1].isdecimal() and len(path) > 1 else path[-1]


def only(choices: Sequence[Choice]) -> Choice | None:
    """Give the only choice, if there is one alone."""
    return choices[0] if len(choices) == 1 else None


def _ways(shown: Sequence[Choice], *, free: bool) -> str:
    if not shown:
        return "text"
    return "number, or any text" if free else "number, or part of a name"


def _checked(slot: Slot, text: str) -> Any:
    """Give the value of an answer that will do; tell what is wrong with another."""
    try:
        value = read_answer(text, slot.shape)
        load_field(slot, value)
    except InvalidInputError as error:
        for problem in error.problems:
            tell(f"It {problem.message}." if problem.path == "$" else f"{problem.path[2:]} {problem.message}.")
        return LEFT_OUT
    return value


def _typeable(choice: Choice) -> str:
    text = str(choice.value)
    return f"@{text}" if text.startswith("@") else text
