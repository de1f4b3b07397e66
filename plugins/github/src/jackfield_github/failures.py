"""What went wrong at GitHub, as the error that tells its remedy.

Source: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api (404 for
what is hidden, 422 with ``errors``),
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (403 and 429,
``x-ratelimit-remaining``, ``Retry-After``, a minute where nothing is said) and
https://docs.github.com/en/rest/repos/contents (409 and 422 for ``sha``).
"""

import re

from jackfield import (
    Answer,
    BusyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    RemoteError,
    rest,
)

__all__ = ["read_error"]

_SAID = rest.Failures(
    message="message",
    code="errors[0].code",
    details="errors",
    detail_parameter="field",
    detail_message=["message", "code"],
    codes={"too_large": RefusedError},
    words={"secondary rate limit": BusyError, "abuse detection": BusyError},
    statuses={409: RefusedError},  # a conflict stays one however often the request is repeated
    requests_left="x-ratelimit-remaining",
    renewed_at="x-ratelimit-reset",
)
_UNNAMED_WAIT_S = 60.0
"""How long to wait after a secondary limit, if the answer does not say."""
_SHA = re.compile(r'"sha" wasn\'t supplied|does not match [0-9a-f]{40}')
_GET_SHA = "Give in sha that of the file as it is now: github.get_file has it."
_TOO_LARGE = "The API gives files of at most 100 MB: clone the repository with Git."
_EMPTY = "It has no commit yet: github.put_file makes the first one."
_HIDDEN = "GitHub hides what a token may not see: check the name, and the token's repositories."


def read_error(answer: Answer) -> RemoteError | None:
    """Read a failure in GitHub's shape; ``None`` if it has another."""
    error = _SAID(answer)
    if error is None:
        return None
    if isinstance(error, BusyError) and error.status in {403, 429}:
        error.retry_after_s = error.retry_after_s or _UNNAMED_WAIT_S
    elif error.code == "too_large":
        error.hint = _TOO_LARGE
    elif "epository is empty" in error.message:
        error.hint = _EMPTY
    elif _SHA.search(error.message):
        error.parameter, error.hint = "sha", _GET_SHA
    elif isinstance(error, NotFoundError):
        error.hint = _HIDDEN
    elif isinstance(error, PermissionDeniedError):
        error.hint = _missing(answer) or error.hint
    return error


def _missing(answer: Answer) -> str:
    """Say what the token lacks; GitHub names it in headers."""
    single_sign_on = answer.headers.get("x-github-sso", "")
    if single_sign_on.startswith("required"):
        return "The organization wants single sign-on: authorize the token for it on its page."
    needed = answer.headers.get("x-accepted-github-permissions", "")
    return (
        f"Give the token one of these permissions: {needed[:200]}"
        if needed.isascii() and needed
        else ""
    )
