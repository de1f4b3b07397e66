"""OAuth 2: what a connector's author declares, and what a host needs for a login.

``ConnectionType(form=..., authorize=OAuth2(...))``, where the form inherits from Tokens, is all that a connector says.
Logins are begun and finished with a Host (``begin_login`` and its like); ``Loopback`` is where a browser on the same
machine comes back to.
"""

from typing import TYPE_CHECKING, Any

from jackfield._oauth.logins import DeviceLogin, Login
from jackfield._tokens import AppTokens, OAuth2, Tokens

if TYPE_CHECKING:
    from jackfield._oauth.loopback import Loopback

__all__ = ["AppTokens", "DeviceLogin", "Login", "Loopback", "OAuth2", "Tokens"]


def __getattr__(name: str) -> Any:
    if name == "Loopback":  # it brings a server, which no connector needs
        from jackfield._oauth.loopback import Loopback  # noqa: PLC0415

        return Loopback
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
