"""A look at the fields of a task when its Dag is parsed: what is wrong shows then, and not at night."""

from collections.abc import Mapping
from functools import cache

from airflow.sdk.configuration import conf

from jackfield import Host, InputError, InvalidInputError, Problem
from jackfield_airflow.places import is_later, later_places, path_of


@cache
def _host() -> Host:
    """The host of whoever parses; it runs nothing."""
    return Host()


def check_task(task_id: str, module_id: str, fields: object) -> None:
    """Go on if the module is there and its fields will do, as far as they are known.

    Args:
        task_id: For the error.
        module_id: The module; if it is a template, nothing can be said.
        fields: Its form; templates and results of other tasks are left alone.

    Raises:
        InvalidInputError: Fields break the form; all of them are named.
        InputError: There is no such module, or ``fields`` is no mapping.
        PluginError: The module cannot be used.
    """
    if is_later(module_id) or is_later(fields) or not conf.getboolean("jackfield", "check_at_parse", fallback=True):
        return
    if not isinstance(fields, Mapping):
        message = f"fields of the task {task_id!r} must be a mapping, was a {type(fields).__name__}."
        raise InputError(message, hint=f"jackfield module show {module_id}")
    handle = _host().module(module_id)
    try:
        handle.upgraded(handle.saved({key: _with_texts(value) for key, value in fields.items()}))
    except InvalidInputError as error:
        later = [path_of(place) for place in later_places(fields)]
        known = [problem for problem in error.problems if not any(_may_pass(problem, path) for path in later)]
        if known:
            subject = f"Task {task_id}, module {module_id}"
            raise InvalidInputError(known, subject=subject, hint=f"jackfield module show {module_id}") from None


def _with_texts(value: object) -> object:
    """Put a text where a value comes later; no problem there counts."""
    if is_later(value):
        return value if isinstance(value, str) else ""
    if isinstance(value, Mapping):
        return {key: _with_texts(item) for key, item in value.items()}
    return [_with_texts(item) for item in value] if isinstance(value, list | tuple) else value


def _may_pass(problem: Problem, later: str) -> bool:
    """Tell whether a problem is at a place that is filled in later, in it or around it."""
    if problem.rule == "unknown_field" and problem.path == later:
        return False  # whatever stands there, the form has no such place
    return _begins(problem.path, later) or _begins(later, problem.path)


def _begins(path: str, start: str) -> bool:
    rest = path.removeprefix(start)
    return path.startswith(start) and (not rest or rest[0] in ".[")
