"""How to reach OpenAI, or any server that speaks its API."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

from attrs import frozen
from requests import PreparedRequest

from jackfield import (
    AnswerError,
    Choice,
    Client,
    ConnectionType,
    Integer,
    KeyValue,
    NotFoundError,
    Number,
    Password,
    Problem,
    Secret,
    Select,
    Text,
    Url,
    header,
    headers_from,
)
from jackfield_openai.failures import read_error

__all__ = ["OPENAI_URL", "Account", "is_openai", "openai"]

OPENAI_URL = "https://api.openai.com/v1"
"""Where OpenAI itself answers; used where the connection names no other place."""

_AZURE = (".openai.azure.com", ".openai.azure.us", ".services.ai.azure.com", ".cognitiveservices.azure.com")
"""How the names of Azure's hosts end."""


@frozen(kw_only=True)
class Account:
    """Who asks, and where."""

    api_key: Annotated[
        Secret | None,
        Password(
            label="API Key",
            help="From the API keys page of your OpenAI account, or of an Azure resource. Other servers may need none.",
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
            help="Another server that speaks this API. Without a path, /v1 is added, at Azure's own hosts /openai/v1; "
            "any other path is used as given.",
            env="OPENAI_BASE_URL",
            advanced=True,
            example="http://localhost:11434/v1",
        ),
    ] = None
    key_header: Annotated[
        Literal["Authorization", "api-key", "x-api-key", "Ocp-Apim-Subscription-Key"] | None,
        Select(
            label="Key Header",
            help="How the key is sent. Left empty: as api-key to Azure's own hosts, as a bearer token elsewhere.",
            choices=(
                Choice(value="Authorization", label="Authorization", help="a bearer token; also Entra ID's, at Azure"),
                Choice(value="api-key", label="api-key", help="the key of an Azure resource"),
                Choice(value="x-api-key", label="x-api-key", help="some gateways"),
                Choice(
                    value="Ocp-Apim-Subscription-Key",
                    label="Ocp-Apim-Subscription-Key",
                    help="a subscription of Azure API Management",
                ),
            ),
            advanced=True,
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
    max_audio_bytes: Annotated[
        int | None,
        Integer(
            label="Largest recording",
            help="How large a recording to write down may be; 25 MiB at OpenAI if left empty, elsewhere any size.",
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
    if urlsplit(given).path:
        return given
    return f"{given}/openai/v1" if _is_azure(given) else f"{given}/v1"


def is_openai(url: str) -> bool:
    """Tell whether a URL is OpenAI's own, one of its data regions included (``eu.api.openai.com``)."""
    host = urlsplit(url).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _is_azure(url: str) -> bool:
    """Tell whether a URL is one of Azure's own, where a key goes in a header of its own.

    Source: Microsoft's pages on the v1 API of Azure OpenAI in Foundry, read 2026-11-25.
    """
    return (urlsplit(url).hostname or "").endswith(_AZURE)


def _send_key(request: PreparedRequest, form: Account) -> None:
    key = form.api_key.reveal() if form.api_key else ""
    if not key:
        return
    name = form.key_header or ("api-key" if _is_azure(form.base_url or "") else "Authorization")
    request.headers[name] = f"Bearer {key}" if name == "Authorization" else key


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
        _send_key,
        header("OpenAI-Organization", "{organization_id}"),
        header("OpenAI-Project", "{project_id}"),
        headers_from("headers"),
    ),
    check=_check,
    read_error=read_error,
    timeout_s=lambda form: form.timeout_s,
)
"""The connection type; its id is ``openai.openai``."""
