"""Asking an authorization server: one request to one address, no redirect, and what its answer means."""

import re
import time
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from requests import PreparedRequest

from jackfield._http.answers import Answer
from jackfield._http.body import read_whole
from jackfield._http.failures import error_from
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.outgoing import FORM_TYPE, JSON_TYPE, Outgoing, form_body
from jackfield._http.reach import NamedBy
from jackfield._http.redirects import is_redirect
from jackfield._http.responses import WireResponse
from jackfield._http.transport import Transport
from jackfield._http.url import plain_url, split
from jackfield._tokens import Address, OAuth2
from jackfield.errors import (
    AnswerError,
    BusyError,
    CredentialsError,
    JackfieldError,
    PermissionDeniedError,
    RefusedError,
    RemoteError,
)
from jackfield.secrets import Redactor, Secret

_CODE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_LONGEST_TOLD = 200
_LONGEST_LIFE_S = 10 * 365 * 86400.0
_KINDS: Mapping[str, type[RemoteError]] = {
    "invalid_grant": CredentialsError,
    "invalid_client": CredentialsError,
    "unauthorized_client": CredentialsError,
    "expired_token": CredentialsError,
    "access_denied": PermissionDeniedError,
    "server_error": BusyError,
    "temporarily_unavailable": BusyError,
}
_SAYS: Mapping[str, str] = {
    "invalid_grant": "does not accept the login any more",
    "invalid_client": "does not accept the client ID and secret",
    "unauthorized_client": "does not let this client log in so",
    "invalid_scope": "does not know, or does not give, what was asked for (scopes)",
    "access_denied": "was told that access is denied",
    "expired_token": "waited too long for somebody to log in",
}
_HINTS: Mapping[str, str] = {
    "invalid_client": "Check the client ID and the client secret of the connection.",
    "unauthorized_client": "Check the registration of the client at the service.",
    "access_denied": "Log in again, and allow it; or ask whoever manages the account.",
    "expired_token": "Log in again.",
}
_REGISTRATION = "Check the client ID of the connection, and what its registration at the service allows."


class Way(NamedTuple):
    """How the server is reached, within which time, and as whom an address counts that a form names."""

    transport: Transport
    settings: HttpSettings
    deadline: Deadline
    cancellation: Cancellation
    user: NamedBy = NamedBy.USER


def ask(way: Way, oauth: OAuth2, form: Any, address: Address, data: Mapping[str, str | Secret]) -> Answer:
    """Send a form with the client's credentials to one address of a declaration.

    Raises:
        RefusedError: It redirects, which is never followed.
        JackfieldError: No whole answer came.
    """
    url = plain_url(oauth.url_of(address, form))
    # Nothing here may hold a secret as text: trackers of errors keep the local variables of every frame.
    response = way.transport.send(
        _request(way.settings, oauth, form, url, data),
        deadline=way.deadline,
        cancellation=way.cancellation,
        named_by=way.user if oauth.named_by_user(address) else NamedBy.AUTHOR,
    )
    if is_redirect(response.status_code, response.headers):
        response.close()
        message = f"{split(url).origin} redirects a request for tokens, which is not followed."
        hint = "Credentials go to the declared address alone. The connector's authors have to change it."
        raise RefusedError(message, status=response.status_code, hint=hint)
    return _answer(response, url, way.settings)


def _answer(response: WireResponse, url: str, settings: HttpSettings) -> Answer:
    return Answer(
        status=response.status_code,
        headers=response.headers,
        body=read_whole(response, settings),
        url=url,
        request_id=response.headers.get("x-request-id", ""),
        max_json_bytes=settings.max_json_bytes,
        max_json_depth=settings.max_json_depth,
    )


