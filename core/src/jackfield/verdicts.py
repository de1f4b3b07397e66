"""What a check of a connection finds: in one word why it does not work, and how far it came."""

from collections.abc import Sequence
from enum import StrEnum

from jackfield.errors import (
    AnswerError,
    BusyError,
    CredentialsError,
    DeadlineError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NoConnectionError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RemoteError,
    TransportError,
    UnsafeRequestError,
)

__all__ = ["Tier", "Verdict", "tiers_of", "verdict_of"]


class Tier(StrEnum):
    """One of the things that a check proves, one after the other."""

    OFFLINE = "offline"
    """The values fit the form, and every secret is where it is kept; nothing was sent for it."""
    REACHABLE = "reachable"
    """Something answers at the address."""
    AUTHENTICATED = "authenticated"
    """The service is of the right kind, and accepts the credentials."""
    AUTHORIZED = "authorized"
    """The credentials allow what the check asked for."""


class Verdict(StrEnum):
    """What a check found."""

    WORKS = "works"
    """Everything was proven."""
    UNPROVEN = "unproven"
    """The values are right; the rest was not asked for, or the connection type says no way to ask."""
    INVALID = "invalid"
    """The values break the form, or a secret is not where it should be."""
    BAD_KEY = "bad_key"
    """The service does not accept the credentials."""
    WRONG_ORGANIZATION = "wrong_organization"
    """The credentials do not belong to the organization or project that the connection names."""
    NO_PERMISSION = "no_permission"
    """The credentials are right, and may not do this."""
    NO_QUOTA = "no_quota"
    """The credentials are right, and what was paid for is used up."""
    UNREACHABLE = "unreachable"
    """No answer came: the name, the port, the network, or the time."""
    TLS = "tls"
    """No trusted connection could be made: a certificate, or a server that speaks no TLS."""
    WRONG_BASE_URL = "wrong_base_url"
    """A server answers, and has nothing at that path; or the address leads elsewhere."""
    OTHER_SERVICE = "other_service"
    """Something answers, and it is not this kind of service."""
    BUSY = "busy"
    """The service is overloaded or failing: it could not be found out."""
    REFUSED = "refused"
    """The service refuses the request of the check for another reason."""


_BY_ERROR: Sequence[tuple[type[JackfieldError], Verdict]] = (
    (InvalidInputError, Verdict.INVALID),
    (NoConnectionError, Verdict.INVALID),
    (CredentialsError, Verdict.BAD_KEY),
    (PermissionDeniedError, Verdict.NO_PERMISSION),
    (QuotaError, Verdict.NO_QUOTA),
    (NotFoundError, Verdict.WRONG_BASE_URL),
    (BusyError, Verdict.BUSY),
    (RemoteError, Verdict.REFUSED),
    (UnsafeRequestError, Verdict.WRONG_BASE_URL),
    (TransportError, Verdict.UNREACHABLE),
    (DeadlineError, Verdict.UNREACHABLE),
    (AnswerError, Verdict.OTHER_SERVICE),
    (LimitError, Verdict.OTHER_SERVICE),
)
_REDIRECTS = range(300, 400)

_ALL = tuple(Tier)
_PASSED = {
    Verdict.WORKS: 4,
    Verdict.NO_PERMISSION: 3,
    Verdict.NO_QUOTA: 3,
    Verdict.UNPROVEN: 1,
    Verdict.UNREACHABLE: 1,
    Verdict.TLS: 1,
    Verdict.INVALID: 0,
}
_ANSWERED = 2


def verdict_of(error: JackfieldError) -> Verdict | None:
    """Say in one word what an error tells of a connection; ``None`` if it tells nothing of it."""
    if error.verdict:
        return Verdict(error.verdict)
    if isinstance(error, RemoteError) and error.status in _REDIRECTS:
        return Verdict.WRONG_BASE_URL
    return next((verdict for kind, verdict in _BY_ERROR if isinstance(error, kind)), None)


def tiers_of(verdict: Verdict, error: JackfieldError | None = None) -> tuple[Tier, ...]:
    """Give what was proven, in order.

    Args:
        verdict: What was found.
        error: What told it.
    """
    unsent = isinstance(error, UnsafeRequestError)
    return _ALL[: 1 if unsent else _PASSED.get(verdict, _ANSWERED)]
