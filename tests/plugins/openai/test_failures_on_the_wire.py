"""Every failure of the service, over real HTTP: its class, what a program reads from it, and whether it is repeated.

The rows are those of OpenAI's guide to errors and of openai-python 3.54.0, read 2026-11-22; the bodies are OpenAI's own
and those of servers and proxies that speak its API.
"""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from jackfield import (
    BusyError,
    CredentialsError,
    DeadlineError,
    Host,
    HttpSettings,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RefusedError,
    RemoteError,
    UnreachableError,
)
from jackfield_openai.chat_completion import create_chat_completion

CANARY = "sk-wire-canary"
PROMPT = "a secret wish of mine"
CHAT = {"model": "m", "messages": [{"role": "user", "content": PROMPT}]}
KEEPS_QUIET_S = 0.3


class Body(NamedTuple):
    """What a service says, and as what."""

    content: bytes
    media_type: str = "application/json"


def official(code: str | int | None, message: str = "It says so.", param: str | None = None, kind: str = "e") -> Body:
    """Say it as OpenAI does."""
    return Body(json.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}}).encode())


class Service:
    """Answers every request alike, and counts them."""

    def __init__(self) -> None:
        self.requests = 0
        self.status = 200
        self.body = official(None)
        self.headers: dict[str, str] = {}
        self.silent = False
        self.ended = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Write nothing."""

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                service.requests += 1
                if service.silent:
                    service.ended.wait(30)
                    return
                self.send_response(service.status)
                size = str(len(service.body.content))
                head = {"Content-Type": service.body.media_type, "Content-Length": size, "x-request-id": "req_9"}
                for name, value in {**head, **service.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(service.body.content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller hangs up on a long body
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    """Serve on loopback."""
    running = Service()
    yield running
    running.close()


Failure = Callable[..., Any]


@pytest.fixture
def failure(service: Service) -> Iterator[Failure]:
    """Run a chat, and give the error that it ends with; a second attempt would be made at once."""
    settings = HttpSettings(max_attempts=2, retry_base_s=0.001)
    modules = {"openai.create_chat_completion": create_chat_completion}
    with Host(modules=modules, discover=False, environ={}, settings=settings) as host:

        def call(kind: type[Exception] = RemoteError, **options: Any) -> Any:
            connection = {"base_url": options.pop("url", service.url), "api_key": CANARY}
            with pytest.raises(kind) as caught:
                host.run("openai.create_chat_completion", CHAT, connection=connection, **options)
            return caught.value

        yield call


QUOTA = (
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
)

ROWS = [
    # status, code, param, class, in the message, in the hint, requests
    (400, None, None, RefusedError, "It says so.", "", 1),
    (400, "unsupported_parameter", "top_p", RefusedError, "$.top_p: ", "Leave top_p empty", 1),
    (400, "unsupported_value", "temperature", RefusedError, "$.temperature: ", "Leave temperature empty", 1),
    (400, "unknown_parameter", "verbosity", RefusedError, "$.verbosity: ", "Leave verbosity out", 1),
    (400, "context_length_exceeded", "messages", RefusedError, "$.messages: ", "Shorten", 1),
    (401, "invalid_api_key", None, CredentialsError, "not accepted", "API Key", 1),
    (401, "mismatched_organization", None, CredentialsError, "organization", "Organization ID", 1),
    (401, "ip_not_authorized", None, CredentialsError, "address", "addresses", 1),
    (403, "unsupported_country_region_territory", None, PermissionDeniedError, "country", "country", 1),
    (403, "missing_scope", None, PermissionDeniedError, "may not do this", "scopes", 1),
    (404, "model_not_found", "model", NotFoundError, "$.model: ", "module choices", 1),
    (404, "unknown_url", None, NotFoundError, "It says so.", "base URL", 1),
    (405, None, None, RefusedError, "405", "base URL", 1),
    (408, None, None, BusyError, "408", "later", 2),
    (409, None, None, BusyError, "409", "later", 2),
    (413, None, None, RefusedError, "413", "Send less", 1),
    (422, None, "n", RefusedError, "$.n: It says so.", "", 1),
    (429, "rate_limit_exceeded", None, BusyError, "429", "later", 2),
    (429, "slow_down", None, BusyError, "429", "later", 2),
    *((429, code, None, QuotaError, code, "billing", 1) for code in QUOTA),
    (402, None, None, QuotaError, "402", "billing", 1),
    (500, "server_error", None, BusyError, "500", "later", 2),
    (502, None, None, BusyError, "502", "later", 2),
    (503, "server_is_overloaded", None, BusyError, "503", "later", 2),
    (504, None, None, BusyError, "504", "later", 2),
]


@pytest.mark.parametrize(
    ("status", "code", "param", "kind", "message", "hint", "requests"), ROWS, ids=[f"{r[0]}-{r[1]}" for r in ROWS]
)
def test_a_failure_as_openai_says_it(
    *,
    service: Service,
    failure: Failure,
    status: int,
    code: str | None,
    param: str | None,
    kind: type[RemoteError],
    message: str,
    hint: str,
    requests: int,
) -> None:
    """The class says what to do, the message where, the hint how; only what may pass by itself is repeated."""
    service.status, service.body = status, official(code, param=param)

    error = failure()

    assert type(error) is kind
    assert (error.status, error.request_id, error.parameter) == (status, "req_9", param or "")
    assert code in (None, error.code)
    assert message in error.message
    assert hint in error.hint
    assert service.requests == requests


HUGE = "x" * 1_000_000

BODIES = {
    "a number as code": official(418, "It is unwell."),
    "nothing but a message": Body(b'{"error": {"message": "It is unwell."}}'),
    "null for all": Body(b'{"error": {"message": null, "type": null, "param": null, "code": null}}'),
    "error as text": Body(b'{"error": "It is unwell."}'),
    "detail": Body(b'{"detail": "It is unwell."}'),
    "a list of details": Body(
        b'{"detail": [{"loc": ["body", "n"], "msg": "It is unwell.", "input": "a secret wish"}]}'
    ),
    "without error": Body(b'{"object": "error", "message": "It is unwell.", "type": "T", "param": null, "code": 418}'),
    "plain text": Body(b"It is unwell.", "text/plain; charset=utf-8"),
    "text called JSON": Body(b"It is unwell."),
    "a page": Body(b"<!doctype html><html><head><title>Bad gateway</title></head><h1>nginx</h1></html>", "text/html"),
    "a page called JSON": Body(b"<html><h1>nginx</h1></html>"),
    "empty": Body(b""),
    "blank": Body(b" \r\n"),
    "a list": Body(b"[1, 2]"),
    "a number": Body(b"7"),
    "cut": Body(b'{"error": {"message": "It is'),
    "no UTF-8": Body(b'{"error": "\xff\xfe"}'),
    "bytes": Body(bytes(range(256)), "application/octet-stream"),
    "a huge message": official(None, HUGE),
    "a huge text": Body(HUGE.encode(), "text/plain"),
    "nested without end": Body(b'{"error":' * 5000),
    "control characters": Body(b'{"error": {"message": "It is \\u001b[2J unwell.\\r\\nX: y"}}'),
}
KINDS = {
    400: (RefusedError, 1),
    401: (CredentialsError, 1),
    403: (PermissionDeniedError, 1),
    404: (NotFoundError, 1),
    413: (RefusedError, 1),
    422: (RefusedError, 1),
    429: (BusyError, 2),
    500: (BusyError, 2),
    503: (BusyError, 2),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("status", KINDS)
def test_a_failure_as_others_say_it(service: Service, failure: Failure, status: int, name: str) -> None:
    """Whatever the body is, the status decides; the message is short, and shows neither markup nor bytes."""
    service.status, service.body = status, BODIES[name]
    kind, requests = KINDS[status]

    error = failure()

    assert type(error) is kind
    assert (error.status, error.request_id) == (status, "req_9")
    assert len(error.message) < 700
    assert not set(error.message) & {"<", "\x1b", "\r", "\x00", "\ufffd"}
    assert "secret wish" not in str(error)
    assert service.requests == requests
    if "unwell" in service.body.content.decode("latin-1") and status != 401:
        assert "unwell" in error.message


@pytest.mark.parametrize("name", ["official", "detail", "plain"])
def test_no_part_of_a_key_is_shown(service: Service, failure: Failure, name: str) -> None:
    """Servers like to show both ends of a key that they do not accept, or all of it."""
    words = f"Incorrect API key provided: sk-wi*****nary ({CANARY})"
    service.status = 401
    service.body = {
        "official": official("invalid_api_key", words),
        "detail": Body(json.dumps({"detail": words}).encode()),
        "plain": Body(words.encode(), "text/plain"),
    }[name]

    error = failure()

    assert "sk-wi" not in str(error)
    assert "OPENAI_API_KEY" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        official(404, "The model `m` does not exist.", kind="NotFoundError"),
        official(None, 'model "m" not found, try pulling it first', kind="api_error"),
    ],
    ids=["vLLM", "Ollama"],
)
def test_a_model_that_is_not_there_is_told_as_at_openai(service: Service, failure: Failure, body: Body) -> None:
    """Servers without a code for it say it in words."""
    service.status, service.body = 404, body

    error = failure(NotFoundError)

    assert error.message.startswith("$.model: ")
    assert "module choices" in error.hint


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"Retry-After": "7"}, 7), ({"retry-after-ms": "2500", "Retry-After": "9"}, 2.5), ({"Retry-After": "soon"}, None)],
)
def test_the_time_that_the_service_names_is_kept(
    service: Service, failure: Failure, headers: dict[str, str], wait_s: float | None
) -> None:
    """A host that waits by itself reads it; a wait beyond the deadline is not begun."""
    service.status, service.body, service.headers = 429, official("rate_limit_exceeded"), headers

    error = failure(BusyError, deadline_s=2 if wait_s else 20)

    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(("status", "advice", "requests"), [(400, "true", 2), (503, "false", 1)])
def test_the_service_may_say_whether_a_repeat_helps(
    service: Service, failure: Failure, status: int, advice: str, requests: int
) -> None:
    """Its header goes before the status."""
    service.status, service.headers = status, {"x-should-retry": advice}

    failure()

    assert service.requests == requests


def test_a_used_up_quota_is_never_tried_again(service: Service, failure: Failure) -> None:
    """Whatever the headers say."""
    service.status, service.body = 429, official("insufficient_quota")
    service.headers = {"x-should-retry": "true", "retry-after-ms": "1"}

    failure(QuotaError)

    assert service.requests == 1


def test_nobody_listens(failure: Failure, unused_port: int) -> None:
    """No answer is an error of its own kind, after a second attempt."""
    error = failure(UnreachableError, url=f"http://127.0.0.1:{unused_port}/v1")

    assert "2 times" in error.hint
    assert not error.sent


def test_nobody_answers(service: Service, failure: Failure) -> None:
    """The deadline ends it."""
    service.silent = True

    error = failure(DeadlineError, deadline_s=KEEPS_QUIET_S)

    assert error.sent
    assert service.requests == 1