def _request(
    settings: HttpSettings, oauth: OAuth2, form: Any, url: str, data: Mapping[str, str | Secret]
) -> PreparedRequest:
    client, secret = oauth.client_of(form)
    fields = {name: value.reveal() if isinstance(value, Secret) else value for name, value in data.items()}
    authorization = ""
    if secret and oauth.authenticates(form) == "basic":
        # RFC 6749, 2.3.1: each is encoded as in a form; a blank as %20, which those read too who know of no "+".
        pair = ":".join(quote(part, safe="") for part in (client, secret.reveal()))
        authorization = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        fields["client_id"] = client
        if secret:
            fields["client_secret"] = secret.reveal()
    body = form_body({name: value for name, value in fields.items() if value}, lambda value: value)
    headers = {
        "Accept": JSON_TYPE,
        "Accept-Encoding": "gzip",
        "User-Agent": settings.user_agent,
        "Content-Type": FORM_TYPE,
        "Content-Length": str(len(body)),
    }
    if authorization:
        headers["Authorization"] = authorization
    return Outgoing("POST", url, headers, body).stamp()


def read_object(answer: Answer, sent: Mapping[str, str | Secret]) -> Mapping[str, object]:
    """Read the JSON object of an answer.

    Raises:
        RemoteError: The server refuses; ``code`` is its own word for why.
        AnswerError: It is no JSON object.
    """
    failed = answer.status >= HTTPStatus.BAD_REQUEST
    try:
        found = answer.json()
    except JackfieldError:
        if failed:
            raise error_from(answer, None) from None
        raise
    if isinstance(found, Mapping) and (failed or "error" in found):
        raise masked(refusal(found.get("error"), found.get("error_description"), answer), sent)
    if failed:
        raise error_from(answer, None)
    if not isinstance(found, Mapping):
        reason = "it is no JSON object"
        raise misshapen(reason)
    return found


def refusal(code: object, description: object, answer: Answer | None = None) -> RemoteError:
    """Make the error for a refusal, as it stands in a JSON answer or in the query of a redirect."""
    word = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    if not word and answer is not None and answer.status >= HTTPStatus.BAD_REQUEST:
        return error_from(answer, None)
    says = _SAYS.get(word, "refuses the login")
    told = _UNPRINTABLE.sub(" ", description)[:_LONGEST_TOLD].strip() if isinstance(description, str) else ""
    quoted = ": ".join(part for part in (word, told) if part)
    status = answer.status if answer and answer.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_REQUEST
    return _KINDS.get(word, RefusedError)(
        f"The authorization server {says}{f' ({quoted})' if quoted else ''}.",
        status=status,
        code=word,
        request_id=answer.request_id if answer else "",
        hint=_HINTS.get(word, _REGISTRATION),
    )


def masked(error: RemoteError, sent: Mapping[str, str | Secret]) -> RemoteError:
    """Take what was sent out of what the server said: some repeat it."""
    redactor = Redactor(value for value in sent.values() if isinstance(value, Secret))
    error.message = redactor.mask(error.message)
    error.args = (error.message,)
    return error


def misshapen(reason: str) -> AnswerError:
    """Make the error for an answer that cannot be used; it shows nothing of it."""
    message = f"The authorization server's answer cannot be used: {reason}."
    return AnswerError(message, hint="Check the address of its token endpoint.")


def read_tokens(found: Mapping[str, object], asked: str) -> dict[str, object]:
    """Give the values of the fields of Tokens for an answer.

    Args:
        found: The answer.
        asked: The scopes that were asked for, which are granted if the answer names none.

    Raises:
        AnswerError: It has no access token, or one of a kind that is not sent as Bearer.
    """
    now = time.time()
    kind = found.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        reason = "token_type must be Bearer"
        raise misshapen(reason)
    access = _token(found, "access_token")
    if access is None:
        reason = "access_token is missing"
        raise misshapen(reason)
    scope, life_s = found.get("scope"), _seconds(found.get("expires_in"))
    return {
        "access_token": access,
        "refresh_token": _token(found, "refresh_token"),
        "granted_scopes": (scope if isinstance(scope, str) else asked) or None,
        "issued_at": round(now, 3),
        "expires_at": None if life_s is None else round(now + life_s, 3),
    }


def _token(found: Mapping[str, object], name: str) -> Secret | None:
    value = found.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        reason = f"{name} must be a text that can stand in a header"
        raise misshapen(reason)
    return Secret(value)


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16:  # noqa: PLR2004
        value = int(value)  # some servers send it as text
    if value is None or isinstance(value, bool):
        return None
    if not isinstance(value, int | float) or not value >= 0:
        reason = "expires_in must be a number of seconds"
        raise misshapen(reason)
    return min(float(value), _LONGEST_LIFE_S)
