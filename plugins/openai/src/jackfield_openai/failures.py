"""What went wrong at OpenAI, as the error that tells its remedy.

Source: the table of errors in OpenAI's guide and openai-python 3.54.0, read 2026-11-22. Whatever has another shape than
``{"error": {...}}`` is left to core, which reads any service's failures.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from attrs import frozen

from jackfield import (
    Answer,
    AnswerError,
    BusyError,
    CredentialsError,
    LimitError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RefusedError,
    RemoteError,
    Verdict,
)

__all__ = ["answered_error", "read_error", "response_error", "stream_error"]

_LONGEST_MESSAGE = 500
"""Characters of the service's own words that are passed on; a longer text is likely to quote the input."""

_QUOTA = frozenset(
    {
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "insufficient_quota",
        "organization_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "project_spend_limit_exceeded",
    }
)
_NO_KEY = frozenset({"no_db_connection"})
"""How LiteLLM's proxy says, with the status 400, that a key is not its own where it has no database of others."""
_NO_TEXT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_NO_MODEL = re.compile(r"\bmodel\b.*(not found|does not exist)", re.IGNORECASE)
"""How vLLM, Ollama and others say it, who have no code for it."""
_FORBIDDEN = "The service's rules forbid this: word the prompt differently, or give another image."
_NO_MODEL_CODES = frozenset({"DeploymentNotFound", "model_not_found"})
"""The first is Azure's."""
_ADVICE = {
    "content_filter": _FORBIDDEN,
    "content_policy_violation": _FORBIDDEN,
    "bio_policy": _FORBIDDEN,
    "image_content_policy_violation": _FORBIDDEN,
    "invalid_prompt": _FORBIDDEN,
    "context_length_exceeded": "Shorten the messages, ask for fewer tokens, or take a model with a larger context.",
    "moderation_blocked": _FORBIDDEN,
}
"""What to do, by code."""

_UNSUPPORTED = frozenset({"unknown_parameter", "unsupported_parameter", "unsupported_value"})
_STREAM_STATUS = {
    "authentication_error": 401,
    "invalid_api_key": 401,
    "invalid_request_error": 400,
    "model_not_found": 404,
    "not_found_error": 404,
    "permission_error": 403,
    "rate_limit_exceeded": 429,
    **dict.fromkeys(
        (
            "bio_policy",
            "data_residency_mismatch",
            "empty_image_file",
            "failed_to_download_image",
            "image_content_policy_violation",
            "image_file_not_found",
            "image_file_too_large",
            "image_parse_error",
            "image_too_large",
            "image_too_small",
            "invalid_base64_image",
            "invalid_image",
            "invalid_image_format",
            "invalid_image_mode",
            "invalid_image_url",
            "invalid_prompt",
            "misalignment_policy_violation",
            "unsupported_image_media_type",
        ),
        400,
    ),
}
"""The status that an error would have had if it had not come inside a stream or a response, by its code or type.

Of responses: openai-python 3.57.0, types/responses/response_error.py, read 2026-11-25.
"""


@frozen(kw_only=True)
class _Failure:
    """The service's own account of what went wrong."""

    status: int
    message: str
    kind: str
    code: str
    parameter: str
    request_id: str

    def error(self, cls: type[RemoteError], message: str, hint: str = "") -> RemoteError:
        return cls(
            message,
            status=self.status,
            code=self.code,
            parameter=self.parameter,
            request_id=self.request_id,
            hint=hint,
        )


def read_error(answer: Answer) -> RemoteError | None:
    """Read a failure in OpenAI's shape; ``None`` if it has another, or where core's reading says all there is.

    A key that is not accepted is read in any shape: what servers say of it shows parts of the key.
    """
    said = _said(answer)
    if said is None and answer.status != HTTPStatus.UNAUTHORIZED:
        return None
    return _error(_failure(said or {}, answer.status, answer.request_id))


def _said(answer: Answer) -> Mapping[str, object] | None:
    try:
        body = answer.json()
    except (AnswerError, LimitError):
        return None
    said = body.get("error") if isinstance(body, Mapping) else None
    return said if isinstance(said, Mapping) else None


def answered_error(answer: Answer) -> RemoteError | None:
    """Read a failure that was answered as if all were well; ``None`` if the answer tells of none."""
    said = _said(answer)
    return None if said is None else _told(said, "The service answered with an error.")


def stream_error(error: object) -> RemoteError:
    """Read a failure that came inside a stream which had begun well.

    Args:
        error: What stands under ``error`` in the event.
    """
    return _told(error, "The service broke off its stream with an error.")


def response_error(error: object, name: str) -> RemoteError:
    """Read a failure that stands in a response which the service answered well.

    Args:
        error: What stands under ``error`` in it.
        name: Its id.
    """
    return _told(error, f"The service failed at the response {name}.".replace(" .", "."))


