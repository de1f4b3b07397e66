"""Where the program starts: ``jackfield``, and ``python -m jackfield``."""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from jackfield._cli.contributed import Contribution, contributions, load
from jackfield._cli.lazy import Lazy, LazyGroup
from jackfield._cli.terminal import ClosedOutputError, closing_told, give_up_output, prepare_streams


class _Root(LazyGroup):
    """The built-in commands, and those that other distributions add."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; ``--help`` prints here."""
        with closing_told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with closing_told():
            return super().invoke(ctx)

    def contributed(self, ctx: click.Context) -> dict[str, Contribution]:
        """Give the contributed commands by name, read once for each command line."""
        found: dict[str, Contribution] | None = ctx.meta.get(__name__)
        if found is None:
            found = ctx.meta[__name__] = contributions(self.lazy)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the built-in names, then the contributed ones that can be run."""
        usable = (name for name, found in self.contributed(ctx).items() if not found.obstacle)
        return [*super().list_commands(ctx), *usable]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; a built-in name is never another's."""
        if cmd_name in self.lazy:
            return super().get_command(ctx, cmd_name)
        found = self.contributed(ctx).get(cmd_name)
        return load(found) if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both lists, from metadata alone."""
        super().format_commands(ctx, formatter)
        rows = [(name, _origin(found)) for name, found in self.contributed(ctx).items() if name not in self.lazy]
        if rows:
            with formatter.section("Commands from plugins"):
                formatter.write_dl(rows)


def _origin(found: Contribution) -> str:
    from_whom = f"from {found.distributions}"
    return f"{from_whom} ({found.obstacle}: not available)" if found.obstacle else from_whom


cli = _Root(
    name="jackfield",
    help="Run the modules of connectors: ask a service for something, and get it as JSON.",
    epilog="Start with: jackfield module list",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[],
    lazy={
        "module": Lazy("jackfield._cli.module:module", "What can be run: list it, show it, run it, watch it."),
        "connector": Lazy("jackfield._cli.connector:connector", "Services that can be reached, and with what."),
        "connection": Lazy(
            "jackfield._cli.connection:connection", "What modules are authorized with: save it, see if it works."
        ),
        "config": Lazy("jackfield._cli.config:config", "Settings for every run: list them, set them, unset them."),
        "plugin": Lazy("jackfield._cli.plugin:plugin", "What is installed: list, allow, deny, verify and pin it."),
        "doctor": Lazy("jackfield._cli.doctor:doctor", "Look for what is wrong with this installation."),
        "stubs": Lazy("jackfield._cli.stubs:stubs", "Write types for editors and type checkers."),
        "completion": Lazy(
            "jackfield._cli.completion:completion", "Print the script that makes a shell complete commands."
        ),
    },
)
cli = click.version_option(package_name="jackfield", message="%(prog)s %(version)s")(cli)


def run(arguments: Sequence[str]) -> int:
    """Run one command line, and give its exit code.

    Data is on stdout then, and whatever went wrong has been told on stderr.
    """
    about: dict[str, str] = {}
    if "_JACKFIELD_COMPLETE" in os.environ:
        from jackfield._cli.completing import teach_shells  # noqa: PLC0415  only Tab needs it

        teach_shells()
    try:
        code = cli.main(args=list(arguments), prog_name="jackfield", standalone_mode=False, obj=about)
        sys.stdout.flush()
    except (ClosedOutputError, BrokenPipeError):
        give_up_output()
        return 0
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001  a command line tells every failure in words
        from jackfield._cli.report import report  # noqa: PLC0415  only a failure needs it

        return report(error, about)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Run the command line of this process."""
    prepare_streams()
    sys.exit(run(sys.argv[1:]))
