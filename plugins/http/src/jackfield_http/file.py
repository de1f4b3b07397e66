"""Download a File: what stands at an address becomes a file of the host."""

from collections.abc import Sequence
from typing import Annotated

from attrs import frozen

from jackfield import Context, Effect, File, Problem, Text, module
from jackfield_http.connection import http
from jackfield_http.target import Headers, Query, Where, target_of, where_flaws

__all__ = ["DownloadFile", "DownloadedFile", "download_file"]


@frozen(kw_only=True)
class DownloadFile:
    """Which file."""

    url: Where
    query: Query = None
    headers: Headers = None
    name: Annotated[
        str | None,
        Text(label="File Name", help="Left empty: what the server says, or the end of the URL.", min_length=1),
    ] = None


@frozen(kw_only=True)
class DownloadedFile:
    """The file, as it came."""

    file: File


def _problems(form: DownloadFile) -> Sequence[Problem]:
    return [*where_flaws(form.query, form.headers)]


@module(label="Download a File", connection=http, effect=Effect.READ, validate=_problems)
def download_file(form: DownloadFile, context: Context) -> DownloadedFile:
    """Fetch what stands at an address, and keep it as a file.

    It is written while it comes, however large it is, up to what the host allows for one file.
    """
    target = target_of(context, form.url, form.query, form.headers)
    file = target.client.download(
        "GET", target.path, params=target.params, headers=target.headers, name=form.name or ""
    )
    return DownloadedFile(file=file)
