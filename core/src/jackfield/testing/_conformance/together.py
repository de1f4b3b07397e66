"""The rule about threads: several runs at once go as each of them does alone."""

import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from jackfield._engine.conversion import load_form
from jackfield.errors import InputError, JackfieldError
from jackfield.fields import Dynamic
from jackfield.forms import Slot, form_of
from jackfield.operations import Failure, Operation, Result
from jackfield.testing._conformance.lockstep import in_lockstep
from jackfield.testing._conformance.memory import Answers, Place, place_of
from jackfield.testing._conformance.subject import Ran, Subject
from jackfield.testing.cases import Answered
from jackfield.testing.replies import Reply
from jackfield.testing.samples import samples

_AT_ONCE = 2
_GIVEN_BY_HOST = frozenset({"file", "name", "path"})
_WAIT_S = 5.0
"""How long a first request waits for a second one, so that two runs are sure to be at once."""


def threads(subject: Subject) -> Iterator[str]:
    """Several runs at once, each with an input of its own, send and give what each of them does alone."""
    pair = _pair(subject)
    alone, again = ([_traced(subject.run(sample.input, answers)) for sample, answers in pair] for _ in range(2))
    for at_once in (_mapped, _stepped):
        told = at_once(subject, pair)
        for index, outcome in enumerate(told):
            usual, other = alone[index % len(pair)], again[index % len(pair)]
            if outcome.told != usual.told:
                yield f"while another run of it goes on it ends with {outcome.told}, else with {usual.told}"
                return
            if _is_other(outcome.bundles, usual.bundles, other.bundles):
                yield "while another run of it goes on it gives other bundles: they share what belongs to one of them"
                return
        usual_places = [place for each in alone for place in each.places] * (len(told) // len(pair))
        is_random = [each.places for each in alone] != [each.places for each in again]
        if not is_random and Counter(map(place_of, subject.memory.requests)) != Counter(usual_places):
            yield "while another run of it goes on it sends something else: they share what belongs to one of them"
            return


def _is_other(got: Any, one: Any, two: Any) -> bool:
    """Tell whether something is neither what it was twice nor, where it was not the same twice, anything new."""
    if one == two:
        return bool(got != one)
    if isinstance(one, Mapping) and isinstance(two, Mapping) and isinstance(got, Mapping):
        return any(_is_other(got.get(key), one.get(key), two.get(key)) for key in {*got, *one, *two})
    if isinstance(one, Sequence) and isinstance(two, Sequence) and not isinstance(one, str) and len(one) == len(two):
        return len(got) != len(one) or any(map(_is_other, got, one, two))
    return False  # an id or a time that each run makes anew


_Pair = Sequence[tuple[Answered, Answers]]


class _Traced(NamedTuple):
    """What a run came to, to be compared."""

    told: str
    bundles: Sequence[Mapping[str, object]]
    places: Sequence[Place] = ()


def _traced(ran: Ran) -> _Traced:
    bundles = [_without_places(bundle) for bundle in ran.result.bundles] if ran.result else ()
    return _Traced(ran.outcome, bundles, [*map(place_of, ran.requests)])


def _without_places(value: Any) -> Any:
    """Leave out of references to files what the host gives them: an id, a place, a number behind the name."""
    if isinstance(value, Mapping):
        dropped = _GIVEN_BY_HOST if {"file", "media_type", "name"} <= value.keys() else ()
        return {key: _without_places(item) for key, item in value.items() if key not in dropped}
    return [_without_places(item) for item in value] if isinstance(value, list | tuple) else value


def _pair(subject: Subject) -> _Pair:
    """Give two inputs that lead to different requests, with their answers; the second may be made up."""
    first, *others = [(sample, subject.answers_of(sample)) for sample in subject.tries]
    sample, answers = first
    for another in others:
        if _known(subject, another[0].input) != _known(subject, sample.input):
            return [first, another]
    usual = _traced(subject.run(sample.input, answers))
    for slot in subject.form.slots:
        values = {**sample.input}
        for value in _values(slot):
            other = Answered(input={**values, slot.key: value}, replies=sample.replies)
            ran = subject.run(other.input, answers)
            if ran.requests and _traced(ran).places != usual.places:
                return [first, (other, answers)]
    return [first, first]


def _values(slot: Slot) -> Sequence[object]:
    try:
        return samples(slot)[:2]
    except InputError:
        return ()  # others may have some


def _known(subject: Subject, given: Mapping[str, object]) -> Sequence[object]:
    return _decisive(load_form(subject.form.cls, dict(given)))


def _decisive(form: Any) -> Sequence[object]:
    """Give the values of a form by which runs are told apart: those of Dynamic fields are read in the run itself."""
    cls: type = type(form)
    return [getattr(form, slot.name) for slot in form_of(cls).slots if not isinstance(slot.word, Dynamic)]


def _answered(subject: Subject, pair: _Pair) -> Callable[[Operation], Answers]:
    """Answer each run as its input is to be answered."""
    known = [(_known(subject, sample.input), answers) for sample, answers in pair]
    return lambda operation: next(
        (answers for values, answers in known if values == _decisive(operation.form)), known[0][1]
    )


def _mapped(subject: Subject, pair: _Pair) -> list[_Traced]:
    """Run them at once, so that the requests of two runs meet."""
    answers_to, together = _answered(subject, pair), _Meeting()
    subject.memory.answer_each(lambda operation: together.of(answers_to(operation)))
    forms = [sample.input for sample, _ in pair] * _AT_ONCE
    with subject.opened() as host:
        several: Iterator[Result[Any] | Failure] = host.map(
            subject.handle.id, forms, concurrency=_AT_ONCE, progress=False, **subject.options()
        )
        return [_traced(Ran.of(got)) for got in several]


def _stepped(subject: Subject, pair: _Pair) -> list[_Traced]:
    """Run them at once, line by line."""
    subject.memory.answer_each(_answered(subject, pair))
    file = sys.modules[subject.python_module].__file__ if subject.python_module in sys.modules else None

    with subject.opened() as host:

        def run(given: Mapping[str, object]) -> _Traced:
            try:
                return _traced(Ran(host.run(subject.handle.id, given, **subject.options()), None, ()))
            except JackfieldError as error:
                return _traced(Ran(None, error, ()))

        return in_lockstep([partial(run, sample.input) for sample, _ in pair], file or "")


class _Meeting:
    """Has the first requests of two runs wait for each other; whoever is left alone goes on."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(_AT_ONCE)

    def of(self, answers: Answers) -> Answers:
        """Give the same answers, each after another run asked, too."""

        def answered(number: int) -> Reply:
            with contextlib.suppress(threading.BrokenBarrierError):
                self._barrier.wait(_WAIT_S)
            return answers.own(number)

        return answers._replace(own=answered)
