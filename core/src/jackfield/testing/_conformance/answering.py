"""Rules about answers: effect, kind, output, errors."""

import json
from collections.abc import Iterator
from http import HTTPStatus

from requests import PreparedRequest

from jackfield import errors as tree
from jackfield._engine.conversion import load_form
from jackfield.modules import Effect, Kind
from jackfield.testing._conformance.schemas import validator_of
from jackfield.testing._conformance.subject import Ran, Subject, said
from jackfield.testing.cases import Answered
from jackfield.testing.replies import Reply, body_of

_KEY = "key-of-a-wish-7391"
_ONLY_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_SEARCHES = frozenset({"find", "list", "search"})
_WATCHES = frozenset({"watch"})
_EXPECTED: dict[int, tuple[type[tree.JackfieldError], ...]] = {
    400: (tree.RefusedError,),
    401: (tree.CredentialsError,),
    403: (tree.PermissionDeniedError,),
    404: (tree.NotFoundError,),
    409: (tree.BusyError, tree.RefusedError),
    422: (tree.RefusedError,),
    429: (tree.BusyError, tree.QuotaError),
    500: (tree.BusyError,),
    503: (tree.BusyError,),
}
"""What a failure of a service is to a host, by the status; a connector may know it better, within its remedy."""

_UNFIT = (
    Reply(json=None),
    Reply(json=[]),
    Reply(json="text"),
    Reply(content=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
    Reply(content=b"", status=204),
    Reply(content=b'{"cut', headers={"Content-Type": "application/json"}),
)
"""What a service answers where something else stands before it, or half of it is broken."""


def effect(subject: Subject) -> Iterator[str]:
    """A module that declares that it only reads sends nothing that changes; a keyed one sends its key."""
    for sample in subject.tries:
        ran = subject.run(sample.input, subject.answers_of(sample), key=_KEY)
        subject.refuse_silent(ran)
        declared = _declared(subject, sample)
        yield from dict.fromkeys(_flaws_of_effect(subject, declared, ran))


def _declared(subject: Subject, sample: Answered) -> Effect:
    module = subject.handle.module
    return module.effect_of(load_form(module.form.cls, dict(sample.input)))


def _flaws_of_effect(subject: Subject, declared: Effect, ran: Ran) -> Iterator[str]:
    methods = {request.method or "" for request in ran.requests}
    explained = bool(subject.case.effect_because)
    if declared is Effect.KEYED:
        yield from ("its key is not sent, so a repeat is not safe" for each in ran.requests if not _has_key(each))
    elif explained:
        return
    elif declared is Effect.READ and not methods <= _ONLY_READS:
        sent = " and ".join(sorted(methods - _ONLY_READS))
        yield f"it declares that it reads, and sends {sent}; Case(effect_because=...) tells why"
    elif declared is Effect.IDEMPOTENT and "POST" in methods:
        yield "it declares that a repeat changes nothing, and sends POST; Case(effect_because=...) tells why"
    elif declared is not Effect.READ and methods <= _ONLY_READS and ran.error is None:  # else there was more to come
        yield f"it declares {declared.value}, and only reads; with Effect.READ a failed request is repeated"


def _has_key(request: PreparedRequest) -> bool:
    return _KEY in f"{request.url}{dict(request.headers)}{json.dumps(body_of(request), default=str)}"


def kind(subject: Subject) -> Iterator[str]:
    """A search gives any number of bundles and is named for it; everything else gives one."""
    verb, declared = subject.handle.id.partition(".")[2].partition("_")[0], subject.handle.kind
    for verbs, meant in ((_SEARCHES, Kind.SEARCH), (_WATCHES, Kind.TRIGGER)):
        if verb in verbs and declared is not meant:
            yield f"{verb} is the verb of a {meant.value}, and this is {declared.value}: let it give Iterator[...]"
    for number, sample in enumerate(subject.case.answered):
        ran = _ran(subject, sample)
        if isinstance(ran.error, tree.PluginError):
            yield f"answer {number}: {said(ran.error)}"
        elif declared is Kind.TRIGGER:
            yield from (f"answer {number}: {flaw}" for flaw in _flaws_of_polling(subject, sample))


def _flaws_of_polling(subject: Subject, sample: Answered) -> Iterator[str]:
    """Poll a trigger twice with the same answers: the second time, nothing is new."""
    state = None
    for number in (1, 2):
        subject.memory.answer_with(subject.answers_of(sample))
        try:
            with subject.opened() as host:
                poll = host.poll(subject.handle.id, sample.input, state=state, start="all", **subject.options())
        except tree.JackfieldError as error:
            yield f"poll {number} fails: {said(error)}"
            return
        if state is not None and poll.items:
            yield f"{len(poll.items)} items that were given before are given again: does its key say what they are?"
        state = poll.state


def output(subject: Subject) -> Iterator[str]:
    """What the service answers is what the output declares, and each bundle is valid by its schema."""
    answered = subject.answered
    validator = validator_of(subject.handle.output_schema())
    for number, sample in enumerate(answered):
        ran = _ran(subject, sample)
        if ran.error is not None:
            yield f"answer {number}: {said(ran.error)}"
            continue
        yield from (f"answer {number}: {flaw}" for flaw in _flaws_of_pieces(subject, sample))
        for bundle in ran.result.bundles if ran.result else ():
            yield from (
                f"answer {number}: {found.json_path}: {found.message}" for found in validator.iter_errors(bundle)
            )


def _flaws_of_pieces(subject: Subject, sample: Answered) -> Iterator[str]:
    """Stream it, and look at each piece: nobody else compares them with what is declared."""
    declared = subject.handle.module.signature.piece
    if declared is None or not isinstance(declared, type):
        return
    subject.memory.answer_with(subject.answers_of(sample))
    try:
        with subject.opened() as host, host.stream(subject.handle.id, sample.input, **subject.options()) as stream:
            wrong = {type(piece).__name__ for piece in stream if not isinstance(piece, declared)}
    except tree.PluginError as error:
        yield f"as a stream it fails: {said(error)}"
        return
    except tree.JackfieldError:
        return  # the answer is that to a run which does not stream
    yield from (f"it streams a piece that is {name}, and declares {declared.__name__}" for name in sorted(wrong))


def _ran(subject: Subject, sample: Answered) -> Ran:
    return subject.run(sample.input, subject.answers_of(sample))


def errors(subject: Subject) -> Iterator[str]:
    """Each failure of a service becomes the error that tells its remedy; no answer makes a module fall over."""
    for status, expected in _EXPECTED.items():
        for reply in _failures(status):
            ran = subject.run(subject.reaching, subject.failing(reply))
            subject.refuse_silent(ran)
            if not isinstance(ran.error, expected):
                told = type(ran.error).__name__ if ran.error else "a success"
                meant = " or ".join(each.__name__ for each in expected)
                yield f"{status} {HTTPStatus(status).phrase} became {told}, not {meant}"
    for reply in _UNFIT:
        ran = subject.run(subject.reaching, subject.failing(reply))
        if isinstance(ran.error, tree.PluginError):
            shown = json.dumps(reply.json) if reply.content is None else reply.content.decode()
            yield f"the answer {shown!r} became a defect: {said(ran.error)}"


def _failures(status: int) -> tuple[Reply, ...]:
    html = Reply(content=b"<html>Sorry</html>", headers={"Content-Type": "text/html"}, status=status)
    return Reply(json={"message": "no"}, status=status), html
