"""How far the API goes."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from jackfield import InputError

__all__ = ["WebSettings"]


def _positive(_settings: object, attribute: "Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        message = f"{attribute.name} must be a number greater than 0."
        raise InputError(message)


def _address(_settings: object, _attribute: "Attribute[str]", value: object) -> None:
    parts = urlsplit(value) if isinstance(value, str) else None
    whole = parts is not None and parts.scheme in {"http", "https"} and parts.hostname and not parts.fragment
    if value != "" and not whole:
        message = "login_address must be a whole URL without a fragment: https://app.example/jackfield/login."
        raise InputError(message)


def _origins(given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        message = "trusted_origins is one text; give a list of origins."
        raise InputError(message)
    return tuple(origin.rstrip("/").lower() for origin in given)


@frozen(kw_only=True)
class WebSettings:
    """How far the API goes.

    Attributes:
        max_body_bytes: The largest body of a request in JSON.
        max_body_s: How long such a body may take to come.
        max_json_depth: How deep lists and objects may stand in each other in it.
        max_operations: How many runs, streams, checks and questions to services are under way at once.
        max_operations_per_principal: The same for one principal.
        max_downloads: How many files are read at once.
        max_downloads_per_principal: The same for one principal.
        max_deadline_s: The longest that one operation or upload may take, whatever the caller asks for.
        max_stream_s: The longest that a stream or a download stays open.
        heartbeat_s: Seconds of silence in a stream after which a comment is sent, so that nobody takes it for broken.
        max_upload_bytes: The largest file that may be uploaded.
        max_files: How many files one principal may have at once, uploads and results together.
        max_files_bytes: How large these may be together.
        file_ttl_s: Seconds after which a file is gone.
        max_connections: How many connections one principal may save.
        max_page_size: The most modules on one page of the list.
        allow_local: Whether addresses that users name may lead into private networks; the settings of the host must
            allow it, too.
        allow_environment: Whether a call that names no connection may use the one without a name, whose values come
            from the environment of the server: everybody who may run the module uses it then.
        login_address: Where services send the browser back after a login (OAuth 2), as it stands in their list:
            ``https://app.example/jackfield/login``, if the API is mounted there; or a page of the application, which
            posts what it was given to ``login``. Without, nobody can log in over HTTP.
        login_ttl_s: Seconds within which a login must be finished.
        max_logins: How many logins one principal may have begun; of more, the oldest can no longer be finished.
        trusted_origins: Other origins whose pages may change something: ``https://app.example``. Pages of the same
            host always may; browsers let none of the others read an answer.
    """

    max_body_bytes: int = field(default=1024 * 1024, validator=_positive)
    max_body_s: float = field(default=60.0, validator=_positive)
    max_json_depth: int = field(default=100, validator=_positive)
    max_operations: int = field(default=32, validator=_positive)
    max_operations_per_principal: int = field(default=16, validator=_positive)
    max_downloads: int = field(default=200, validator=_positive)
    max_downloads_per_principal: int = field(default=50, validator=_positive)
    max_deadline_s: float = field(default=600.0, validator=_positive)
    max_stream_s: float = field(default=900.0, validator=_positive)
    heartbeat_s: float = field(default=15.0, validator=_positive)
    max_upload_bytes: int = field(default=64 * 1024 * 1024, validator=_positive)
    max_files: int = field(default=200, validator=_positive)
    max_files_bytes: int = field(default=1024 * 1024 * 1024, validator=_positive)
    file_ttl_s: float = field(default=3600.0, validator=_positive)
    max_connections: int = field(default=100, validator=_positive)
    max_page_size: int = field(default=200, validator=_positive)
    allow_local: bool = False
    allow_environment: bool = False
    login_address: str = field(default="", validator=_address)
    login_ttl_s: float = field(default=600.0, validator=_positive)
    max_logins: int = field(default=10, validator=_positive)
    trusted_origins: Sequence[str] = field(default=(), converter=_origins)
