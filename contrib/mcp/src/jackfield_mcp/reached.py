"""How a server is reached over HTTP, from what was typed: the address, the token, the limits."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jackfield import InputError, Secret, kept_token, user_data

OVER_HTTP: Mapping[str, str] = {
    "token_file": "--token-file",
    "token_env": "--token-env",
    "allow_remote": "--allow-remote",
    "allowed_hosts": "--allow-host",
    "allowed_origins": "--allow-origin",
    "max_body_bytes": "--max-body-bytes",
    "max_sessions": "--max-sessions",
    "idle_timeout_s": "--idle-timeout",
}
"""The options that mean something over HTTP alone, by parameter."""

_LOOPBACK = "127.0.0.1"
_HIGHEST_PORT = 65535
_TOKEN_FILE = "mcp-token"  # noqa: S105  a name


def serving_options(http: str, reached: Mapping[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    """Give the arguments of HttpServing.

    Args:
        http: ``[HOST:]PORT``.
        reached: By the names of OVER_HTTP; what was not typed is empty.
        tell: Is told where the token is; and the token itself, once, when it was made.

    Raises:
        InputError: The address is none, or the token is to come from two places or is missing.
        StoreError: The token's file cannot be used.
    """
    host, port = _address(http)
    limits = {name: value for name, value in reached.items() if value and name not in {"token_file", "token_env"}}
    token = _token(reached["token_file"], reached["token_env"], tell)
    return {"host": host, "port": port, "token": token, **limits}


def _address(http: str) -> tuple[str, int]:
    host, _, port = http.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    known = port.isascii() and port.isdigit() and len(port) <= len(str(_HIGHEST_PORT)) and int(port) <= _HIGHEST_PORT
    if not known or (":" in bare and bare == host) or http.startswith(":"):
        message = f"--http {http}: must be PORT or HOST:PORT, such as 8722 or 127.0.0.1:8722."
        raise InputError(message, hint="An IPv6 address stands in brackets: [::1]:8722.")
    return bare or _LOOPBACK, int(port)


def _token(file: Path | None, variable: str | None, tell: Callable[[str], None]) -> Secret:
    if file is not None and variable:
        message = "--token-file and --token-env both say where the token is."
        raise InputError(message, hint="Leave one of them out.")
    if variable:
        if not os.environ.get(variable):
            message = f"--token-env {variable}: there is no such environment variable."
            raise InputError(message, hint="Set it where the server starts; or leave the option out.")
        return Secret(os.environ[variable])
    kept = kept_token(file or user_data() / _TOKEN_FILE)
    if kept.is_new:
        tell(f"The token that clients must bring, shown this once: {kept.value.reveal()}")
    tell(f"The token is kept in {kept.path}.")
    return kept.value
