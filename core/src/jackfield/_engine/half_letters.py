"""Texts that no request can carry: JSON may escape half of a surrogate pair, which UTF-8 has no bytes for."""

from collections.abc import Iterator, Mapping

from jackfield._engine.dumping import dump_masked
from jackfield._engine.problems import step
from jackfield.errors import InvalidInputError, JackfieldError, Problem

__all__ = ["blamed"]

_NOT_UNICODE = "has text that is not Unicode (half of a surrogate pair)"
_OF_REQUESTS = frozenset({"$.json", "$.data", "$.params"})
"""Parts of a request, which are no fields of whoever filled in a form."""


def blamed(error: BaseException, form: object) -> InvalidInputError | None:
    """Give the error that names the fields of a form for which a text could not be sent.

    They are looked for when it has happened: to look at each text of each run would cost all for a few.

    Args:
        error: What a module raised.
        form: What it was given.

    Returns:
        ``None`` if it was something else, or is not the form's fault.
    """
    is_input = isinstance(error, InvalidInputError) and {problem.path for problem in error.problems} <= _OF_REQUESTS
    if not (isinstance(error, UnicodeEncodeError) or is_input):
        return None
    try:
        places = [*_places("$", dump_masked(form))]
    except (TypeError, JackfieldError):
        return None
    problems = [Problem(path=path, rule="unicode", message=_NOT_UNICODE) for path in places]
    return InvalidInputError(problems, hint="Leave the character out, or write both halves.") if problems else None


def _places(path: str, value: object) -> Iterator[str]:
    if isinstance(value, str) and _is_halved(value):
        yield path
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if _is_halved(name):  # it cannot be shown either
                yield path
            else:
                yield from _places(f"{path}{step(name)}", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _places(f"{path}[{index}]", item)


def _is_halved(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
