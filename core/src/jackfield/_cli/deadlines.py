"""``--deadline``, and other options that are seconds."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """See that what an option was given are seconds.

    Raises:
        click.BadParameter: They are none, or not more than none.
    """
    if value is not None and not (math.isfinite(value) and value > 0):
        message = "must be a number of seconds above 0."
        raise click.BadParameter(message, context, parameter)
    return value


def deadline_option(what: str) -> Callable[[F], F]:
    """Make the option ``--deadline``.

    Args:
        what: What it is for, as the sentence "How long ... may take" has it.
    """
    return click.option(
        "--deadline",
        type=float,
        metavar="SECONDS",
        callback=seconds,
        help=f"How long {what} may take, repeats included.",
    )
