"""Commands that other distributions add, known from their metadata alone."""

from collections.abc import Collection
from typing import NamedTuple

import click

from jackfield._engine.index import Entry, read_entries
from jackfield._home import Home

GROUP = "jackfield.commands"


class Contribution(NamedTuple):
    """A command by the distributions that want to provide it.

    Attributes:
        name: What a user types.
        entries: Where it is; two or more where distributions clash.
        obstacle: Why it cannot be run: ``built-in``, ``duplicate`` or ``denied``; empty if nothing is in the way.
    """

    name: str
    entries: tuple[Entry, ...]
    obstacle: str

    @property
    def distributions(self) -> str:
        """Who provides it, in words."""
        return " and ".join(entry.distribution for entry in self.entries)

    @property
    def message(self) -> str:
        """The obstacle, in words."""
        return {
            "built-in": f"The command {self.name!r} of {self.distributions} has the name of a built-in command.",
            "duplicate": f"The command {self.name!r} is provided by {self.distributions}, so none of them is used.",
            "denied": f"The command {self.name!r} is provided by {self.distributions}, which is denied.",
        }.get(self.obstacle, "")

    @property
    def next_step(self) -> str:
        """What to type to get rid of the obstacle."""
        last = self.entries[-1].distribution
        return f"jackfield plugin allow {last}" if self.obstacle == "denied" else f"jackfield plugin deny {last}"


def contributions(built_in: Collection[str]) -> dict[str, Contribution]:
    """Find the commands that other distributions add, by name; imports none of them."""
    home = Home.find()
    found: dict[str, list[Entry]] = {}
    for entry in read_entries(home.cache):
        if entry.group == GROUP:
            found.setdefault(entry.name, []).append(entry)
    denied = _denied(home, {entry.distribution for entries in found.values() for entry in entries})
    return {name: _contribution(name, found[name], built_in, denied) for name in sorted(found)}


def _contribution(name: str, entries: list[Entry], built_in: Collection[str], denied: set[str]) -> Contribution:
    allowed = tuple(entry for entry in entries if entry.distribution not in denied)
    if name in built_in:
        return Contribution(name, tuple(entries), "built-in")
    if not allowed:
        return Contribution(name, tuple(entries), "denied")
    return Contribution(name, allowed, "duplicate" if len(allowed) > 1 else "")


def _denied(home: Home, distributions: Collection[str]) -> set[str]:
    if not (home.config / "plugins.json").exists():
        return set()
    from jackfield._engine.discovery import PluginPolicy  # noqa: PLC0415  without a policy, help need not import it
    from jackfield.errors import JackfieldError  # noqa: PLC0415

    try:
        policy = PluginPolicy.load(home)
    except JackfieldError:  # nobody knows whom it denies, and help must work; `plugin` and `doctor` tell what is wrong
        return set(distributions)
    return {name for name in distributions if policy.denies(name)}


def load(contribution: Contribution) -> click.Command:
    """Import a contributed command, guarded.

    Raises:
        PluginError: It cannot be used, and why.
    """
    from jackfield._engine.discovery import PluginPolicy, load_entry  # noqa: PLC0415  only a command that is run needs it
    from jackfield.errors import PluginError  # noqa: PLC0415

    if contribution.obstacle:
        names = [entry.distribution for entry in contribution.entries]
        hint = contribution.next_step
        raise PluginError(contribution.message, distributions=names, stage=contribution.obstacle, hint=hint)
    command = load_entry(contribution.entries[0], click.Command, PluginPolicy.load(Home.find()).checked_pins())
    assert isinstance(command, click.Command)  # noqa: S101  load_entry has seen to it
    return command
