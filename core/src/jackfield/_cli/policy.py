"""``plugin allow`` and ``plugin deny``: what a user decides about distributions, written to ``config/plugins.json``."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

import attrs
import click

from jackfield._cli.locking import locked
from jackfield._cli.output import write_plain
from jackfield._cli.provided import said_provided
from jackfield._cli.terminal import say
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.index import Entry, normalize, read_entries
from jackfield._home import Home

_CORE = "jackfield"


def deny_names(names: Sequence[str]) -> None:
    """Deny distributions, and tell what that means."""
    refuse_core(names, "denied: it is what denies")
    with changing() as change:
        _deny(change, names)


def refuse_core(names: Iterable[str], why: str) -> None:
    """Go on unless core is among the names.

    Raises:
        click.UsageError: It is.
    """
    if _CORE in map(normalize, names):
        message = f"jackfield itself cannot be {why}."
        raise click.UsageError(message, click.get_current_context(silent=True))


def _deny(change: "Change", names: Sequence[str]) -> None:
    for name in map(normalize, names):
        if name in change.policy.deny:
            change.tell(f"{name} was denied already.")
            continue
        change.policy = attrs.evolve(change.policy, deny=change.policy.deny | {name})
        provided = change.provided(name) or "whatever it will provide"
        change.tell(f"{name} is denied: {provided} cannot be used, and none of its code is imported.")
        change.tell(f"Undo it with: jackfield plugin allow {name}")


def allow_names(names: Sequence[str]) -> None:
    """Allow distributions, and tell what that means."""
    with changing() as change:
        _allow(change, names)


def _allow(change: "Change", names: Sequence[str]) -> None:
    for name in map(normalize, names):
        provided = change.provided(name) or "whatever it will provide"
        if not change.policy.denies(name):
            change.tell(f"{name} was allowed already.")
            continue
        allowed = change.policy.allow
        change.policy = attrs.evolve(
            change.policy, allow=None if allowed is None else allowed | {name}, deny=change.policy.deny - {name}
        )
        change.tell(f"{name} is allowed: {provided} can be used.")


def allow_only(names: Sequence[str]) -> None:
    """Allow distributions and no others, and tell what that means."""
    with changing() as change:
        _allow_only(change, names)


def _allow_only(change: "Change", names: Sequence[str]) -> None:
    chosen = {*map(normalize, names)}
    for name in sorted(chosen):
        provided = change.provided(name) or "whatever it will provide"
        change.tell(f"{name} is allowed: {provided} can be used.")
    change.policy = attrs.evolve(change.policy, allow=chosen, deny=change.policy.deny - chosen)
    others = sorted(change.installed - chosen)
    change.tell(f"Nothing else may be used{f', so not {listed(others)}' if others else ''}.")
    change.tell("Undo it with: jackfield plugin allow --all")


def allow_all() -> None:
    """Allow whatever is installed."""
    with changing() as change:
        change.policy = attrs.evolve(change.policy, allow=None, deny=())
        change.tell("Everything that is installed may be used.")
        if change.policy.pins:
            change.tell(f"What is pinned must still be what it was: {listed(sorted(change.policy.pins))}.")


class Change:
    """A change of the policy that is not written yet."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._before = self.policy = PluginPolicy.load(home)
        self._entries = read_entries(self._home.cache)
        self._told: list[str] = []

    @property
    def installed(self) -> set[str]:
        """Every distribution that provides something, normalized."""
        return {normalize(entry.distribution) for entry in self._entries}

    def provided(self, name: str) -> str:
        """Say what a distribution provides; warn if it is not installed."""
        found: list[Entry] = [entry for entry in self._entries if normalize(entry.distribution) == name]
        if not found:
            close = get_close_matches(name, self.installed, 1)
            meant = f" Did you mean {close[0]}?" if close else ""
            say(f"warning: nothing that is installed is called {name}.{meant}")
        return said_provided(found)

    def tell(self, text: str) -> None:
        """Keep what is to be told once it is true."""
        self._told.append(text)

    def save(self) -> None:
        """Write the policy."""
        if self.policy != self._before:
            self.policy.save(self._home)
        else:
            self.tell("Nothing changed.")

    def tell_all(self) -> None:
        """Tell what has become true."""
        write_plain("".join(f"{line}\n" for line in self._told))


@contextlib.contextmanager
def changing() -> Iterator[Change]:
    """Change the policy, and tell; two commands at once change it one after the other, or one would undo the other."""
    home = Home.find()
    with locked(home.config / "plugins.lock"):
        change = Change(home)
        yield change
        change.save()
    change.tell_all()


def listed(names: Iterable[str]) -> str:
    """Write names behind each other."""
    return ", ".join(names)
