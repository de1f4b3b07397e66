"""Logging in: where a person is sent, what comes back, and the requests that turn it into tokens."""

import time
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from attrs import field, frozen

from jackfield._oauth.endpoint import Way, ask, misshapen, read_object, read_tokens, refusal
from jackfield._tokens import OAuth2, Tokens
from jackfield.errors import InputError, NoConnectionError, RemoteError
from jackfield.secrets import Secret

_GRANT_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_ONCE = frozenset({"code", "state", "iss", "error", "error_description"})
_EXPIRED = "expired_token"
_SLOWER_S = 5.0
_LONGEST_INTERVAL_S = 300.0
_INTERVAL_S = 5.0
_DEVICE_LIFE_S = 1800.0


@frozen(kw_only=True)
class Login:
    """A login that was begun: send the person to ``url``, and keep the rest where only that person's session is.

    A host of several processes keeps ``state``, ``redirect_uri`` and ``verifier.reveal()`` in the session on its own
    side, and makes it anew from them.

    Attributes:
        url: The page of the service; it holds no secret.
        state: What the answer must bring back; unguessable, and good for this login alone.
        redirect_uri: Where the service sends the browser back.
        verifier: What proves that whoever began it ends it (PKCE); never sent to the browser.
    """

    url: str
    state: str
    redirect_uri: str
    verifier: Secret


@frozen(kw_only=True)
class DeviceLogin:
    """A login on another device that was begun.

    Attributes:
        user_code: What the person types there.
        verification_uri: Where.
        verification_uri_complete: The same with the code in it, for a QR code; empty if the service gives none.
        ends_at: When it ends, in seconds since 1970.
        interval_s: How long to wait between two questions.
        device_code: What the server knows it by.
    """

    user_code: str
    verification_uri: str
    verification_uri_complete: str
    ends_at: float
    interval_s: float
    device_code: Secret = field(repr=False)


def begin(oauth: OAuth2, form: Any, redirect_uri: str) -> Login:
    """Begin a login with a browser; sends nothing.

    Raises:
        InputError: The connection type has none.
    """
    from base64 import urlsafe_b64encode  # noqa: PLC0415  few runs log in
    from hashlib import sha256  # noqa: PLC0415
    from secrets import token_urlsafe  # noqa: PLC0415

    if not oauth.authorize_url:
        message = "Nobody logs in to this kind of connection with a browser."
        hint = "Use the login on another device." if oauth.device_url else "It gets its tokens by itself."
        raise InputError(message, hint=hint)
    state, verifier = token_urlsafe(32), token_urlsafe(48)
    query = {
        "response_type": "code",
        "client_id": oauth.client_of(form)[0],
        "redirect_uri": redirect_uri,
        "scope": oauth.scope_of(form),
        "state": state,
        "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
        **oauth.authorize_params,
    }
    page = oauth.url_of(oauth.authorize_url, form)
    told = urlencode({name: value for name, value in query.items() if value}, quote_via=quote)
    url = f"{page}{'&' if '?' in page else '?'}{told}"
    return Login(url=url, state=state, redirect_uri=redirect_uri, verifier=Secret(verifier))


def code_of(oauth: OAuth2, login: Login, params: Mapping[str, object]) -> Secret:
    """Give the code that the browser brought back, if it belongs to this login and comes from the right server.

    Raises:
        InputError: It belongs to another login, or to another server; nothing was sent.
        RemoteError: The server refuses, or the person did.
    """
    said = {name: _one(params, name) for name in _ONCE}
    if not compare_digest(said["state"].encode(), login.state.encode()):
        message = "What came back belongs to another login (state); nothing was done with it."
        raise InputError(message, hint="Log in again; if you did not begin one, somebody tries to make you use his.")
    if oauth.issuer and (said["iss"] or oauth.issuer_required) and said["iss"] != oauth.issuer:
        message = f"What came back is not from {oauth.issuer} (iss), so it was sent nowhere."
        raise InputError(message, hint="Log in again. If it stays so, tell the connector's authors.")
    if said["error"]:
        raise refusal(said["error"], said["error_description"])
    if not said["code"]:
        message = "What came back has no code."
        raise InputError(message, hint="Log in again.")
    return Secret(said["code"])


def _one(params: Mapping[str, object], name: str) -> str:
    value = params.get(name, "")
    if isinstance(value, list | tuple):
        if len(value) > 1:  # RFC 6749, 3.1: not more than once; of two, two programs may read different ones
            message = f"What came back has {name} more than once; nothing was done with it."
            raise InputError(message, hint="Log in again.")
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def finish(way: Way, oauth: OAuth2, form: Any, login: Login, params: Mapping[str, object]) -> dict[str, object]:
    """Turn what the browser brought back into tokens, as values of the fields of Tokens."""
    sent: dict[str, str | Secret] = {
        "grant_type": "authorization_code",
        "code": code_of(oauth, login, params),
        "redirect_uri": login.redirect_uri,
        "code_verifier": login.verifier,
    }
    return _tokens(way, oauth, form, sent)


