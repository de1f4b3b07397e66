"""Authorization servers that are broken, slow or hostile: each ends in the right error, and no secret goes astray."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from traceback import TracebackException
from typing import Any

import pytest
from authorization_server import SECRET
from hypothesis import given
from hypothesis import strategies as st
from spelt import seen_in

from jackfield import (
    AnswerError,
    BusyError,
    CredentialsError,
    DeadlineError,
    Host,
    InputError,
    JackfieldError,
    Login,
    OAuth2,
    PluginError,
    RefusedError,
    RemoteError,
    Secret,
)
from jackfield._oauth.endpoint import read_tokens
from jackfield._oauth.logins import code_of

MakeHost = Callable[..., Host]
GOOD: Mapping[str, object] = {"access_token": "good-token", "token_type": "bearer", "expires_in": 60}


class Hostile:
    """A server that answers each request for a token as the test says."""

    def __init__(self) -> None:
        self.status = 200
        self.body = json.dumps(GOOD).encode()
        self.headers: dict[str, str] = {}
        self.delay_s = 0.0
        self.asked: list[tuple[str, str]] = []
        home = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                home.asked.append((self.path, self.rfile.read(length).decode()))
                time.sleep(home.delay_s)
                self._answer(home.status, home.body, home.headers)

            def do_GET(self) -> None:
                home.asked.append((self.path, self.headers.get("Authorization", "")))
                self._answer(200, b'{"name": "ada"}', {})

            def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    """A server that answers as the test says."""
    running = Hostile()
    yield running
    running.close()


def run(host: Host, club: Any, hostile: Hostile, **options: Any) -> object:
    """Ask something for which a token is needed first."""
    return host.run("club.robot", {}, connection={**club.values, "url": hostile.url}, **options).bundle["name"]


BROKEN = {
    "no JSON": (200, b"access_token=good-token&token_type=bearer", AnswerError),
    "HTML": (200, b"<html><title>Log in</title></html>", AnswerError),
    "nothing": (200, b"", AnswerError),
    "a list": (200, b"[]", AnswerError),
    "no token": (200, b'{"token_type": "bearer"}', AnswerError),
    "a token that is a number": (200, b'{"access_token": 7}', AnswerError),
    "a token that would split the header": (200, b'{"access_token": "a\\r\\nX-Evil: 1"}', AnswerError),
    "another kind of token": (200, b'{"access_token": "t", "token_type": "mac"}', AnswerError),
    "a life that is no number": (200, b'{"access_token": "t", "expires_in": []}', AnswerError),
    "not UTF-8": (200, b'{"access_token": "\xff"}', AnswerError),
    "too deep": (200, b"[" * 100_000, JackfieldError),
    "an error that is called a success": (200, b'{"error": "invalid_client"}', CredentialsError),
    "an unknown error": (400, b'{"error": "something_else"}', RefusedError),
    "an error that is no text": (400, b'{"error": {"a": 1}}', RemoteError),
    "an error without JSON": (500, b"oops", BusyError),
    "not now": (503, b'{"error": "temporarily_unavailable"}', BusyError),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_ends_in_the_right_error(
    club: Any, make_host: MakeHost, hostile: Hostile, broken: tuple[int, bytes, type[JackfieldError]]
) -> None:
    """Nothing was sent to the service, and the error shows neither secret nor answer."""
    hostile.status, hostile.body, error = broken

    with pytest.raises(error) as raised:
        run(make_host(), club, hostile)

    assert {path for path, _ in hostile.asked} == {"/token"}
    assert SECRET not in str(raised.value)
    assert "good-token" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_token_endpoint_is_not_followed(
    club: Any, make_host: MakeHost, hostile: Hostile, status: int
) -> None:
    """Not even to the same server: the secret was declared for one address."""
    hostile.status, hostile.headers = status, {"Location": f"{hostile.url}/elsewhere"}

    with pytest.raises(RefusedError, match="not followed"):
        run(make_host(), club, hostile)

    assert [path for path, _ in hostile.asked] == ["/token"]


def test_what_the_server_repeats_of_a_secret_is_masked(club: Any, make_host: MakeHost, hostile: Hostile) -> None:
    """Its words are quoted, without what no terminal should get, and not at any length."""
    said = f"\x1b[31m{SECRET}\x1b[0m" + "x" * 10_000
    hostile.status, hostile.body = 400, json.dumps({"error": "invalid_client", "error_description": said}).encode()

    with pytest.raises(CredentialsError) as raised:
        run(make_host(), club, hostile)

    assert SECRET not in str(raised.value)
    assert "***" in str(raised.value)
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 600


def test_a_slow_token_endpoint_is_held_to_the_deadline(club: Any, make_host: MakeHost, hostile: Hostile) -> None:
    """The time of the operation is the time of the login too."""
    hostile.delay_s = 5.0
    began = time.monotonic()

    with pytest.raises(DeadlineError):
        run(make_host(), club, hostile, deadline_s=0.3)

    assert time.monotonic() - began < 3.0


def test_no_variable_of_a_failure_holds_what_was_sent(club: Any, make_host: MakeHost, hostile: Hostile) -> None:
    """Trackers of errors keep the local variables of every frame, where an encoded secret is one too."""
    hostile.delay_s = 5.0

    with pytest.raises(DeadlineError) as raised:
        run(make_host(), club, hostile, deadline_s=0.3)

    stack = TracebackException.from_exception(raised.value, capture_locals=True).stack
    held = {f"{frame.name}: {name}": text for frame in stack for name, text in (frame.locals or {}).items()}
    assert any(name.startswith("ask: ") for name in held)
    assert [name for name, text in held.items() if seen_in(text.encode(), SECRET)] == []


def test_an_answer_without_end_hits_its_limit(club: Any, make_host: MakeHost, hostile: Hostile) -> None:
    """The limits of every answer hold for this one."""
    hostile.body = b'{"access_token": "' + b"x" * 1_000_000 + b'"}'

    with pytest.raises(JackfieldError, match=r"max_body_bytes|max_wire_bytes|max_json_bytes"):
        run(make_host(max_body_bytes=10_000, max_wire_bytes=10_000), club, hostile)


def test_a_token_goes_to_the_service_and_a_secret_to_the_token_endpoint(
    club: Any, make_host: MakeHost, hostile: Hostile
) -> None:
    """Each to its own place, and neither to the other's."""
    assert run(make_host(), club, hostile) == "ada"

    (token_path, form), (api_path, authorization) = hostile.asked
    assert (token_path, api_path) == ("/token", "/api/me")
    assert "client_secret=" in form
    assert authorization == "Bearer good-token"


