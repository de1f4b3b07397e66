"""Commands that the weather station adds."""

import click

from jackfield import BusyError


@click.command()
@click.option("--name", default="you", help="Whom.")
def greet(name: str) -> None:
    """Say hello."""
    click.echo(f"Hello, {name}.")


@click.command()
def storm() -> None:
    """Fail as a service would."""
    message = "There is a storm."
    raise BusyError(message, status=503, request_id="req-7")


@click.command()
def module() -> None:
    """Have the name of a built-in command."""
    click.echo("This is never printed.")
