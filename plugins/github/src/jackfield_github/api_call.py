"""Make an API Call: anything that GitHub can do and no module does.

Source: https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Context, Effect, File, Json, KeyValue, Kind, Select, Text, module
from jackfield_github.connection import account

__all__ = ["ApiAnswer", "ApiCall", "make_api_call"]


@frozen(kw_only=True)
class ApiCall:
    """One request; the connection adds its credentials."""

    path: Annotated[
        str, Text(label="Path", help="Below the API URL.", min_length=1, example="/user/repos")
    ]
    method: Annotated[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], Select(label="Method")] = (
        "GET"
    )
    query: Annotated[Mapping[str, str | int | bool] | None, KeyValue(label="Query")] = None
    headers: Annotated[Mapping[str, str] | None, KeyValue(label="Headers", advanced=True)] = None
    body: Annotated[object, Json(label="Body", help="Any JSON value.")] = None


@frozen(kw_only=True)
class ApiAnswer:
    """What came: ``body`` if it is JSON or text, ``file`` if it is anything else."""

    status: int
    headers: Mapping[str, str]
    body: object = None
    file: File | None = None


def _effect(form: ApiCall) -> Effect:
    return Effect.of_method(form.method)


@module(label="Make an API Call", connection=account, kind=Kind.UNIVERSAL, effect=_effect)
def make_api_call(form: ApiCall, context: Context) -> ApiAnswer:
    """Send any request to GitHub's API, with the connection's credentials and below its API URL."""
    answer = context.client.request(
        form.method,
        form.path,
        params=form.query,
        headers=form.headers,
        json=form.body,
        store_files=True,
    )
    is_json = answer.media_type.endswith("json") and answer.body
    body = answer.json() if is_json else answer.text() if answer.body else None
    return ApiAnswer(
        status=answer.status, headers=dict(answer.headers), body=body, file=answer.file
    )