def _told(error: object, lead: str) -> RemoteError:
    """Read a failure that had no status of its own."""
    said = error if isinstance(error, Mapping) else {"message": str(error)}
    code, kind = _text(said.get("code")), _text(said.get("type"))
    # Compatible servers put the status there as a number.
    status = int(code) if code.isdecimal() and len(code) == 3 else 0  # noqa: PLR2004  digits of a status
    status = status or _STREAM_STATUS.get(code) or _STREAM_STATUS.get(kind) or 500
    failure = _failure(said, status, "")
    return _error(failure) or failure.error(_class_of(status), f"{lead} {failure.message}".rstrip())


def _class_of(status: int) -> type[RemoteError]:
    named = {401: CredentialsError, 403: PermissionDeniedError, 404: NotFoundError}
    if status in (408, 409, 429) or status >= 500:  # noqa: PLR2004  HTTP's server errors
        return BusyError
    return named.get(status, RefusedError)


def _failure(said: Mapping[str, object], status: int, request_id: str) -> _Failure:
    return _Failure(
        status=status,
        message=_text(said.get("message"), _LONGEST_MESSAGE),
        kind=_text(said.get("type")),
        code=_text(said.get("code")),
        parameter=_text(said.get("param")),
        request_id=request_id,
    )


def _text(value: object, most: int = 100) -> str:
    """Give a value as one line of text: whoever shows it must not be made to move a cursor."""
    text = "" if value is None else _NO_TEXT.sub(" ", str(value)).strip()
    return text if len(text) <= most else f"{text[:most]}..."


def _error(failure: _Failure) -> RemoteError | None:
    """Choose the error; ``None`` for what core says as well: rate limits, failures of the service."""
    if failure.code in _QUOTA or failure.kind in _QUOTA:
        return _quota(failure)
    if failure.status == 401 or failure.kind in _NO_KEY:  # noqa: PLR2004
        return _credentials(failure)
    if failure.status == 403:  # noqa: PLR2004
        return _permission(failure)
    if failure.code in _NO_MODEL_CODES or (failure.status == 404 and _NO_MODEL.search(failure.message)):  # noqa: PLR2004
        return _model(failure)
    if failure.status in (400, 422):
        return _refused(failure)
    return None


def _quota(failure: _Failure) -> RemoteError:
    hint = "Waiting does not help: add credit or raise the limit at https://platform.openai.com/settings/organization/billing."
    return failure.error(QuotaError, f"The quota of this account is used up ({failure.code or failure.kind}).", hint)


def _credentials(failure: _Failure) -> RemoteError:
    # The service's own words are not passed on: they show the ends of the key.
    if failure.code.startswith("ip_"):
        message = "The API key is not accepted from this address."
        return failure.error(
            CredentialsError, message, "Add this machine's address to the project's list of addresses."
        )
    whose = next(
        (word for word in ("organization", "project") if word in f"{failure.message} {failure.code}".lower()), ""
    )
    if whose:
        message = f"The API key is not accepted for this {whose}."
        hint = f"Check the connection's {whose.capitalize()} ID, or leave it empty."
        error = failure.error(CredentialsError, message, hint)
        error.verdict = Verdict.WRONG_ORGANIZATION
        return error
    message = f"The API key is not accepted ({failure.code or failure.status})."
    hint = (
        "Check the connection's API Key (without a name: OPENAI_API_KEY): "
        "it may be missing, mistyped, expired or for another server."
    )
    return failure.error(CredentialsError, message, hint)


def _permission(failure: _Failure) -> RemoteError:
    if failure.code == "unsupported_country_region_territory":
        message = "OpenAI does not serve the country that this machine's address belongs to."
        return failure.error(PermissionDeniedError, message, "Run it from a country that OpenAI serves.")
    if failure.code == "model_not_found":
        return _model(failure, PermissionDeniedError)
    message = f"The API key is right and may not do this: {failure.message or failure.code or 'no reason was given'}"
    hint = "Give the key the missing permission (its scopes and its project's role), or use another key."
    return failure.error(PermissionDeniedError, message, hint)


def _model(failure: _Failure, cls: type[RemoteError] = NotFoundError) -> RemoteError:
    message = "$.model: the service has no such model, or this key may not use it."
    hint = "List those that it may use: jackfield module choices openai.create_chat_completion model"
    if failure.code == "DeploymentNotFound":
        hint = "At Azure, Model is the name of a deployment of the resource; a new one may take some minutes."
    return failure.error(cls, message, hint)


def _refused(failure: _Failure) -> RemoteError:
    said = failure.message or failure.code or "the service gave no reason"
    place = f"$.{failure.parameter}: " if failure.parameter else ""
    return failure.error(RefusedError, f"{place}{said}", _advice(failure))


def _advice(failure: _Failure) -> str:
    if failure.code not in _UNSUPPORTED:
        return _ADVICE.get(failure.code, "")
    name = failure.parameter or "the parameter that it names"
    if failure.parameter == "max_tokens" and failure.code == "unsupported_parameter":
        return "Use max_completion_tokens instead of max_tokens."
    if failure.code == "unsupported_value":
        return f"Leave {name} empty, or give a value that this model takes."
    if failure.code == "unknown_parameter":
        return f"Leave {name} out: this server does not know it."
    return f"Leave {name} empty, or take a model that supports it."
