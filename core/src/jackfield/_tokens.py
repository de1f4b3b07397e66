"""OAuth 2 as a connection type declares it: where tokens are got, by whom, for what; and the fields that hold them."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from attrs import field, frozen
from requests import PreparedRequest

from jackfield.errors import InputError, PluginError, Problem
from jackfield.fields import Number, Password, Text
from jackfield.secrets import Secret

Authentication = Literal["basic", "post"]
Address = str | Callable[[Any], str]
"""A URL, or a function that gives it for a filled-in form."""

_PLACE = re.compile(r"\{(\w+)\}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OURS = frozenset(
    {
        "client_id",
        "client_secret",
        "code",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "device_code",
        "grant_type",
        "redirect_uri",
        "refresh_token",
        "response_type",
        "scope",
        "state",
    }
)
_YEAR_9999 = 253402300799
_MOST_OF_A_LIFE = 0.2
"""However large ``skew_s`` is, a token is used for at least four fifths of its life."""


def _kept(label: str) -> Password:
    return Password(label=label, help="Kept by `jackfield connection login`.", advanced=True)


def _moment(label: str) -> Number:
    return Number(label=label, unit="seconds since 1970", minimum=0, maximum=_YEAR_9999, advanced=True)


@frozen(kw_only=True)
class Tokens:
    """The fields in which a connection keeps what a login gave; the form of a connection type with OAuth 2 inherits it.

    Nobody types them. A host that gets tokens by itself may give them as any other value.
    """

    access_token: Annotated[Secret | None, _kept("Access token")] = None
    refresh_token: Annotated[Secret | None, _kept("Refresh token")] = None
    granted_scopes: Annotated[str | None, Text(label="Granted scopes", advanced=True)] = None
    issued_at: Annotated[float | None, _moment("Access token issued at")] = None
    expires_at: Annotated[float | None, _moment("Access token expires at")] = None


@frozen(kw_only=True)
class AppTokens(Tokens):
    """The same, and the fields of an app that users register themselves at a service, to log in through it."""

    client_id: Annotated[
        str | None, Text(label="Client ID", help="Of an app that you registered at the service, to log in through it.")
    ] = None
    scopes: Annotated[
        str | None, Text(label="Scopes", help="What is asked for, with blanks between.", advanced=True)
    ] = None


TOKEN_FIELDS = ("access_token", "refresh_token", "granted_scopes", "issued_at", "expires_at")


def _several(value: Sequence[str] | Callable[[Any], Sequence[str]]) -> Any:
    return value if callable(value) else tuple(value)


@frozen(kw_only=True, eq=False)
class OAuth2:
    """How tokens are got for a connection type: give it as ``ConnectionType(authorize=OAuth2(...))``.

    It sends ``Authorization: Bearer`` with each request. With ``authorize_url`` a person logs in with a browser
    (authorization code with PKCE); with ``device_url`` on another device; with neither, the client itself is who logs
    in (client credentials), and nobody has to do anything. Client secret, refresh token and codes go to the
    addresses that stand here, and nowhere else; they are ``https://``, or on this machine.

    Attributes:
        token_url: Where tokens are got. As each address, a URL or a function that gives it for a filled-in form.
        client_id: Who we are to the service: text, with names of the form's fields in braces: ``{client_id}``.
        authorize_url: The page on which a person allows it.
        device_url: Where a login on another device begins (RFC 8628).
        revocation_url: Where tokens are given back (RFC 7009), when a connection is removed.
        client_secret: As ``client_id``; if it is empty, the client is a public one.
        client_authentication: How the secret is sent to the service: in a header, or in the body; or a function that
            says it for a filled-in form.
        scopes: What is asked for; or a function that gives it for a filled-in form.
        issuer: What the service calls itself. If its answer to a login names an issuer, it must be this (RFC 9207).
        issuer_required: Whether its answer always names one.
        authorize_params: More for the query of ``authorize_url``: ``{"access_type": "offline"}``.
        token_params: More for the body of each request for a token: ``{"audience": "..."}``.
        redirect_path: The path to which the service sends the browser back, on ``http://127.0.0.1`` and any port.
        redirect_port: The port, for services that do not take any; 0 for one that is free.
        when: Says, for a filled-in form, whether it is used at all: a service may take a key of the user's as well.
        instead_of: The field of that key: it is used where this is empty, and one of both must be there.
        skew_s: A token is renewed so many seconds before its end, since clocks differ and requests take time.
    """

    token_url: Address
    client_id: str
    authorize_url: Address = ""
    device_url: Address = ""
    revocation_url: Address = ""
    client_secret: str = ""
    client_authentication: Authentication | Callable[[Any], Authentication] = "basic"
    scopes: Sequence[str] | Callable[[Any], Sequence[str]] = field(default=(), converter=_several)
    issuer: str = ""
    issuer_required: bool = False
    authorize_params: Mapping[str, str] = field(factory=dict)
    token_params: Mapping[str, str] = field(factory=dict)
    redirect_path: str = "/callback"
    redirect_port: int = 0
    when: Callable[[Any], bool] | None = None
    instead_of: str = ""
    skew_s: float = 60.0

    def __attrs_post_init__(self) -> None:
        """Look whether it can be used.

        Raises:
            PluginError: An address or a parameter cannot be.
        """
        for url in (self.token_url, self.authorize_url, self.device_url, self.revocation_url):
            if isinstance(url, str) and url:
                _checked(url)
        taken = sorted(_OURS & {*self.authorize_params, *self.token_params})
        if taken:
            reason = f"{' and '.join(taken)} cannot be set by authorize_params or token_params"
            raise _misuse(reason)
        if not self.redirect_path.startswith("/"):
            reason = "redirect_path must start with a slash"
            raise _misuse(reason)
        if self.issuer_required and not self.issuer:
            reason = "issuer_required needs the issuer"
            raise _misuse(reason)

    @property
    def needs_person(self) -> bool:
        """Whether a person has to log in."""
        return bool(self.authorize_url or self.device_url)

    def is_used(self, form: Any) -> bool:
        """Tell whether a filled-in form gets its tokens so."""
        has_key = self.instead_of and getattr(form, self.instead_of)
        return not has_key and (self.when is None or self.when(form))

    def problems(self, form: Any) -> Sequence[Problem]:
        """Find what is missing of a filled-in form that has no key, and nothing to log in with."""
        if not self.instead_of or not self.is_used(form) or self.client_of(form)[0]:
            return ()
        others = " and ".join(_PLACE.findall(self.client_id))
        message = f"is required, or {others}, with which you log in"
        return (Problem(path=f"$.{self.instead_of}", rule="required", message=message),)

    def __call__(self, request: PreparedRequest, form: Tokens) -> None:
        """Add the access token to a request."""
        if form.access_token and self.is_used(form):
            request.headers["Authorization"] = f"Bearer {form.access_token.reveal()}"

    def client_of(self, form: Any) -> tuple[str, Secret]:
        """Give the client's id and secret for a filled-in form."""
        return _filled(self.client_id, form), Secret(_filled(self.client_secret, form))

    def authenticates(self, form: Any) -> Authentication:
        """Say how the client's secret is sent for a filled-in form."""
        said = self.client_authentication
        return said(form) if callable(said) else said

    def scope_of(self, form: Any) -> str:
        """Give what is asked for, as it is sent."""
        return " ".join(self.scopes(form) if callable(self.scopes) else self.scopes)

    def url_of(self, address: Address, form: Any) -> str:
        """Give an address for a filled-in form.

        Raises:
            InputError: A user named it, and it has no TLS.
        """
        if not callable(address):
            return address
        try:
            return _checked(address(form))
        except PluginError as error:
            message = f"The address for logins cannot be used. {error.message}"
            raise InputError(message, hint="Check the addresses in the connection.") from None

    def named_by_user(self, address: Address) -> bool:
        """Tell whether a user may have named the host of an address."""
        return callable(address)

    def places(self, form: Any) -> tuple[str, ...]:
        """Give the origins to which credentials of a filled-in form may go."""
        urls = (self.token_url, self.device_url, self.revocation_url, self.authorize_url)
        return tuple(_origin(self.url_of(url, form)) if url else "" for url in urls)

    def is_stale(self, form: Tokens, now: float | None = None) -> bool:
        """Tell whether an access token is to be renewed before it is used; of one without an end nobody knows."""
        if form.access_token is None:
            return True
        if form.expires_at is None:
            return False
        skew_s = self.skew_s
        if form.issued_at is not None:
            skew_s = min(skew_s, max(0.0, form.expires_at - form.issued_at) * _MOST_OF_A_LIFE)
        return (time.time() if now is None else now) >= form.expires_at - skew_s

    def can_renew(self, form: Tokens) -> bool:
        """Tell whether a new access token can be got without a person."""
        return bool(form.refresh_token) or not self.needs_person


def _filled(template: str, form: Any) -> str:
    return _PLACE.sub(lambda place: _text(getattr(form, place[1])), template)


def _text(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    return "" if value is None else str(value)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"} or parts.fragment or "@" in parts.netloc:
        reason = "an address must be a whole URL, without user and fragment"
        raise _misuse(reason)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        reason = f"http://{parts.hostname} has no TLS; secrets go over https:// only, or to this machine"
        raise _misuse(reason)
    return url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _misuse(reason: str) -> PluginError:
    message = f"OAuth2: {reason}."
    return PluginError(message, stage="object")
