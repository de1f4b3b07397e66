"""``jackfield module``: what can be run."""

import re

import click

from jackfield._cli.deadlines import deadline_option, seconds
from jackfield._cli.lazy import HelpfulGroup, completer
from jackfield._cli.output import format_option
from jackfield._cli.terminal import data_apart
from jackfield._cli.wishes import ChoiceWishes, RunWishes, WatchWishes

_MODULE = click.argument("module_id", metavar="MODULE", shell_complete=completer("modules"))
_CONNECTION = click.option(
    "--connection",
    metavar="NAME",
    help="Which connection to use; the nameless one without.",
    shell_complete=completer("saved"),
)
_FIELDS = click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
_INPUT = click.option(
    "--input", "source", metavar="FILE", help="Take the input from a file of JSON; - is standard input."
)
_ASK = click.option(
    "--ask/--no-input",
    "ask",
    default=None,
    help="On a terminal: ask for all fields in sight, or for none; without: for required ones that are not given.",
)
_WHOSE = click.option(
    "--connection",
    metavar="NAME",
    help="Show it for this connection, which may ask the service; '' is the nameless.",
)
_READABLE = "Without: a table."


@click.group(cls=HelpfulGroup)
def module() -> None:
    """What can be run: list it, show it, run it, watch it."""


@module.command("list")
@click.option(
    "--details", is_flag=True, help="Import them too: what each is called, its kind, its effect, when it is shut down."
)
@format_option(_READABLE)
def list_modules(*, details: bool, form: str | None) -> None:
    """List the modules that are installed, without importing them unless details are asked for."""
    from jackfield._cli.listing import print_module_details, print_modules  # noqa: PLC0415  help must be quick

    (print_module_details if details else print_modules)(form or "table")


@module.command("show")
@_MODULE
@_FIELDS
@_WHOSE
@click.option("--all", "everything", is_flag=True, help="Advanced and nested fields too.")
@format_option(_READABLE, ("table", "json"))
@click.pass_obj
def show(
    about: dict[str, str],
    *,
    module_id: str,
    fields: tuple[str, ...],
    connection: str | None,
    everything: bool,
    form: str | None,
) -> None:
    """Show what a module does, takes and gives.

    What it takes may depend on what is filled in (FIELD=VALUE as in `module run`), and on the connection.
    """
    from jackfield._cli.show import Beside, show_module  # noqa: PLC0415  help must be quick

    show_module(module_id, form or "table", Beside(fields, connection), about, everything=everything)


@module.command("schema")
@_MODULE
@_FIELDS
@_WHOSE
@click.option("--output", is_flag=True, help="Of what it gives, instead of what it takes.")
@click.pass_obj
def schema(
    about: dict[str, str], *, module_id: str, fields: tuple[str, ...], connection: str | None, output: bool
) -> None:
    """Print the JSON Schema of a module's input, which may depend on the same as `module show`."""
    from jackfield._cli.show import Beside, print_schema  # noqa: PLC0415  help must be quick

    print_schema(module_id, Beside(fields, connection), about, of_output=output)