def test_a_dry_run_gets_no_token(club: Any, make_host: MakeHost, hostile: Hostile) -> None:
    """It sends nothing at all."""
    connection = {**club.values, "url": hostile.url, "access_token": Secret("token-that-is-there")}

    preview = make_host().run("club.robot", {}, connection=connection, dry_run=True)

    assert hostile.asked == []
    assert preview.requests[0].headers["Authorization"] == "Bearer ***"


ISSUER = "https://good.example"
OAUTH = OAuth2(
    token_url=f"{ISSUER}/token",
    authorize_url=f"{ISSUER}/authorize",
    client_id="me",
    issuer=ISSUER,
    issuer_required=True,
)
LOGIN = Login(url="", state="the-state", redirect_uri="http://127.0.0.1/", verifier=Secret("v"))


@pytest.mark.parametrize(
    "issuer",
    ["https://evil.example", f"{ISSUER}/", f"{ISSUER}.evil.example", "http://good.example", "", None],
    ids=["another", "with a slash", "a longer name", "without TLS", "empty", "none"],
)
def test_a_code_of_another_server_goes_nowhere(issuer: str | None) -> None:
    """Servers that are mixed up (RFC 9207): the code stays here."""
    params = {"code": "c", "state": "the-state", **({"iss": issuer} if issuer is not None else {})}

    with pytest.raises(InputError, match="iss"):
        code_of(OAUTH, LOGIN, params)
    assert code_of(OAUTH, LOGIN, {**params, "iss": ISSUER}).reveal() == "c"


@given(st.dictionaries(st.sampled_from(["code", "state", "iss", "error"]), st.text() | st.lists(st.text())))
def test_no_answer_is_taken_without_its_state(params: dict[str, Any]) -> None:
    """Whatever else stands in it."""
    if params.get("state") not in ("the-state", ["the-state"]):
        with pytest.raises(InputError):
            code_of(OAUTH, LOGIN, params)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["access_token", "refresh_token", "token_type", "expires_in", "scope"]), JSON))
def test_any_answer_is_tokens_or_an_error_of_ours(found: dict[str, object]) -> None:
    """Nothing that cannot stand in a header is taken for a token."""
    try:
        tokens = read_tokens(found, "read")
    except AnswerError:
        return
    access = tokens["access_token"]
    assert isinstance(access, Secret)
    assert access.reveal().isascii()
    assert not any(character.isspace() for character in access.reveal())


@pytest.mark.parametrize(
    "declared",
    [
        {"token_url": "http://club.example/token"},
        {"token_url": "ftp://club.example/token"},
        {"token_url": "https://user:secret@club.example/token"},
        {"token_url": "https://club.example/token#part"},
        {"token_url": "https://club.example/token", "authorize_url": "http://club.example/"},
        {"token_url": "https://club.example/token", "authorize_params": {"state": "mine"}},
        {"token_url": "https://club.example/token", "token_params": {"grant_type": "password"}},
        {"token_url": "https://club.example/token", "redirect_path": "back"},
        {"token_url": "https://club.example/token", "issuer_required": True},
    ],
    ids=str,
)
def test_a_declaration_that_would_not_be_safe_is_refused(declared: dict[str, Any]) -> None:
    """Where it is written, and not at its first use."""
    with pytest.raises(PluginError, match="OAuth2"):
        OAuth2(client_id="me", **declared)
