"""``jackfield stubs``: what makes editors and type checkers know the modules that are installed."""

from pathlib import Path

import click

from jackfield._cli.lazy import HelpfulCommand, completer


@click.command(cls=HelpfulCommand)
@click.argument("patterns", metavar="[MODULE]...", nargs=-1, shell_complete=completer("modules"))
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where the package goes; the current directory without.",
)
@click.option("--name", default="jackfield_typed", show_default=True, help="Of the package.")
@click.option("--check", is_flag=True, help="Write nothing; end with 1 if what is there is not as it would be written.")
def stubs(patterns: tuple[str, ...], folder: Path, name: str, check: bool) -> None:
    """Write types for editors and type checkers.

    They are those of the modules that are installed: of every one without MODULE; a pattern such as openai.* stands
    for several. Then import Host from the package:

    \b
    from jackfield_typed import Host
    with Host() as host:
        host.openai.create_chat_completion(model=..., messages=...)
    """  # noqa: D301  click takes the character itself for "keep these lines"
    from jackfield._cli.stub_writing import check_stubs, write_stubs  # noqa: PLC0415  help must be quick

    code = (check_stubs if check else write_stubs)(patterns, folder, name)
    if code:
        raise click.exceptions.Exit(code)
