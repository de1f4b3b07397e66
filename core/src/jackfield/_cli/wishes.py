"""What a user wants of ``module run``, and which wishes do not go together."""

from collections.abc import Iterable
from typing import NamedTuple

import click


def _options(given: Iterable[tuple[str, str | None]], flags: Iterable[tuple[str, bool]]) -> list[str]:
    named = [part for name, value in given if value is not None for part in (name, value)]
    return [*named, *(name for name, wanted in flags if wanted)]


class RunWishes(NamedTuple):
    """The options of ``module run``.

    Attributes:
        connection: Its name; ``None`` for the one without a name.
        deadline_s: Seconds for each run; ``None`` for the host's own.
        stream: Whether to print what comes as it comes.
        dry_run: Whether to print the request instead of sending it.
        form: One of FORMATS; ``None`` to choose by where stdout goes.
        input: The file that the form comes from; ``-`` for standard input.
        each: Whether each line of that file is a form.
        concurrency: How many of them run at once.
        files: The directory for files that come out; ``None`` for the one in the data directory.
        confidential: Whether nothing of input and output may be written anywhere but to stdout.
        as_curl: Whether to print the request as a command instead of sending it.
        from_line: The first line of the file that is worked on.
        budget_calls: How many runs may begin; ``None`` for any number.
        budget_tokens: How many tokens may be used.
        budget_money: What it may cost, in the currency of the prices.
        ask: Whether to ask, on a terminal, for all fields in sight or for none; ``None`` for those that are required.
        save: The file that the input goes into, instead of being run; ``None`` to run it.
    """

    connection: str | None = None
    deadline_s: float | None = None
    stream: bool = False
    dry_run: bool = False
    form: str | None = None
    input: str | None = None
    each: bool = False
    concurrency: int | None = None
    as_curl: bool = False
    from_line: int = 1
    ask: bool | None = None
    files: str | None = None
    confidential: bool = False
    budget_calls: int | None = None
    budget_tokens: int | None = None
    budget_money: str | None = None
    save: str | None = None

    @property
    def verb(self) -> str:
        """The command that takes them."""
        return "run"

    def as_options(self) -> list[str]:
        """Give the options that say the same, without those about the input."""
        given = (
            ("--connection", self.connection),
            ("--deadline", None if self.deadline_s is None else f"{self.deadline_s:g}"),
            ("-o", self.form),
            ("--input", self.input),
            ("--files", self.files),
            ("--save", self.save),
            *(("--budget-" + name, None if limit is None else str(limit)) for name, limit in self._budgets()),
        )
        flags = (
            ("--stream", self.stream),
            ("--dry-run", self.dry_run),
            ("--as-curl", self.as_curl),
            ("--confidential", self.confidential),
        )
        return _options(given, flags)

    def _budgets(self) -> tuple[tuple[str, object], ...]:
        return ("calls", self.budget_calls), ("tokens", self.budget_tokens), ("money", self.budget_money)

    def check(self) -> None:
        """Go on if these wishes can all be granted.

        Raises:
            click.UsageError: Two of them contradict each other.
        """
        for wrong, message in self._conflicts():
            if wrong:
                raise click.UsageError(message, click.get_current_context(silent=True))

    def _conflicts(self) -> tuple[tuple[bool, str], ...]:
        return (
            (self.each and self.input is None, "--each needs --input FILE, whose lines are the inputs."),
            (self.each and self.stream, "--each prints whole answers; --stream does not go with it."),
            (self.each and self.dry_run, "--dry-run shows one request; --each does not go with it."),
            (self.each and self.form not in (None, "jsonl"), "--each prints JSON Lines; only -o jsonl goes with it."),
            (self.each and self.as_curl, "--as-curl shows one request; --each does not go with it."),
            (self.as_curl and self.form is not None, "--as-curl prints a command; -o does not go with it."),
            (self.each and self.ask is True, "--each takes its inputs from lines; --ask does not go with it."),
            (self.ask is True and self.input == "-", "--input - and --ask cannot both read standard input."),
            (
                self.confidential and self.files is not None,
                "--confidential writes no file; --files contradicts it.",
            ),
            (
                self.save is not None and (self.each or self.dry_run or self.as_curl),
                "--save keeps one input and runs nothing; --each, --dry-run and --as-curl do not go with it.",
            ),
            (self.save == "-", "--save needs the name of a file."),
            (self.save is not None and self.confidential, "--confidential writes no file; --save contradicts it."),
            (self.from_line > 1 and not self.each, "--from-line is for many inputs; add --each."),
            (self.concurrency is not None and not self.each, "--concurrency is for many inputs; add --each."),
        )


class ChoiceWishes(NamedTuple):
    """How choices are asked for and printed.

    Attributes:
        query: What they have in them.
        fresh: Whether the service is asked in any case.
        connection: Which one is asked; the nameless one without.
        form: One of the formats.
        deadline_s: As in RunWishes.
    """

    query: str
    fresh: bool
    connection: str | None
    form: str
    deadline_s: float | None = None


class WatchWishes(NamedTuple):
    """The options of ``module watch``.

    Attributes:
        connection: As in RunWishes.
        deadline_s: As in RunWishes, for each look.
        every: Seconds between two looks; ``None`` for the setting.
        once: Whether one look is enough.
        start: Where a new watch begins: ``now``, ``all`` or a date.
        name: What it is called; empty if it has no name.
        reset: Whether it begins anew.
        confidential: As in RunWishes.
        input: As in RunWishes.
        ask: As in RunWishes.
    """

    connection: str | None = None
    deadline_s: float | None = None
    every: float | None = None
    once: bool = False
    start: str = "now"
    name: str = ""
    reset: bool = False
    confidential: bool = False
    input: str | None = None
    ask: bool | None = None

    @property
    def verb(self) -> str:
        """The command that takes them."""
        return "watch"

    def as_options(self) -> list[str]:
        """Give the options that say the same; a watch does not begin anew by them."""
        given = (
            ("--connection", self.connection),
            ("--deadline", None if self.deadline_s is None else f"{self.deadline_s:g}"),
            ("--every", None if self.every is None else f"{self.every:g}"),
            ("--from", None if self.start == "now" else self.start),
            ("--name", self.name or None),
            ("--input", self.input),
        )
        return _options(given, (("--once", self.once), ("--confidential", self.confidential)))
