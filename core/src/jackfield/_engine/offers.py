"""What services said that fields offer, kept for a while, so that opening a field twice asks once.

A list is kept for one function of choices and one connection: its address, its settings and its secrets. If the service
is away when the list has become too old, the list is given all the same, and the context is told that it is stale.
"""

import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from jackfield._context import Context, connection_of
from jackfield._engine.masking import redactor_of
from jackfield._engine.offer_files import Offer, OfferFiles, Place
from jackfield._http.forking import forget_after_fork
from jackfield.connections import Connection
from jackfield.errors import AnswerError, BusyError, DeadlineError, PluginError, TransportError
from jackfield.fields import Choice
from jackfield.operations import Choices, Operation
from jackfield.shapes import Scalar, ScalarKind, Slot

_KEPT = 64
"""How many lists are kept at most; those that were not looked at for longest go first."""

_PATIENCE_S = 15.0
"""How long a service that was away is not asked again: else a person who types a query waits for it at each letter."""

AWAY = (TransportError, BusyError, DeadlineError, AnswerError)
"""What may pass by itself; a key that is refused, or a path that is not there, must be seen."""

_NUMBERS = (ScalarKind.INTEGER, ScalarKind.NUMBER)
_Function = Callable[..., Sequence[Any]]


class Offers:
    """The lists of one host.

    Args:
        directory: Where they are kept for other processes; without, they are kept in memory only.
    """

    def __init__(self, directory: Path | None) -> None:
        self._salt = secrets.token_bytes(32)  # what is kept cannot be used to guess a key
        self._kept: OrderedDict[Place, Offer] = OrderedDict()
        self._away: dict[Place, tuple[float, str]] = {}
        self._files = OfferFiles(directory) if directory else None
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it."""
        self._lock = threading.Lock()

    def get(
        self, function: _Function, context: Context, keep_s: float, given: Mapping[str, object]
    ) -> Sequence[Choice]:
        """Give what a function offers, asked for now or not long ago; the context is told its age.

        Args:
            function: Asks the service.
            context: Whose connection is asked for; its ``max_age_s``, if any, goes before ``keep_s``. If the run is
                confidential, nothing is kept, and nothing that was kept is given.
            keep_s: How old a list may be; 0 if it is not to be kept at all.
            given: What else the function is given, by the names of its parameters.

        Raises:
            JackfieldError: What the function raises, if there is no list that could stand in.
        """
        if keep_s <= 0 or context.confidential:
            return _asked(function, context, given)
        connection = connection_of(context)
        arguments = json.dumps(given, sort_keys=True) if given else ""
        place = Place(
            function, connection.identity(self._salt) if connection else b"", arguments, bool(given.get("query"))
        )
        wanted_s = keep_s if context.max_age_s is None else context.max_age_s
        kept = self._look_up(place, connection, wanted_s)
        if kept is not None and _age_s(kept) <= wanted_s:
            context.record_age(_age_s(kept))
            return kept.choices
        reason = self._still_away(place) if context.max_age_s is None else ""
        if kept is None or not reason:
            try:
                fresh = Offer(_asked(function, context, given), time.time())
            except AWAY as error:
                if kept is None:
                    raise
                reason = error.message
                self._note_away(place, reason)
            else:
                self._keep(place, connection, fresh)
                return fresh.choices
        context.record_age(_age_s(kept), stale_because=reason)
        return kept.choices

    def _look_up(self, place: Place, connection: Connection | None, wanted_s: float) -> Offer | None:
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None:
                self._kept.move_to_end(place)
        if (kept is None or _age_s(kept) > wanted_s) and self._files and not place.passing:
            written = self._files.read(place, connection)
            if written and (kept is None or written.asked_at > kept.asked_at):
                kept = written
                self._remember(place, kept)
        return kept

    def _keep(self, place: Place, connection: Connection | None, offer: Offer) -> None:
        self._remember(place, offer)
        if self._files and not place.passing:
            self._files.write(place, connection, offer)

    def _remember(self, place: Place, offer: Offer) -> None:
        with self._lock:
            self._away.pop(place, None)
            self._kept[place] = offer
            self._kept.move_to_end(place)
            while len(self._kept) > _KEPT:
                self._away.pop(self._kept.popitem(last=False)[0], None)

    def _still_away(self, place: Place) -> str:
        with self._lock:
            noted_at, reason = self._away.get(place, (0.0, ""))
        return reason if time.monotonic() - noted_at < _PATIENCE_S else ""

    def _note_away(self, place: Place, reason: str) -> None:
        with self._lock:
            if place in self._kept:
                self._away[place] = (time.monotonic(), reason)


def _age_s(offer: Offer) -> float:
    age = time.time() - offer.asked_at
    return age if age >= 0 else float("inf")  # from the future, of a clock that was wrong


def _asked(function: _Function, context: Context, given: Mapping[str, object]) -> tuple[Choice, ...]:
    offered: object = function(context, **given)
    if not isinstance(offered, Iterable) or isinstance(offered, str | Mapping):
        message = f"A function of choices gave a {type(offered).__name__}, and not a list of choices."
        raise PluginError(message, stage="object")
    found = tuple(item if isinstance(item, Choice) else Choice(value=item) for item in offered)
    for choice in found:
        value: object = choice.value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            message = f"A function of choices offered a {type(value).__name__}, and not a text, a number or a Choice."
            raise PluginError(message, stage="object")
    return found


def held_choices(slot: Slot, offered: Sequence[Choice]) -> Sequence[Choice]:
    """Give what a function offers as its field can hold it, and each value once.

    Services number many things that a field holds as text: such a number becomes one, since it could never be chosen.

    Raises:
        PluginError: It offers texts for a field that holds numbers.
    """
    kind = slot.shape.kind if isinstance(slot.shape, Scalar) else None
    found: dict[str | float, Choice] = {}
    for choice in offered:
        value = choice.value
        if kind is ScalarKind.TEXT and not isinstance(value, str):
            value = str(value)
        elif kind in _NUMBERS and isinstance(value, str):
            message = f"A function of choices offered a text for {slot.key or slot.label!r}, which holds numbers."
            raise PluginError(message, stage="object", hint="Have it give numbers: Choice(value=int(...)).")
        found.setdefault(value, choice if value is choice.value else attrs.evolve(choice, value=value))
    return [*found.values()]


def told_choices(found: Iterable[object], operation: Operation, context: Context) -> Choices:
    """Make what a caller is told of what the hook ``field_choices`` gave.

    Raises:
        PluginError: It gave something else than choices.
    """
    offered: list[Choice] = []
    for choice in found:
        if not isinstance(choice, Choice):
            message = f"A plugin answered the hook 'field_choices' with a {type(choice).__name__}, not with Choices."
            raise PluginError(message, stage="hook")
        offered.append(choice)
    choices = Choices(offered)
    choices.age_s = context.age_s
    choices.stale_because = redactor_of(operation).scrub(context.stale_because)
    return choices
