"""From a failure to the error that says what to do."""

import json

import pytest
from requests.structures import CaseInsensitiveDict

from jackfield._http.answers import Answer
from jackfield._http.failures import error_from
from jackfield.errors import (
    BusyError,
    CredentialsError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RefusedError,
    RemoteError,
)


def answer(status: int, body: object = b"", media_type: str = "application/json", **headers: str) -> Answer:
    """Make an answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        status=status,
        headers=CaseInsensitiveDict({"Content-Type": media_type, **named}),
        body=raw,
        url="https://api.example.com/v1/x",
        request_id="req_1",
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (401, CredentialsError),
        (402, QuotaError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, RefusedError),
        (408, BusyError),
        (409, BusyError),
        (413, RefusedError),
        (422, RefusedError),
        (429, BusyError),
        (500, BusyError),
        (503, BusyError),
        (599, BusyError),
    ],
)
def test_the_status_decides_the_class(status: int, kind: type[RemoteError]) -> None:
    """The class says the remedy; status and request id are kept."""
    error = error_from(answer(status, {"error": {"message": "Because."}}))

    assert type(error) is kind
    assert (error.status, error.request_id) == (status, "req_1")
    assert error.message.endswith(f"({status}): Because.")


SHAPES = {
    "OpenAI": (
        {"error": {"message": "Bad model.", "type": "invalid_request_error", "param": "model", "code": "model_bad"}},
        ("Bad model.", "model_bad", "model"),
    ),
    "OpenAI without a code": (
        {"error": {"message": "Bad.", "type": "invalid_request_error", "param": None, "code": None}},
        ("Bad.", "invalid_request_error", ""),
    ),
    "a code as a number": ({"error": {"message": "Bad.", "code": 1234}}, ("Bad.", "1234", "")),
    "an error as text": ({"error": "Bad."}, ("Bad.", "", "")),
    "OAuth": ({"error": "invalid_grant", "error_description": "Expired."}, ("Expired.", "invalid_grant", "")),
    "a detail": ({"detail": "Not authenticated"}, ("Not authenticated", "", "")),
    "a message": ({"message": "Bad.", "code": "b"}, ("Bad.", "b", "")),
    "FastAPI": (
        {"detail": [{"loc": ["body", "n"], "msg": "Field required", "input": "canary"}, {"msg": "Also bad"}]},
        ("body.n: Field required; Also bad", "", ""),
    ),
    "a problem document": ({"type": "about:blank", "title": "Bad."}, ("Bad.", "about:blank", "")),
    "several errors": ({"errors": [{"message": "First."}, {"message": "Second."}]}, ("First.", "", "")),
    "an error that is an object in a message": ({"error": {"message": {"a": 1}}}, ("", "", "")),
    "a boolean code": ({"error": {"message": "Bad.", "code": True}}, ("Bad.", "", "")),
    "a list": ([1, 2], ("", "", "")),
    "null": (None, ("", "", "")),
}


@pytest.mark.parametrize(("body", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_what_the_service_says_is_read_in_many_shapes(body: object, expected: tuple[str, str, str]) -> None:
    """Message, code and parameter, as far as they are there."""
    message, code, parameter = expected

    error = error_from(answer(400, body))

    assert error.message == f"The service refuses the request (400): {message or 'it answered with application/json'}"
    assert (error.code, error.parameter) == (code, parameter)
    assert "canary" not in str(error)


PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad\n Gateway</title></head><body>canary</body></html>"


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b"", "text/plain", "it answered with an empty body"),
        (b"  \n", "application/json", "it answered with an empty body"),
        (b"upstream\r\n  died", "text/plain; charset=utf-8", "upstream died"),
        (b"no type at all", "", "no type at all"),
        (PAGE, "text/html", "it answered with an HTML page ('502 Bad Gateway')"),
        (PAGE, "application/json", "it answered with an HTML page ('502 Bad Gateway')"),
        (b"<html><body>canary", "text/plain", "it answered with an HTML page"),
        (b"\xff\xfe\x00", "application/octet-stream", "it answered with application/octet-stream"),
        (b'{"error": ', "application/json", "it answered with application/json"),
        (b"[" * 100_000, "application/json", "it answered with application/json"),
    ],
)
def test_what_is_no_json_is_described(body: bytes, media_type: str, words: str) -> None:
    """Plain text is shown, a page by its title, anything else by its type."""
    error = error_from(answer(502, body, media_type))

    assert error.message == f"The service is busy or failing (502): {words}"
    assert "canary" not in str(error)


def test_long_messages_are_cut_and_folded() -> None:
    """An error is read by people, on one line."""
    error = error_from(answer(400, {"error": {"message": "a\n\t\x1b b" * 1000, "code": "c" * 1000}}))

    assert len(error.message) < 400
    assert error.message.endswith("…")
    assert error.message.isprintable()
    assert len(error.code) == 100


def test_a_quota_that_is_used_up_is_told_from_a_rate_limit() -> None:
    """Both are 429; only one is worth waiting for."""
    error = error_from(answer(429, {"error": {"message": "Pay.", "code": "insufficient_quota"}}))

    assert type(error) is QuotaError
    assert "billing" in error.hint


def test_the_service_s_wait_is_kept() -> None:
    """For whoever schedules the next attempt."""
    assert error_from(answer(429, Retry_After="7")).retry_after_s == 7.0
    assert error_from(answer(429)).retry_after_s is None


def test_a_connection_type_reads_first() -> None:
    """It knows its service best; what it does not know is read as any service's."""
    own = QuotaError("Mine.", status=429, retry_after_s=1.0)

    assert error_from(answer(429, Retry_After="7"), lambda _: own) is own
    assert own.retry_after_s == 1.0
    assert type(error_from(answer(429), lambda _: None)) is BusyError
