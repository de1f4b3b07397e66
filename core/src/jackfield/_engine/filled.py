"""Whether an input is one that a module takes: what each field says, and what all of them say together."""

from collections.abc import Callable
from typing import Any

from jackfield._engine.conversion import load_form
from jackfield._engine.dumping import dump_masked
from jackfield._engine.narrowing import narrowed_problems
from jackfield.connections import ConnectionView
from jackfield.errors import InvalidInputError
from jackfield.forms import Form
from jackfield.modules import AnyModule


def filled_form(module: AnyModule, module_id: str, form: object, accept: Callable[[Any], Any]) -> Any:
    """Read what a caller gave as a module's form, and look at it as a whole.

    Args:
        module: Whose form it is.
        module_id: For errors.
        form: An instance of the form, or the same as JSON.
        accept: Gives the form with the files that this host lets in.

    Raises:
        InvalidInputError: Something is wrong with it.
    """
    filled = accept(load_form(module.signature.form, form, subject=module_id))
    problems = module.validate(filled) if module.validate else ()
    if problems:
        raise InvalidInputError(problems, subject=module_id)
    return filled


def check_narrowed(
    module: AnyModule,
    module_id: str,
    filled: object,
    narrow: Callable[..., Form],
    connection: ConnectionView | None,
) -> None:
    """Go on with a form that plugins let pass.

    Args:
        module: Whose form it is.
        module_id: For errors.
        filled: The form.
        narrow: Gives the form as plugins show it beside ``values=``.
        connection: What it will be sent with, if that is known.

    Raises:
        InvalidInputError: They do not.
    """
    values: Any = dump_masked(filled)
    # What the author's own refinement changes is for the eye only: what is left of it was not narrowed by anybody.
    problems = narrowed_problems(module.shown(values, connection), narrow(values=values), filled)
    if problems:
        raise InvalidInputError(problems, subject=module_id)
