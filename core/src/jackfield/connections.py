"""How to reach a service: the form of its credentials, how they authorize a request, and where they may go."""

import json
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Protocol

import attrs
from attrs import field, frozen
from requests import PreparedRequest

from jackfield._answer_paths import steps_of
from jackfield._authorizers import Authorizer
from jackfield._cards import Card
from jackfield._connection_views import ConnectionSource, ConnectionView, SavedConnection
from jackfield._declarations import check_kinds, said_of_connections
from jackfield._held import named_secrets, secrets_in, with_masks, without_secrets
from jackfield._http.client import Answer, Client
from jackfield._http.reach import NamedBy
from jackfield._tokens import OAuth2, Tokens
from jackfield.errors import JackfieldError, PluginError, Problem, RemoteError
from jackfield.forms import form_of, slots_to_secrets
from jackfield.secrets import Redactor, Secret
from jackfield.showing import Shown
from jackfield.verdicts import Tier, Verdict

__all__ = [
    "Connection",
    "ConnectionCheck",
    "ConnectionSource",
    "ConnectionStore",
    "ConnectionType",
    "ConnectionView",
    "SavedConnection",
    "TokenStore",
]

Place = str | Callable[[Any], str]
"""A URL, or a function that gives it for a filled-in form."""

_SALT = os.urandom(16)
_MOST_LATER = 32
"""How many secrets that took the place of others are masked: a connection may be used for years."""


def _revealed(_form: object, _attribute: object, value: object) -> object:
    return value.reveal() if isinstance(value, Secret) else value


def _several(value: Any) -> tuple[Authorizer, ...]:
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)


