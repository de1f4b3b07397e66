"""Which headers a user may set: none that frames the request, names its host or carries a credential."""

import re

from jackfield.errors import UnsafeRequestError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

RESERVED = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Lower-case names that only the transport or a connection type may set; also every ``Proxy-*``."""


def check_header(name: str, value: str) -> None:
    """Check one header that a user made up.

    Raises:
        UnsafeRequestError: The name is no token or is reserved, or the value could end the line.
    """
    if not _TOKEN.fullmatch(name):
        message = f"{name!r} is no name for a header: only letters, digits and !#$%&'*+-.^_`|~ may stand in one."
        raise UnsafeRequestError(message)
    meant = name.lower().replace("_", "-")  # many servers take one for the other
    if meant in RESERVED or meant.startswith("proxy-"):
        message = f"The header {name!r} cannot be set here."
        raise UnsafeRequestError(message, hint="Credentials belong in the connection; the transport sets the rest.")
    if not _VALUE.fullmatch(value) or value != value.strip():
        message = (
            f"The value of the header {name!r} has a character that cannot stand in a header, or blanks at an end."
        )
        raise UnsafeRequestError(message)
