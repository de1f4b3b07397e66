"""``jackfield doctor``: what is wrong here, found without importing a plugin."""

import click

from jackfield._cli.output import format_option


@click.command()
@format_option("Without: lines to read.", ("table", "json"))
@click.pass_context
def doctor(context: click.Context, form: str | None) -> None:
    """Look for what is wrong with this installation.

    Imports no plugin. Ends with exit code 0 if nothing is wrong, else 1. Values of environment variables, which may
    hold credentials, are not shown.
    """
    from jackfield._cli.examination import WRONG, examine, print_findings  # noqa: PLC0415  help must be quick

    findings = [*examine()]
    print_findings(findings, form or "table")
    context.exit(any(finding.level == WRONG for finding in findings))
