"""Download a File: what stands at an address becomes a file of the host."""

from typing import Annotated

from attrs import frozen

from jackfield import Context, Effect, File, Text, Url, module

__all__ = ["DownloadFile", "DownloadedFile", "download_file"]


@frozen(kw_only=True)
class DownloadFile:
    """Which file."""

    url: Annotated[str, Url(label="URL", help="Where the file is.", example="https://example.com/report.pdf")]
    name: Annotated[
        str | None,
        Text(label="File Name", help="Left empty: what the server says, or the end of the URL.", min_length=1),
    ] = None


@frozen(kw_only=True)
class DownloadedFile:
    """The file, as it came."""

    file: File


@module(label="Download a File", effect=Effect.READ)
def download_file(form: DownloadFile, context: Context) -> DownloadedFile:
    """Fetch what stands at an address, and keep it as a file."""
    return DownloadedFile(file=context.download(form.url, name=form.name or ""))
