"""Where requests may go, and what authorizes them there."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from attrs import frozen
from requests import PreparedRequest

from jackfield import (
    Boolean,
    Choice,
    Client,
    ConnectionType,
    CredentialsError,
    Effect,
    KeyValue,
    Number,
    OAuth2,
    Password,
    Problem,
    Secret,
    Select,
    Text,
    Tokens,
    Url,
    headers_from,
)

__all__ = ["Account", "http"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = re.compile(
    r"(?i)host|content-length|transfer-encoding|connection|expect|keep-alive|te|trailer|upgrade|proxy-.*"
)
_KEYS = frozenset({"bearer", "header", "query"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DENIED = frozenset({401, 403})


# No field names an environment variable: those that begin with HTTP_ are what web servers make of a visitor's headers.
@frozen(kw_only=True)
class Account(Tokens):
    """Where requests go, and who asks."""

    base_url: Annotated[
        str | None,
        Url(
            label="Base URL",
            help="Requests stay below it, and credentials go nowhere else. Left empty: any public server, without "
            "credentials.",
            example="https://api.example.com/v1",
        ),
    ] = None
    scheme: Annotated[
        Literal["none", "basic", "bearer", "header", "query", "oauth2"] | None,
        Select(
            label="Authorization",
            help="How requests are authorized. Left empty: a bearer token, if there is a secret.",
            choices=(
                Choice(value="none", label="None"),
                Choice(value="basic", label="User and password", help="HTTP Basic"),
                Choice(value="bearer", label="Bearer token"),
                Choice(value="header", label="Key in a header"),
                Choice(value="query", label="Key in the query"),
                Choice(value="oauth2", label="OAuth 2", help="client credentials"),
            ),
        ),
    ] = None
    user: Annotated[
        str | None,
        Text(
            label="User Name or Client ID",
            help="For Basic and OAuth 2. Left empty with Basic: the secret is the name, and the password is empty.",
        ),
    ] = None
    secret: Annotated[
        Secret | None,
        Password(
            label="Secret",
            help="The password, token, key or client secret; the service's pages for developers say where it is found.",
        ),
    ] = None
    key_name: Annotated[
        str | None,
        Text(
            label="Name of the Key",
            help="Of the header or the parameter. Left empty: X-API-Key, or api_key in a query.",
            min_length=1,
        ),
    ] = None
    token_url: Annotated[
        str | None,
        Text(
            label="Token URL",
            help="Where tokens are got with the client's ID and secret.",
            example="https://login.example.com/oauth2/token",
        ),
    ] = None
    scope: Annotated[
        str | None, Text(label="Scope", help="What is asked for, if the service wants that said; blanks between.")
    ] = None
    client_authentication: Annotated[
        Literal["basic", "post"] | None,
        Select(label="Client Authentication", help="How the client's secret is sent for a token.", advanced=True),
    ] = None
    headers: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Extra Headers", help="Sent with every request of this connection.", advanced=True),
    ] = None
    allow_local: Annotated[
        bool | None,
        Boolean(
            label="Allow Local Addresses",
            help="Yes: the server may be on this machine or in a private network.",
            advanced=True,
        ),
    ] = None
    timeout_s: Annotated[
        float | None,
        Number(
            label="Timeout",
            help="How long one operation may take, repeats included.",
            unit="seconds",
            minimum=0.1,
            advanced=True,
        ),
    ] = None

    @property
    def way(self) -> str:
        """How requests are authorized."""
        return self.scheme or ("bearer" if self.secret else "none")


def _send_secret(request: PreparedRequest, form: Account) -> None:
    secret, way = form.secret.reveal() if form.secret else "", form.way
    if way == "bearer":
        request.headers["Authorization"] = f"Bearer {secret}"
    elif way == "header":
        request.headers[form.key_name or "X-API-Key"] = secret
    elif way == "basic":
        pair = f"{form.user}:{secret}" if form.user else f"{secret}:"
        request.headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    elif way == "query":
        said = f"{quote(form.key_name or 'api_key', safe='')}={quote(secret, safe='')}"
        request.url = f"{request.url}{'&' if '?' in (request.url or '') else '?'}{said}"


def _problems(form: Account) -> Sequence[Problem]:
    flaws = (_place_flaws, _secret_flaws, _name_flaws, _token_flaws)
    return [
        Problem(path=f"$.{name}", rule=rule, message=message) for find in flaws for name, rule, message in find(form)
    ]


_Flaws = Sequence[tuple[str, str, str]]


def _place_flaws(form: Account) -> _Flaws:
    parts = urlsplit(form.base_url or "")
    if parts.query or parts.fragment or parts.username is not None:
        return [("base_url", "url", "must have no user name, no ? and no #; it ends with a host or a path")]
    if not form.base_url and (form.way != "none" or form.secret or form.headers):
        return [("base_url", "required", "is required, since credentials and headers go there and nowhere else")]
    return []


def _secret_flaws(form: Account) -> _Flaws:
    secret, way = form.secret.reveal() if form.secret else "", form.way
    if way == "none" and secret:
        return [("secret", "unused", "must be left out, since the scheme is none")]
    if way != "none" and not secret:
        return [("secret", "required", f"is required for the scheme {way}")]
    # A key read from a file often brings the line break at its end.
    if _CONTROL.search(secret) or (way in _KEYS and secret != secret.strip()):
        return [("secret", "pattern", "has line breaks, or blanks at an end")]
    if way in {"bearer", "header"} and not (secret.isascii() and secret.isprintable()):
        return [("secret", "pattern", "has letters that cannot stand in a header")]
    return []


def _name_flaws(form: Account) -> _Flaws:
    name = form.key_name or ""
    if form.way == "header" and name and (not _TOKEN.fullmatch(name) or _FRAMING.fullmatch(name)):
        return [("key_name", "pattern", "must be the name of a header, and none that frames the request")]
    overriding = [key for key in form.headers or () if Effect.is_told_by(key)]
    if overriding:
        message = "cannot stand in a connection: requests would do another thing than they say"
        return [(f"headers.{overriding[0]}", "effect", message)]
    if form.way == "basic" and ":" in (form.user or ""):
        return [("user", "pattern", "must have no colon, which would end it")]
    return []


def _token_flaws(form: Account) -> _Flaws:
    if form.way != "oauth2":
        return []
    found = []
    parts = urlsplit(form.token_url or "")
    tls = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not parts.hostname or not tls or parts.fragment or "@" in parts.netloc:
        message = "must be a whole URL with https:// (or on this machine), without user and fragment, to get tokens"
        found.append(("token_url", "url", message))
    if not form.user:
        found.append(("user", "required", "is required: it is the client's ID"))
    return found


def _check(client: Client) -> str:
    """Ask for the base URL itself, and give the name of its host.

    Raises:
        CredentialsError: The server wants other credentials.
    """
    if not client.base_url:
        return "any public server"
    answer = client.request("GET", "", headers={"Accept": "*/*"}, raise_errors=False)
    if answer.status in _DENIED:
        message = f"The server does not accept the credentials ({answer.status})."
        raise CredentialsError(message, status=answer.status, request_id=answer.request_id)
    return urlsplit(client.base_url).netloc


def _origin(form: Account) -> str:
    return (form.base_url or "").rstrip("/")


_tokens = OAuth2(
    token_url=lambda form: form.token_url,
    client_id="{user}",
    client_secret="{secret}",  # noqa: S106  the name of a field
    client_authentication=lambda form: form.client_authentication or "basic",
    scopes=lambda form: (form.scope or "").split(),
    when=lambda form: form.way == "oauth2",
)

http = ConnectionType(
    label="HTTP",
    help="Any HTTP API: say where it is, and how its requests are authorized.",
    form=Account,
    origin=_origin,
    allow_local=lambda form: bool(form.allow_local),
    validate=_problems,
    authorize=(_send_secret, headers_from("headers"), _tokens),
    check=_check,
    timeout_s=lambda form: form.timeout_s,
)
"""The connection type; its id is ``http.http``."""
