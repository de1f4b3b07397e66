"""``plugin pin`` and ``plugin unpin``: what must stay as it is, written to ``config/plugins.json``."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from jackfield._cli.output import write_json
from jackfield._cli.policy import Change, changing, refuse_core
from jackfield._engine.discovery import lists_in, pin_as_json
from jackfield._engine.index import normalize, read_entries
from jackfield._engine.pins import Pin
from jackfield._home import Home, write_text
from jackfield.errors import InputError, JackfieldError, PluginError
from jackfield.integrity import Verification, manifest_text, verify_installed


def pin_names(names: Sequence[str], *, version_only: bool) -> None:
    """Pin distributions to what they are now, and tell what that means."""
    home = Home.find()
    found = [*_pinnable(names, version_only=version_only)]
    with changing() as change:
        for item in found:
            name, pin = normalize(item.distribution), _pin(item, version_only=version_only)
            if change.policy.pins.get(name) == pin:
                change.tell(f"{name} was pinned to this already.")
                continue
            if pin.sha256:  # first: a list without its pin is not believed
                _write(lists_in(home) / f"{name}.sha256", manifest_text(item.manifest))
            _pin_one(change, name, pin, len(item.manifest))


def _pin_one(change: Change, name: str, pin: Pin, count: int) -> None:
    known = change.policy.pins.get(name)
    change.policy = attrs.evolve(change.policy, pins={**change.policy.pins, name: pin})
    what = f"what is in its {count} files" if pin.sha256 else "its version"
    change.tell(f"{name} {pin.version} is pinned to {what}: if that changes, none of its code is imported.")
    if known:
        change.tell(f"Before, it was pinned to {known.version or 'another content'}.")
    if change.policy.denies(name):
        change.tell(f"It is denied all the same; allow it with: jackfield plugin allow {name}")
    change.tell(f"Undo it with: jackfield plugin unpin {name}")


def print_pins(names: Sequence[str], *, version_only: bool) -> None:
    """Print the pins of what is installed, as they stand in the policy."""
    found = _pinnable(names, version_only=version_only)
    pins = {normalize(item.distribution): _pin(item, version_only=version_only) for item in found}
    write_json({"pins": {name: pin_as_json(pin) for name, pin in pins.items()}})


def unpin_names(names: Sequence[str]) -> None:
    """Forget the pins of distributions, and tell what that means."""
    home = Home.find()
    with changing() as change:
        for name in map(normalize, names):
            if name not in change.policy.pins:
                change.tell(f"{name} was not pinned.")
                continue
            left = {other: pin for other, pin in change.policy.pins.items() if other != name}
            change.policy = attrs.evolve(change.policy, pins=left)
            with suppress(OSError):  # without its pin, nobody believes it
                (lists_in(home) / f"{name}.sha256").unlink()
            change.tell(f"{name} is not pinned any more: whatever is installed under that name can be used.")


def _pin(item: Verification, *, version_only: bool) -> Pin:
    return Pin(version=item.version, sha256="" if version_only else item.sha256)


def _pinnable(names: Sequence[str], *, version_only: bool) -> Iterator[Verification]:
    refuse_core(names, "pinned: it would have to check itself")
    asked = {normalize(entry.distribution) for entry in read_entries(Home.find().cache)}
    for item in verify_installed(names):
        if normalize(item.distribution) not in asked:
            message = f"{item.distribution} provides nothing for Jackfield, so nobody would look at its pin."
            hint = "Pin distributions that `jackfield plugin list` shows; an installer can pin all others, by hash."
            raise InputError(message, hint=hint)
        if not version_only and item.status == "changed":
            message = f"{item.distribution} is not what was installed: {_first(item)}."
            hint = f"Look at it with `jackfield plugin verify {item.distribution}`, reinstall it, then pin it."
            raise PluginError(message, distributions=(item.distribution,), stage="changed", hint=hint)
        if not version_only and item.reason:
            message = f"The files of {item.distribution} cannot be pinned: {item.reason}."
            hint = f"jackfield plugin pin --version-only {item.distribution}"
            raise PluginError(message, distributions=(item.distribution,), stage="changed", hint=hint)
        yield item


def _first(item: Verification) -> str:
    first, *others = [f"{finding.path} ({finding.kind})" for finding in item.findings]
    return f"{first} and {len(others)} more" if others else first


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        hint = "Make it writable, or set JACKFIELD_HOME to a directory that is."
        raise JackfieldError(message, hint=hint) from error
