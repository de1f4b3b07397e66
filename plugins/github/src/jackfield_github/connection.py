"""How to reach GitHub: api.github.com, or an Enterprise Server.

Source: https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api and
https://docs.github.com/en/rest/about-the-rest-api/api-versions. The variables have the names that
GitHub Actions gives them:
https://docs.github.com/en/actions/reference/workflows-and-actions/variables.
"""

from typing import Annotated

from attrs import frozen

from jackfield import AppTokens, ConnectionType, Password, Secret, Text, Url, header
from jackfield_github.failures import read_error
from jackfield_github.places import device_login, uploads_of

__all__ = ["Account", "account"]

TOKENS = "https://github.com/settings/personal-access-tokens"


@frozen(kw_only=True)
class Account(AppTokens):
    """Who asks, and where: by a token, or by a login through an app."""

    token: Annotated[
        Secret | None,
        Password(label="Token", help=f"Best a fine-grained one: {TOKENS}.", env="GITHUB_TOKEN"),
    ] = None
    base_url: Annotated[
        str,
        Url(label="API URL", help="For a server of yours: HOST/api/v3.", env="GITHUB_API_URL"),
    ] = "https://api.github.com"
    api_version: Annotated[
        str, Text(label="API Version", pattern=r"\d{4}-\d\d-\d\d", advanced=True)
    ] = "2022-11-28"


account = ConnectionType(
    label="GitHub",
    form=Account,
    origin=lambda form: str(form.base_url),
    also_at={"uploads": uploads_of},
    authorize=[
        header("Authorization", "Bearer {token}"),
        header("X-GitHub-Api-Version", "{api_version}"),
        device_login,
    ],
    check="/user",
    account_at="login",
    read_error=read_error,
    request_id_header="x-github-request-id",
)
