"""The input of one run or watch: what the arguments say, what a file says, and what a person is asked for."""

from collections.abc import Mapping, Sequence
from functools import partial

from jackfield import Host, InvalidInputError, ModuleHandle, Problem
from jackfield._cli.asking import complete
from jackfield._cli.attend import ReadingDue, in_time
from jackfield._cli.feed import read_form
from jackfield._cli.inputs import STDIN
from jackfield._cli.prompts import can_ask
from jackfield._cli.saved_input import current
from jackfield._cli.wishes import RunWishes, WatchWishes
from jackfield.settings import RunSettings, chosen


def filled(
    host: Host,
    handle: ModuleHandle,
    values: Mapping[str, object],
    arguments: Sequence[str],
    wishes: RunWishes | WatchWishes,
) -> Mapping[str, object]:
    """Fill in what the arguments leave open.

    Args:
        host: Where choices are asked for.
        handle: The module.
        values: What the arguments say.
        arguments: The same, as it was typed.
        wishes: Which file says more, and whether a person may be asked.

    Raises:
        InvalidInputError: The file cannot be read, or says what the arguments say.
        DeadlineError: The file is a pipe that did not end in time.
        click.Abort: The input ended before everything was answered.
    """
    if wishes.input is not None:
        due = None if wishes.deadline_s is None else ReadingDue(wishes.deadline_s)
        given = in_time(partial(read_form, wishes.input), due)
        values = _joined(values, current(handle, given, wishes.input), handle.id)
    return complete(host, handle, values, arguments, wishes) if _may_ask(wishes) else values


def _may_ask(wishes: RunWishes | WatchWishes) -> bool:
    wanted = chosen(RunSettings).ask if wishes.ask is None else wishes.ask
    return wanted and wishes.input != STDIN and can_ask()


def _joined(arguments: Mapping[str, object], given: Mapping[str, object], module_id: str) -> dict[str, object]:
    message = "is given as an argument and in --input"
    problems = [Problem(path=f"$.{key}", rule="twice", message=message) for key in arguments if key in given]
    if problems:
        raise InvalidInputError(problems, subject=module_id)
    return {**given, **arguments}