@frozen(kw_only=True, eq=False)
class ConnectionType:
    """How to reach one kind of service.

    Attributes:
        label: What a person reads.
        form: The attrs class of its fields.
        origin: Where its credentials may go: scheme, host, port and, if any, the path under which every request must
            stay: ``https://api.openai.com/v1``. Or a function that gives it for a filled-in form; then a user may have
            named the host, and the setting ``allow_local`` says whether it may be in a private network.
        also_at: More places to which its credentials may go, as ``origin``, each under a name by which modules ask for
            it (``Context.client_at``): some services take files at a host of their own.
        authorize: What adds the credentials to each request, in order.
        check: What proves that a connection works: a path to GET, or a function of a client that gives a label for
            the account (empty if the service has none).
        account_at: Where the answer to ``check``, if that is a path, has a name of the account: ``user.login``.
        read_error: Turns a failure into the error that tells its remedy; ``None`` from it means "as for any service".
        allow_local: Says, for a filled-in form, whether the host that its user named may be in a private network; the
            host's own setting ``allow_local`` must allow it, too. Without, that setting alone decides.
        timeout_s: Gives the seconds that one operation may take, for a filled-in form; ``None`` for the host's own.
        validate: Finds what is wrong with a filled-in form as a whole, beyond what each field says. A problem with the
            rule ``required`` tells that credentials are missing.
        request_id_header: The header in which the service names each answer.
        help: Where a person finds the credentials.
        oauth: The OAuth2 among ``authorize``, if there is one; ``form`` then inherits from Tokens.
    """

    label: str
    form: type
    origin: Place
    also_at: Mapping[str, Place] = field(factory=dict)
    authorize: Sequence[Authorizer] = field(default=(), converter=_several)
    check: str | Callable[[Client], str] = ""
    account_at: str = field(default="", validator=lambda _self, _attribute, path: path and steps_of(path))
    read_error: Callable[[Answer], RemoteError | None] | None = None
    allow_local: Callable[[Any], bool] | None = None
    timeout_s: Callable[[Any], float | None] | None = None
    validate: Callable[[Any], Sequence[Problem]] | None = None
    request_id_header: str = "x-request-id"
    help: str = ""
    oauth: OAuth2 | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Look whether it says what can be meant."""
        check_kinds(f"ConnectionType {self.label!r}", said_of_connections(self))

    @oauth.default
    def _find_oauth(self) -> OAuth2 | None:
        found = next((each for each in self.authorize if isinstance(each, OAuth2)), None)
        if found is not None and not issubclass(self.form, Tokens):
            message = f"{self.label}: {self.form.__name__} has no fields for tokens."
            raise PluginError(message, stage="object", hint="Let it inherit from jackfield.Tokens.")
        return found

    def oauth_of(self, form: Any) -> OAuth2 | None:
        """Give how tokens are got for a filled-in form; ``None`` if it goes without."""
        return self.oauth if self.oauth is not None and self.oauth.is_used(form) else None

    def problems_of(self, form: Any) -> Sequence[Problem]:
        """Find what is wrong with a filled-in form as a whole."""
        found = self.validate(form) if self.validate else ()
        return (*found, *self.oauth.problems(form)) if self.oauth else found

    def places_of(self, form: Any) -> tuple[str, ...]:
        """Give every place to which secrets of a filled-in form may go."""
        oauth = self.oauth_of(form)
        own = (self.origin_of(form, name).rstrip("/") for name in ("", *self.also_at))
        return (*own, *(oauth.places(form) if oauth else ()))

    def user_of(self, form: Any) -> NamedBy:
        """Say who names a host that stands in a filled-in form, which decides which addresses it may have."""
        return NamedBy.USER if self.allow_local is None or self.allow_local(form) else NamedBy.USER_PUBLIC

    def origin_of(self, form: Any, at: str = "") -> str:
        """Give the origin and base path for a filled-in form, or one of the places where it is, too.

        Raises:
            PluginError: There is no place of that name.
        """
        if at and at not in self.also_at:
            message = f"{self.label} has no place {at!r}."
            raise PluginError(message, stage="object", hint="Declare it: ConnectionType(also_at={...}).")
        place = self.also_at[at] if at else self.origin
        return place(form) if callable(place) else place


class TokenStore(Protocol):
    """What a ConnectionStore can do besides, if it keeps connections whose tokens are renewed (OAuth 2)."""

    def renewing(self, name: str, wait: Callable[[], None]) -> AbstractContextManager[None]:
        """Keep every other thread and process from renewing the tokens of one connection meanwhile.

        Args:
            name: Of the connection.
            wait: Called again and again while somebody else does; raises when it is not to be waited for any longer.
        """

    def find(self, name: str, type_id: str) -> Mapping[str, object] | None:
        """As ConnectionStore; what was renewed is seen at once."""

    def renew(self, name: str, kind: ConnectionType, tokens: Mapping[str, object]) -> None:
        """Save new tokens; ``None`` for a field takes its value away.

        Args:
            name: Of the connection.
            kind: Its type.
            tokens: The values of the fields of Tokens.
        """


class ConnectionStore(Protocol):
    """A place where connections are kept. A plugin gives its own at the hook ``connection_stores``."""

    @property
    def label(self) -> str:
        """What it is called in messages: ``the store ~/.local/share/jackfield/...``."""

    def saved(self) -> Sequence[SavedConnection]:
        """List what is there; fetches no secret."""

    def find(self, name: str, type_id: str) -> Mapping[str, object] | None:
        """Give the values of a connection by field, secrets as Secret or Reference; ``None`` if it is not there.

        Called for each operation whose caller names a connection, so it must be quick, or remember.

        Raises:
            InputError: It is there, and of another type than ``type_id``.
        """


@frozen(kw_only=True)
class ConnectionCheck(Shown):
    """What the proof of a connection found.

    Attributes:
        label: The service's name for the account; may be empty.
        view: What may be seen of the connection.
        verdict: What was found, in one word.
        passed: What was proven, in order: ``offline``, ``reachable``, ``authenticated``, ``authorized``.
        error: What tells the remedy; ``None`` if nothing is wrong.
    """

    label: str
    view: ConnectionView
    verdict: Verdict = Verdict.WORKS
    passed: tuple[Tier, ...] = tuple(Tier)
    error: JackfieldError | None = None

    def _card(self) -> Card:
        seen = self.view._card()  # noqa: SLF001  a part of this
        facts = [("verdict", self.verdict.value), ("account", self.label), *seen.facts]
        notes = str(self.error).splitlines() if self.error else []
        return attrs.evolve(seen, facts=facts, notes=notes, failed=self.error is not None)


@frozen(kw_only=True, eq=False, slots=False)
class Connection(Shown):
    """One set of values of a connection type.

    Attributes:
        type: How its values are used.
        type_id: As in ConnectionView.
        name: As in ConnectionView.
        source: As in ConnectionView.
        form: The values: an instance of ``type.form``.
        at: The one of ``type.also_at`` to which its requests go; empty for ``type.origin``.
    """

    type: ConnectionType
    type_id: str
    name: str
    source: str
    form: Any = field(repr=False)
    at: str = ""
    _elsewhere: "Connection | None" = field(default=None, repr=False)
    _later: deque[Secret] = field(factory=lambda: deque(maxlen=_MOST_LATER), init=False, repr=False)

    @cached_property
    def base_url(self) -> str:
        """Where its requests go."""
        return self.type.origin_of(self.form, self.at)

    @cached_property
    def named_by(self) -> NamedBy:
        """Who named the host."""
        place = self.type.also_at[self.at] if self.at else self.type.origin
        return self.type.user_of(self.form) if callable(place) else NamedBy.AUTHOR

    @cached_property
    def oauth(self) -> OAuth2 | None:
        """How its tokens are got; ``None`` if it has none."""
        return self.type.oauth_of(self.form)

    def secrets(self) -> dict[str, Secret]:
        """Give the secrets that are set, by name; one that stands deeper has a dotted one: ``proxy.password``."""
        return {name: secret for name, secret in named_secrets(self.form) if secret}

    @cached_property
    def redactor(self) -> Redactor:
        """Give what masks its secrets, and the tokens that took their place since it was made."""
        return Redactor((*secrets_in(self.form), *self._later))

    def with_tokens(self, tokens: Mapping[str, object]) -> "Connection":
        """Give the same connection with other values in the fields of Tokens."""
        return attrs.evolve(self, form=attrs.evolve(self.form, **tokens))

    def remember(self, later: "Connection") -> None:
        """Mask the secrets of a later state too, in all that is said of what was begun with this one."""
        fresh = [secret for secret in later.secrets().values() if secret not in self._later]
        if later is not self and fresh:
            self._later.extend(fresh)
            self.__dict__.pop("redactor", None)
        if self._elsewhere is not None:
            self._elsewhere.remember(later)

    def going_to(self, at: str) -> "Connection":
        """Give the same connection for another of its type's places; what one of them remembers, this masks, too."""
        return attrs.evolve(self, at=at, elsewhere=self)

    def identity(self, salt: bytes) -> bytes:
        """Tell it from every other connection, secrets included; nothing of them can be read from it.

        Args:
            salt: Random, and the same for all that is compared.
        """
        import hmac  # noqa: PLC0415  it brings OpenSSL, and hardly any process compares connections

        values = attrs.asdict(self.form, value_serializer=_revealed)
        said = json.dumps([self.type_id, self.type.origin_of(self.form), values], sort_keys=True, default=repr)
        return hmac.digest(salt, said.encode(), "sha256")

    @cached_property
    def counted_as(self) -> bytes:
        """Give what is the same, in this process, for connections whose requests a service counts together.

        It counts by whose key they carry, so those that are the same but for their names share what it allows.
        """
        return self.identity(_SALT)

    def masked(self) -> "Connection":
        """Give the same connection with ``***`` for each secret, to show what would be sent."""
        return attrs.evolve(self, form=with_masks(self.form))

    def settings(self) -> dict[str, object]:
        """Give the fields that are set and no secrets, by name; headers that a user made up may hold one.

        Where a secret stands inside of one, the field is given as JSON, with ``***`` in its place.
        """
        slots = form_of(self.type.form).slots
        hidden = {slot.name for slot in slots_to_secrets(self.type.form)}
        values = {slot.name: getattr(self.form, slot.name) for slot in slots if not slot.is_secret}
        return {
            name: without_secrets(value) if name in hidden else value
            for name, value in values.items()
            if value is not None
        }

    def view(self) -> ConnectionView:
        """Give what may be seen of it."""
        return ConnectionView(
            type_id=self.type_id,
            name=self.name,
            source=self.source,
            base_url=self.base_url,
            settings=self.settings(),
            secrets={name: bool(secret) for name, secret in named_secrets(self.form)},
        )

    def _card(self) -> Card:
        return self.view()._card()  # noqa: SLF001  what may be seen of it

    def authorize(self, request: PreparedRequest) -> None:
        """Add the credentials to a request.

        Raises:
            PluginError: The connection type named a field that its form does not have.
        """
        for authorizer in self.type.authorize:
            try:
                authorizer(request, self.form)
            except AttributeError as error:
                message = f"{self.type.label}: authorize names {error.name!r}, which {self.type.form.__name__} lacks."
                raise PluginError(message, stage="object") from error