def begin_device(way: Way, oauth: OAuth2, form: Any) -> DeviceLogin:
    """Begin a login on another device.

    Raises:
        InputError: The connection type has none.
    """
    if not oauth.device_url:
        message = "Nobody logs in to this kind of connection on another device."
        raise InputError(message, hint="Log in with a browser." if oauth.authorize_url else "")
    found = read_object(ask(way, oauth, form, oauth.device_url, {"scope": oauth.scope_of(form)}), {})
    page = found.get("verification_uri") or found.get("verification_url")  # Google's spelling
    return DeviceLogin(
        user_code=_printable(found.get("user_code"), "user_code"),
        verification_uri=_page(page),
        verification_uri_complete=_page(found["verification_uri_complete"])
        if found.get("verification_uri_complete")
        else "",
        ends_at=time.time() + _number(found.get("expires_in"), _DEVICE_LIFE_S),
        interval_s=min(_number(found.get("interval"), _INTERVAL_S), _LONGEST_INTERVAL_S),
        device_code=Secret(_printable(found.get("device_code"), "device_code")),
    )


def finish_device(way: Way, oauth: OAuth2, form: Any, login: DeviceLogin) -> dict[str, object]:
    """Ask until the person has logged in, as often as the server allows.

    Raises:
        CredentialsError: Nobody did in time.
        PermissionDeniedError: The person refused.
    """
    interval_s = login.interval_s
    while True:
        wait_s = min(interval_s, max(0.0, login.ends_at - time.time()))
        way.cancellation.wait(min(wait_s, max(0.0, way.deadline.left_s)))
        way.deadline.check("run", sent=False)
        try:
            return _tokens(way, oauth, form, {"grant_type": _GRANT_DEVICE, "device_code": login.device_code})
        except RemoteError as error:
            if error.code not in {"authorization_pending", "slow_down"}:
                raise
            if time.time() >= login.ends_at:
                raise refusal(_EXPIRED, "") from None
            interval_s += _SLOWER_S if error.code == "slow_down" else 0.0


def renew(way: Way, oauth: OAuth2, form: Tokens) -> dict[str, object]:
    """Get a new access token without a person; a refresh token that is not replaced stays.

    Raises:
        NoConnectionError: Nobody has logged in.
    """
    if form.refresh_token:
        fresh = _tokens(way, oauth, form, {"grant_type": "refresh_token", "refresh_token": form.refresh_token})
        scopes = fresh["granted_scopes"] if fresh["granted_scopes"] != oauth.scope_of(form) else form.granted_scopes
        return {**fresh, "refresh_token": fresh["refresh_token"] or form.refresh_token, "granted_scopes": scopes}
    if oauth.needs_person:
        message = "Nobody has logged in yet." if form.access_token is None else "The login has ended."
        raise NoConnectionError(message)
    return _tokens(way, oauth, form, {"grant_type": "client_credentials", "scope": oauth.scope_of(form)})


def revoke(way: Way, oauth: OAuth2, form: Tokens) -> bool:
    """Give the tokens back; says whether there was anything to be given back, and a place for it."""
    token, kind = form.refresh_token or form.access_token, "refresh_token" if form.refresh_token else "access_token"
    if not oauth.revocation_url or not token:
        return False
    sent: dict[str, str | Secret] = {"token": token, "token_type_hint": kind}
    answer = ask(way, oauth, form, oauth.revocation_url, sent)
    if not 200 <= answer.status < 300:  # noqa: PLR2004  whatever stands in its body
        read_object(answer, sent)  # raises, of what failed
        raise refusal(None, None, answer)
    return True


def _tokens(way: Way, oauth: OAuth2, form: Any, sent: Mapping[str, str | Secret]) -> dict[str, object]:
    answer = ask(way, oauth, form, oauth.token_url, {**oauth.token_params, **sent})
    return read_tokens(read_object(answer, sent), oauth.scope_of(form))


def _printable(value: object, name: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        reason = f"{name} must be a text"
        raise misshapen(reason)
    return value


def _page(value: object) -> str:
    url = _printable(value, "verification_uri")
    if urlsplit(url).scheme not in {"http", "https"}:
        reason = "verification_uri must be an address of the web"
        raise misshapen(reason)
    return url


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else default
