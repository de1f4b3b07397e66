"""How to reach OpenAI, or any server that speaks its API."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlsplit

from attrs import frozen

from jackfield import (
    AnswerError,
    Client,
    ConnectionType,
    Integer,
    KeyValue,
    NotFoundError,
    Number,
    Password,
    Problem,
    Secret,
    Text,
    Url,
    header,
    headers_from,
)
from jackfield_openai.failures import read_error

__all__ = ["OPENAI_URL", "Account", "is_openai", "openai"]

OPENAI_URL = "https://api.openai.com/v1"
"""Where OpenAI itself answers; used where the connection names no other place."""


@frozen(kw_only=True)
class Account:
    """Who asks, and where."""

    api_key: Annotated[
        Secret | None,
        Password(
            label="API Key",
            help="From the API keys page of your OpenAI account. Other servers may need none.",
            env="OPENAI_API_KEY",
        ),
    ] = None
    organization_id: Annotated[
        str | None,
        Text(
            label="Organization ID",
            help="Only if you belong to several organizations; from your organization's settings.",
            env="OPENAI_ORG_ID",
            example="org-abc123",
        ),
    ] = None
    project_id: Annotated[
        str | None,
        Text(
            label="Project ID",
            help="Only if your key is not bound to one project.",
            env="OPENAI_PROJECT_ID",
            advanced=True,
            example="proj_abc123",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        Url(
            label="Base URL",
            help="Another server that speaks this API. Without a path, /v1 is added; any other path is used as given.",
            env="OPENAI_BASE_URL",
            advanced=True,
            example="http://localhost:11434/v1",
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
    max_attached_bytes: Annotated[
        int | None,
        Integer(
            label="Most attached bytes",
            help="How large the files inside one chat may be together; 50 MiB if left empty.",
            unit="bytes",
            minimum=0,
            advanced=True,
        ),
    ] = None
    headers: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Extra headers", help="Sent with every request; they cannot replace the key.", advanced=True),
    ] = None


def _origin(form: Account) -> str:
    """Give the base URL without a slash at its end; never ``/v1/v1``."""
    given = (form.base_url or OPENAI_URL).rstrip("/")
    return given if urlsplit(given).path else f"{given}/v1"


def is_openai(url: str) -> bool:
    """Tell whether a URL is OpenAI's own, one of its data regions included (``eu.api.openai.com``)."""
    host = urlsplit(url).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _problems(form: Account) -> Sequence[Problem]:
    key = form.api_key.reveal() if form.api_key else ""
    found = []
    if not key and is_openai(_origin(form)):
        message = "is empty, and OpenAI answers nobody without a key"
        found.append(Problem(path="$.api_key", rule="required", message=message))
    if not key.isascii() or any(letter <= " " for letter in key):
        # A key read from a file often brings the line break at its end.
        message = "has blanks, line breaks or letters that no key has; copy it again"
        found.append(Problem(path="$.api_key", rule="pattern", message=message))
    parts = urlsplit(form.base_url or "")
    if parts.query or parts.fragment or parts.username is not None:
        message = "must have no user name, no ? and no #; it ends with the path under which the API stands"
        found.append(Problem(path="$.base_url", rule="url", message=message))
    return found


def _check(client: Client) -> str:
    """Ask for the models, and give a label for the account: its organization or server, and what it offers.

    Raises:
        AnswerError: Something answers there, and it is no OpenAI-compatible server.
        NotFoundError: The server has no such path.
    """
    hint = f"Is the base URL right? It is {client.base_url}, and the list of models must stand at /models below it."
    try:
        answer = client.request("GET", "/models")
        body = answer.json()
    except (NotFoundError, AnswerError) as error:
        error.hint = hint
        raise
    if not isinstance(body, Mapping) or "data" not in body:
        message = "The server answers, but not with a list of models as an OpenAI-compatible server does."
        raise AnswerError(message, request_id=answer.request_id, hint=hint)
    models = body["data"] or ()
    host = urlsplit(client.base_url).netloc
    return f"{answer.headers.get('openai-organization') or host} ({len(models)} models)"


openai = ConnectionType(
    label="OpenAI",
    help="Make a key at https://platform.openai.com/api-keys.",
    form=Account,
    origin=_origin,
    validate=_problems,
    authorize=(
        header("Authorization", "Bearer {api_key}"),
        header("OpenAI-Organization", "{organization_id}"),
        header("OpenAI-Project", "{project_id}"),
        headers_from("headers"),
    ),
    check=_check,
    read_error=read_error,
    timeout_s=lambda form: form.timeout_s,
)
"""The connection type; its id is ``openai.openai``."""
