"""What a confidential run says of itself: facts of ours, and nothing that may quote its input or output.

Whoever logs an error logs its text, and that of what led to it. So the text of each error gives way to what its class
says and to numbers; the program that asked for the run finds it in ``withheld``. No text is searched for what might be
input or output: whoever wrote it, core, a connector or the service, nobody can tell that from it.
"""

import json
import re
from collections.abc import Iterator
from functools import cache

import attrs

from jackfield._engine.masking import chain_of
from jackfield.errors import (
    AnswerError,
    DeadlineError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NoConnectionError,
    Problem,
    RemoteError,
    StoreError,
    UnknownModuleError,
    listed,
)
from jackfield.forms import form_of, records_in
from jackfield.modules import AnyModule
from jackfield.secrets import Secret

_OF_CONNECTIONS = (NoConnectionError, StoreError, UnknownModuleError)
"""Their texts know neither input nor output."""

_NAME_OF_ANSWER = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)
_ASIDE = re.compile(r"(?: \([^)]*\))?\.?$")
_STEP = re.compile(r'\.(?P<name>\w+)|\[\d+\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')


def withhold(error: JackfieldError, module: AnyModule | None) -> None:
    """Take out of an error, and of those that led to it, what may quote the input or output of a run.

    Done a second time, it changes nothing.

    Args:
        error: Changed in its place. An exception that is none of ours is taken out of its chain.
        module: What ran: names that it declares may be shown.
    """
    for one in [*chain_of(error)]:
        if isinstance(one, JackfieldError) and one.withheld is None:
            _withhold(one, module)
        if not isinstance(one.__cause__, JackfieldError):
            one.__cause__ = None
        if not isinstance(one.__context__, JackfieldError):
            one.__context__ = None


def shown_request_id(request_id: str) -> str:
    """Give a service's name for an answer if it looks like one; else nothing."""
    return request_id if _NAME_OF_ANSWER.fullmatch(request_id) else ""


def _withhold(error: JackfieldError, module: AnyModule | None) -> None:
    error.withheld = Secret(str(error))
    if isinstance(error, RemoteError | AnswerError):
        error.request_id = shown_request_id(error.request_id)
    if isinstance(error, _OF_CONNECTIONS):
        return
    if isinstance(error, InvalidInputError | AnswerError):
        names = _declared(module) if module else frozenset[str]()
        error.problems = tuple(_hidden(problem, names) for problem in error.problems)
    error.message, error.hint = "\n".join(_told(error)), ""
    if isinstance(error, LimitError):
        error.hint = f"Raise the setting {error.limit} if this is expected."
    error.args = (error.message,)


def _told(error: JackfieldError) -> Iterator[str]:
    said = (type(error).__doc__ or type(error).__name__).strip().partition("\n")[0]
    facts = [*_facts(error)]
    yield f"{_ASIDE.sub('', said)} ({', '.join(facts)})." if facts else said
    if isinstance(error, InvalidInputError | AnswerError):
        yield from listed(error.problems)


def _facts(error: JackfieldError) -> Iterator[str]:
    if isinstance(error, RemoteError):
        yield f"status {error.status}"
    elif isinstance(error, LimitError):
        yield f"{error.limit} is {error.maximum:.15g}"
    elif isinstance(error, DeadlineError):
        yield f"{error.deadline_s:g} s, in the phase {error.phase!r}"
    elif isinstance(error, InvalidInputError) and error.subject:
        yield error.subject


def _hidden(problem: Problem, names: frozenset[str]) -> Problem:
    return Problem(path=_shown_path(problem.path, names), rule=problem.rule, message=f"breaks the rule {problem.rule}")


def _shown_path(path: str, names: frozenset[str]) -> str:
    """Show the steps of a path that are numbers and declared names: any other is a key that somebody made up."""
    shown, end, quoted = "$", 1, {json.dumps(name, ensure_ascii=False) for name in names}
    for step in _STEP.finditer(path):
        if step.start() != end:
            break
        end = step.end()
        is_number = step.lastgroup is None
        shown += step[0] if is_number or step["name"] in names or step["quoted"] in quoted else ".*"
    return shown if end >= len(path) else f"{shown}.*"


@cache
def _declared(module: AnyModule) -> frozenset[str]:
    """Give the names of all fields of a module's form and output, and of its connection's form."""
    found = {module.signature.form, module.signature.output}
    found |= {module.connection.form} if module.connection else set()
    waiting = [cls for cls in found if attrs.has(cls)]
    names: set[str] = set()
    while waiting:
        for slot in form_of(waiting.pop()).slots:
            names.add(slot.key)
            inner = {*records_in(slot.shape)} - found
            found |= inner
            waiting += inner
    return frozenset(names)