def _amount(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        message = "must be an amount such as 2.50, in the currency of the prices."
        raise click.BadParameter(message, context, parameter)
    return value


@module.command("run")
@_MODULE
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...", shell_complete=completer("fields"))
@_CONNECTION
@_INPUT
@click.option("--each", is_flag=True, help="Run it for each line of --input (JSON Lines).")
@click.option(
    "--from-line",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Begin with this line of --input, where an earlier run was stopped.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="How many lines are worked on at once; without: the setting run.concurrency.",
)
@_ASK
@click.option("--save", metavar="FILE", help="Write the input into a new file, instead of running it.")
@click.option("--stream", is_flag=True, help="Print what comes as it comes.")
@click.option("--dry-run", is_flag=True, help="Print the request instead of sending it, secrets masked.")
@click.option("--as-curl", is_flag=True, help="Print the request as a curl command instead of sending it.")
@click.option(
    "--files",
    metavar="DIR",
    help="Where files go that come out; without: files in Jackfield's data directory. Nothing is overwritten.",
)
@click.option(
    "--confidential",
    is_flag=True,
    help="Write nothing of the input and output anywhere but to stdout: no file, no cache, no message.",
)
@click.option(
    "--budget-tokens",
    type=click.IntRange(0),
    metavar="N",
    help="Send nothing that could use more tokens than are left of so many.",
)
@click.option("--budget-calls", type=click.IntRange(0), metavar="N", help="Run it for so many lines at most.")
@click.option(
    "--budget-money",
    metavar="AMOUNT",
    callback=_amount,
    help="Send nothing that could cost more than is left, by the setting run.prices.",
)
@deadline_option("it")
@format_option("Without: the setting run.format, or a table on a terminal and json elsewhere.")
@click.pass_obj
@data_apart
def run(
    about: dict[str, str],
    *,
    module_id: str,
    fields: tuple[str, ...],
    connection: str | None,
    source: str | None,
    each: bool,
    from_line: int,
    concurrency: int | None,
    save: str | None,
    stream: bool,
    dry_run: bool,
    as_curl: bool,
    ask: bool | None,
    files: str | None,
    confidential: bool,
    deadline: float | None,
    budget_tokens: int | None,
    budget_calls: int | None,
    budget_money: str | None,
    form: str | None,
) -> int:
    """Run a module.

    \b
    FIELD=TEXT       a text, a number, yes or no: read as the field needs it
    FIELD:=JSON      any JSON value
    FIELD=@FILE      the text of a file (UTF-8), or the file itself where the field takes files; @- is standard input
    FIELD:=@FILE     the JSON value in a file
    FIELD=@@TEXT     a text that begins with @
    A.B=..., A.0=... a value in an object, an item of a list

    Data goes to stdout, everything else to stderr. With --stream, -o plain and table print text as it comes, jsonl
    prints one line for each piece (this is what happens without -o if stdout is no terminal), json prints the whole at
    the end. A search prints its bundles as they come wherever each has a line: with jsonl and plain.

    With --each, every line of --input is an object, the input of one run; FIELD=... fills in what a line leaves out. A
    line is printed for each, in the same order: the bundle, the list of bundles of a search, or {"error": {...}}. The
    exit code is 0 if all succeeded, 1 if some failed, and that of the first failure if all did.

    Budgets go by the most that a run can use, as far as its input tells it. What fits is sent; what does not is an
    error, and no further line is tried.

    What --as-curl prints is for a POSIX shell. A secret is in it as the $VARIABLE that holds it, or as ***.

    With --confidential, files that come out are printed in the JSON as base64, and what an error or a warning says is
    shown on a terminal only, since stderr may be kept elsewhere. Your shell may keep what you type: give the input with
    --input or FIELD=@FILE.

    What --save writes says which module and which version of it the input is for; --input brings it to date when the
    module's form has changed meanwhile.

    On a terminal, required fields that are not given are asked for; the setting run.ask and --no-input switch it off.

    Credentials are never given here: `jackfield connector show` names the environment variables that hold them.
    """  # noqa: D301  click takes the character itself for "keep these lines"
    from jackfield._cli.running import run_module  # noqa: PLC0415  help must be quick

    wishes = RunWishes(
        connection=connection,
        deadline_s=deadline,
        stream=stream,
        dry_run=dry_run,
        form=form,
        input=source,
        each=each,
        concurrency=concurrency,
        as_curl=as_curl,
        from_line=from_line,
        budget_calls=budget_calls,
        budget_tokens=budget_tokens,
        budget_money=budget_money,
        ask=ask,
        files=files,
        confidential=confidential,
        save=save,
    )
    return run_module(module_id, fields, wishes, about)


@module.command("watch")
@_MODULE
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...", shell_complete=completer("fields"))
@_CONNECTION
@_INPUT
@_ASK
@click.option(
    "--every", type=float, metavar="SECONDS", callback=seconds, help="How often to ask; without: watch.interval_s."
)
@click.option("--once", is_flag=True, help="Print what is new now, and end.")
@click.option(
    "--from",
    "start",
    metavar="WHEN",
    default="now",
    show_default=True,
    help="Where a new watch begins: now, all, or a date such as 2026-11-25.",
)
@click.option("--name", default="", metavar="NAME", help="What to call the watch; without: known by what it watches.")
@click.option("--reset", is_flag=True, help="Begin anew, at --from.")
@click.option(
    "--confidential",
    is_flag=True,
    help="Write nothing of the input and output anywhere but to stdout; of items, hashes and dates are remembered.",
)
@deadline_option("one look")
@click.pass_obj
@data_apart
def watch(
    about: dict[str, str],
    *,
    module_id: str,
    fields: tuple[str, ...],
    connection: str | None,
    source: str | None,
    ask: bool | None,
    every: float | None,
    once: bool,
    start: str,
    name: str,
    reset: bool,
    confidential: bool,
    deadline: float | None,
) -> int:
    """Watch a trigger, and print what is new: one JSON object a line, oldest first.

    FIELD=VALUE is as in `module run`. What was printed is remembered, so the same command goes on where it was stopped,
    by Ctrl-C or by a crash: nothing is lost, and at most the last line is printed twice.

    A watch is known by its module, connection and fields; with others it is another one, which begins anew. One with a
    name is only that: it refuses other fields until --reset. Only one process at a time runs a watch.

    A service that is away is waited for, and that is told on stderr; with --once it is an error.
    """
    from jackfield._cli.watching import watch_module  # noqa: PLC0415  help must be quick

    wishes = WatchWishes(
        connection=connection,
        deadline_s=deadline,
        every=every,
        once=once,
        start=start,
        name=name,
        reset=reset,
        confidential=confidential,
        input=source,
        ask=ask,
    )
    return watch_module(module_id, fields, wishes, about)


@module.command("upgrade")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
def upgrade(*, file: str, dry_run: bool) -> None:
    """Bring a saved input to the version of the module that is installed.

    FILE is what `module run --save` wrote, or JSON Lines of such inputs. What changes is shown; the file is written
    anew, whole or not at all. An input that is saved for an older version runs as it is, too.
    """
    from jackfield._cli.inputs import STDIN  # noqa: PLC0415  help must be quick
    from jackfield._cli.saved_input import upgrade_file  # noqa: PLC0415  as above

    if file == STDIN:
        message = f"FILE is written anew, so it cannot be standard input. A file of that name is ./{STDIN}"
        raise click.UsageError(message, click.get_current_context())
    upgrade_file(file, dry_run=dry_run)


@module.command("translate")
@click.argument("name", metavar="NAME", shell_complete=completer("aliases"))
@click.option("--input", "source", metavar="FILE", default="-", help="The mapper; without, standard input.")
@click.option("--report", is_flag=True, help="Print what could be translated, and all that could not.")
@click.option("--output", "of_output", is_flag=True, help="Read a bundle of ours, and print it with their names.")
@click.pass_obj
def translate(about: dict[str, str], *, name: str, source: str, report: bool, of_output: bool) -> None:
    """Print the input of a module of another product as ours.

    NAME is what the module is called there, as `module show` lists it: openai-gpt-3:CreateCompletion. The input is the
    JSON object of its fields (the mapper), the whole module as a blueprint has it, or a blueprint with one such module.

    What is printed goes to `module run --input -`. An expression ({{1.text}}) is an error, since there is no scenario
    here to evaluate it, and so is a field without a counterpart; --report prints both, and all the rest.
    """
    from jackfield._cli.translating import print_translation  # noqa: PLC0415  help must be quick

    print_translation(name, source, about, report=report, of_output=of_output)


@module.command("choices")
@_MODULE
@click.argument("field")
@click.argument("fields", nargs=-1, metavar="[OTHER=VALUE]...")
@click.option("--query", default="", metavar="TEXT", help="Only what has this text in it.")
@click.option("--fresh", is_flag=True, help="Ask the service, even if it was asked a short while ago.")
@_CONNECTION
@deadline_option("it")
@format_option(_READABLE)
@click.pass_obj
@data_apart
def choices(
    about: dict[str, str],
    *,
    module_id: str,
    field: str,
    fields: tuple[str, ...],
    query: str,
    fresh: bool,
    connection: str | None,
    deadline: float | None,
    form: str | None,
) -> None:
    """List what a field of a module offers; this may ask the service.

    Where that depends on other fields, as `module show` says, give their values: OTHER=VALUE as in `module run`.

    What a service offers is kept for a while. If it is away, the last list that it gave is printed, and on stderr how
    old that is; in JSON each choice of such a list has "stale": true and "age_s".
    """
    from jackfield._cli.listing import print_choices  # noqa: PLC0415  help must be quick

    wishes = ChoiceWishes(query, fresh, connection, form or "table", deadline)
    print_choices(module_id, field, fields, wishes, about)
