"""A group of commands whose files are imported when one of them is run or asked for its help."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        target: Where it is: ``package.file:name``.
        summary: The first sentence of its help, as it stands in the list of commands.
    """

    target: str
    summary: str


def completer(kind: str) -> Callable[..., Any]:
    """Make what completes an argument; what it needs is imported when somebody presses Tab."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> Any:  # noqa: ARG001  click passes it
        from jackfield._cli.offering import completions  # noqa: PLC0415  help must be quick

        return completions(kind, context, incomplete)

    return complete


class HelpfulCommand(click.Command):
    """Says whose help to read where an option lacks its argument; click's parser does not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            if isinstance(error, click.NoSuchOption) and self._takes_fields and error.option_name.startswith("--"):
                name = error.option_name
                raise click.NoSuchOption(name, message=self._meant(ctx, name), ctx=ctx) from None
            raise

    @property
    def _takes_fields(self) -> bool:
        return any(parameter.name == "fields" for parameter in self.params)

    def _meant(self, ctx: click.Context, wanted: str) -> str:
        """Say what may have been meant by an option that there is not: another one, or a field of the module."""
        from jackfield._engine.suggestions import close_names  # noqa: PLC0415  only a mistake needs it

        name = wanted.removeprefix("--")
        # Compared without dashes, which any two options have in common.
        options = [option[2:] for known in self.get_params(ctx) for option in known.opts if option.startswith("--")]
        field = name.replace("-", "_")
        return (
            f"No such option {wanted!r}.{close_names(name, options, prefix='--')}"
            f" A field of the module is given without dashes: {field}=VALUE."
        )


class HelpfulGroup(click.Group):
    """Prints its help where no command is given, as older and newer versions of click do not agree to."""

    command_class = HelpfulCommand

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **{**attributes, "invoke_without_command": True, "no_args_is_help": False})

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, or print the help."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())
        return result

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find a command; a name that is none brings those that are spelt alike, as not every version of click does."""
        name = args[0]
        if name[:1].isalnum() and self.get_command(ctx, name) is None:
            from jackfield._engine.suggestions import close_names  # noqa: PLC0415  only a mistake needs it

            ctx.fail(f"No such command {name!r}.{close_names(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


class LazyGroup(HelpfulGroup):
    """Lists its commands from a table, and imports none of them for it.

    Args:
        lazy: The commands by name, in the order to show them.
        attributes: As for ``click.Group``.
    """

    def __init__(self, *, lazy: Mapping[str, Lazy], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click passes it
        """Give the names, in the order of the table."""
        return [*self.lazy]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click passes it
        """Import one command."""
        found = self.lazy.get(cmd_name)
        if found is None:
            return None
        file, _, name = found.target.partition(":")
        command: click.Command = getattr(importlib.import_module(file), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click passes it
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete names from the table."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  a fiftieth of what help costs

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name) for name in names] + options
