"""A rule about the patterns of texts: refusing one may not take for ever."""

import re
import time
from collections.abc import Iterator, Sequence

from attrs import frozen

from jackfield.errors import InputError
from jackfield.fields import Text
from jackfield.forms import Either, Form, ListOf, MapOf, Slot, form_of
from jackfield.host import ConnectorHandle
from jackfield.testing._conformance.places import places_in
from jackfield.testing._conformance.subject import Subject
from jackfield.testing.samples import samples

LIMIT_S = 0.1
"""Seconds of the processor that one short text may take; a pattern that is sound takes less than a hundredth of it."""
LONG_LIMIT_S = 0.5
"""The same for a text of thousands of letters, over which a pattern may go several times."""
BUDGET_S = 2.0
"""Seconds of the processor for all texts that are tried on one pattern."""

# By ones as long as it may double with each character: the first that is too slow then takes a second, and not years.
_SHORT = 32
_COUNTS = (*range(1, _SHORT + 1), 64, 128, 256, 512, 1024, 2048)
_ENDS = ("\0", "!", "")
"""What a text ends with so that it nearly matches: hardly any pattern lets the first end a text."""
_USUAL = "a1 -._/"
_LONGEST_SAMPLE, _MOST_SAMPLES = 40, 3
_KEPT, _FEWEST = ((3, None), (6, 64), (14, 16)), 4
"""Below which count how many ways are kept, the dearest: tried on patterns that are known to be bad."""


@frozen
class Slow:
    """A text that takes too long.

    Attributes:
        start: How it begins.
        part: What comes after that, again and again.
        count: How often.
        end: How it ends.
        cost_s: What it took, in seconds of the processor.
    """

    start: str
    part: str
    count: int
    end: str
    cost_s: float

    @property
    def words(self) -> str:
        """Say which text it is."""
        begin = f"{self.start!r}, then " if self.start else ""
        end = f", then {self.end!r}" if self.end else ""
        return f"{begin}{self.count} times {self.part!r}{end}"


def quick(subject: Subject) -> Iterator[str]:
    """No pattern of a module's form takes long to refuse a text."""
    # Of the class, and not of what is shown: a wrong example, which JF302 tells, keeps the form from being shown.
    yield from _flaws(subject.handle.module.form)


def quick_in_connections(connector: ConnectorHandle) -> Iterator[str]:
    """The same for the forms of its connection types."""
    for type_id, kind in connector.connection_types.items():
        yield from _flaws(form_of(kind.form), f"{type_id} ")


def _flaws(form: Form, whose: str = "") -> Iterator[str]:
    for path, slot in places_in(form):
        for where, word, known in _texts(slot, path):
            found = slow_text(word, known)
            if found:
                yield (
                    f"{whose}{where}: {found.cost_s:.1f} s go by until the pattern refuses {found.words}, and more for "
                    "a longer text: let no two parts of it match the same"
                )


def _texts(slot: Slot, path: str) -> Iterator[tuple[str, Text, Sequence[str]]]:
    """Give what has a pattern in a field (itself, its items, its values, its options), and texts that match it."""
    if isinstance(slot.word, Text) and slot.word.pattern:
        yield path, slot.word, _known(slot)
    shape = slot.shape
    if isinstance(shape, ListOf):
        yield from _texts(shape.item, f"{path}[]")
    elif isinstance(shape, MapOf):
        yield from _texts(shape.value, f"{path}{{}}")
    elif isinstance(shape, Either):
        for option in shape.options:
            yield from _texts(option, path)


def _known(slot: Slot) -> Sequence[str]:
    """Give texts that match: the way into a pattern leads through what it accepts."""
    try:
        return [str(value) for value in samples(slot)]
    except InputError:
        return ()


def slow_text(word: Text, known: Sequence[str] = ()) -> Slow | None:
    """Look for a text that a pattern is slow to refuse, by repeating parts of texts that it accepts.

    Args:
        word: Has the pattern.
        known: Texts that match it.

    Returns:
        The shortest that was found; ``None`` if there was none within the time for it.
    """
    pattern, longest = re.compile(word.pattern), word.max_length or _COUNTS[-1] * 2
    left = [(start, part, end) for start, part in _beginnings(word.pattern, known) for end in _ENDS]
    begun = time.thread_time()
    for count in _COUNTS:
        costs: list[tuple[float, tuple[str, str, str]]] = []
        for start, part, end in left:
            text = f"{start}{part * count}{end}"
            if len(text) > longest or time.thread_time() - begun > BUDGET_S:
                continue
            cost_s = _cost_s(pattern, text)
            if cost_s > (LIMIT_S if count <= _SHORT else LONG_LIMIT_S):
                return Slow(start, part, count, end, cost_s)
            costs.append((cost_s, (start, part, end)))
        # Which of them are worth the time of longer texts shows early: what doubles each time is far above the others.
        left = [way for _, way in sorted(costs, reverse=True)[: _kept(count)]]
    return None


def _kept(count: int) -> int | None:
    return next((kept for below, kept in _KEPT if count < below), _FEWEST)


def _cost_s(pattern: re.Pattern[str], text: str) -> float:
    begun = time.thread_time()
    pattern.fullmatch(text)
    return time.thread_time() - begun


def _beginnings(pattern: str, known: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Give how texts may begin, each with a part to be repeated there: a letter, or two that stand together."""
    letters = dict.fromkeys([*_USUAL, *(letter for letter in pattern if letter not in "\\()[]{}|?*+^$")])
    found = dict.fromkeys(("", letter) for letter in letters)
    for text in (sample[:_LONGEST_SAMPLE] for sample in known[:_MOST_SAMPLES]):
        for place in range(len(text)):
            found |= dict.fromkeys((text[:place], text[place : place + size]) for size in (1, 2))
        found |= dict.fromkeys((text, letter) for letter in _USUAL)
    return [*found]
