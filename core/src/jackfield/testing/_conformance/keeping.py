"""Rules about secrets."""

import contextlib
import io
import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from requests import PreparedRequest, Request

from jackfield._engine.conversion import load_form
from jackfield._telltale import names_secret
from jackfield.connections import ConnectionType
from jackfield.errors import JackfieldError
from jackfield.forms import Form, Scalar, ScalarKind, form_of
from jackfield.host import ConnectorHandle
from jackfield.testing._conformance.places import places_in
from jackfield.testing._conformance.subject import Secrets, Subject, not_checked, secrets_of
from jackfield.testing.cases import made_connection
from jackfield.testing.replies import Reply, body_of

_ECHOED = (400, 401, 403, 404, 422, 500)
"""Failures in whose text a service may repeat a key."""


def connection_fields(connector: ConnectorHandle) -> Iterator[str]:
    """What is a secret by its name is one by its type, and is not in the text of the filled-in form."""
    for type_id, kind in connector.connection_types.items():
        yield from (f"{type_id} {flaw}" for flaw in _flaws_of_names(form_of(kind.form), {}))
        yield from _flaws_of_text(type_id, kind)


def fields(subject: Subject) -> Iterator[str]:
    """The same of the names in the form of a module."""
    yield from _flaws_of_names(subject.form, subject.case.no_secret)


def _flaws_of_names(form: Form, told: Mapping[str, str]) -> Iterator[str]:
    for path, slot in places_in(form):
        if slot.is_secret or path.removeprefix("$.") in told or not isinstance(slot.shape, Scalar):
            continue
        if slot.shape.kind is ScalarKind.TEXT and _is_like_secret(slot.key):
            yield (
                f"{path}: has the name of a secret and is none: annotate it Secret, with Password(...); "
                "in a module's form, Case(no_secret=...) tells why not"
            )


_VAGUE = re.compile(r"(?:_?\d+|_(?:value|text|string|raw))+$")
"""What a name may have behind it and mean the same: ``token2``, ``client_secret_value``."""
_ALONE = frozenset({"bearer", "credential", "credentials", "passphrase", "passwd", "password", "pwd", "secret"})
"""Last words that make a secret of whatever stands before them; not ``token``, which pages have, too."""


def _is_like_secret(name: str) -> bool:
    words = _VAGUE.sub("", re.sub(r"\W", "_", name).lower())
    return names_secret(words) or words.rpartition("_")[2] in _ALONE


def _flaws_of_text(type_id: str, kind: ConnectionType) -> Iterator[str]:
    values = made_connection(kind) or {}
    secrets = secrets_of(kind, values)
    form: object = load_form(kind.form, values)
    for name, text in (("repr", repr(form)), ("str", str(form)), ("format", f"{form}")):
        if secrets.in_text(text):
            yield f"{type_id}: the {name} of {kind.form.__name__} shows a secret"


class _Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.told: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        where = f"logged at {record.filename}:{record.lineno}, by the logger {record.name}"
        self.told[where] = f"{self.told.get(where, '')}\n{self.format(record)}"


@contextlib.contextmanager
def _overheard() -> Iterator[Mapping[str, str]]:
    """Give what is printed and logged meanwhile, once it is over, by where that was."""
    listener, printed, root = _Listener(), io.StringIO(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield listener.told
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
        listener.told["printed"] = printed.getvalue()


def errors(subject: Subject) -> Iterator[str]:
    """No secret is in an error, an event, a warning, a log or on a stream, even if the service repeats it."""
    secrets = secrets_of(subject.kind, subject.connection)
    with _overheard() as told:
        for status in _ECHOED:
            text = f"You gave {' and '.join(sorted(secrets.texts))[:2000]}."
            reply = Reply(json={"message": text, "error": {"message": text}}, status=status)
            ran = subject.run(subject.reaching, subject.failing(reply))
            if ran.error is not None and secrets.in_text(_all_of(ran.error)):
                yield f"the error for {status} shows a secret that the service repeated: {type(ran.error).__name__}"
            if secrets.in_text(repr(subject.memory.events)):
                yield f"an event of a run that ended with {status} shows a secret"
    yield from _flaws_of_talk(told, secrets)


def connection_errors(connector: ConnectorHandle) -> Iterator[str]:
    """The same of what adds credentials: told once, and not for each module."""
    for type_id, kind in connector.connection_types.items():
        values = made_connection(kind) or {}
        secrets = secrets_of(kind, values)
        with _overheard() as told:
            flaws = [*_flaws_of_authorizing(kind, values, secrets)]
        yield from (f"{type_id}: {flaw}" for flaw in (*flaws, *_flaws_of_talk(told, secrets)))


def _flaws_of_talk(told: Mapping[str, str], secrets: Secrets) -> Iterator[str]:
    yield from (f"a secret was {where}" for where, text in told.items() if secrets.in_text(text))


def _flaws_of_authorizing(kind: ConnectionType, values: Mapping[str, object], secrets: Secrets) -> Iterator[str]:
    """Let the authorizers add their credentials to a request that is never sent."""
    form: Any = load_form(kind.form, dict(values))
    origin = kind.origin_of(form).rstrip("/") or "https://service.example"  # some may be left without an address
    request = Request("GET", f"{origin}/").prepare()
    for authorize in kind.authorize:
        if authorize is kind.oauth:
            continue
        try:
            authorize(request, form)
        except JackfieldError as error:
            if secrets.in_text(_all_of(error)):
                yield f"the error of an authorizer shows a secret: {type(error).__name__}"


def _all_of(error: JackfieldError) -> str:
    """Give every text of an error that anybody may print."""
    shown = "".join(traceback.format_exception(error))
    return f"{shown}\n{error!r}\n{vars(error)!r}\n{error.hint}"


def recordings(subject: Subject) -> Iterator[str]:
    """No secret is in a request before the credential is added, so a recorder never holds one."""
    secrets = secrets_of(subject.kind, subject.connection)
    if next(_flaws_of_origin(subject.kind, subject.connection), ""):
        not_checked("the address of its connection type holds a secret already, which is told there")
    for sample in subject.tries:
        ran = subject.run(sample.input, subject.answers_of(sample))
        for request in (*ran.requests, *subject.memory.asked):
            if secrets.in_text(_written(request)):
                shown = re.sub(r"[?#].*", "", request.method or "")
                yield f"a {shown} request holds a secret before it is authorized; add it in the connection's authorize"


def connection_recordings(connector: ConnectorHandle) -> Iterator[str]:
    """The same of the address of a connection: it begins every request."""
    for type_id, kind in connector.connection_types.items():
        yield from (f"{type_id}: {flaw}" for flaw in _flaws_of_origin(kind, made_connection(kind)))


def _flaws_of_origin(kind: ConnectionType, values: Mapping[str, object] | None) -> Iterator[str]:
    if secrets_of(kind, values).in_text(kind.origin_of(load_form(kind.form, dict(values or {})))):
        yield "its origin holds a secret before a request is authorized; add it in authorize"


def _written(request: PreparedRequest) -> str:
    body = body_of(request)
    text = body if isinstance(body, str) else json.dumps(body, default=str, ensure_ascii=False)
    return f"{request.url}\n{dict(request.headers)}\n{text}"
