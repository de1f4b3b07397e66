"""Upload a Release File.

Source: https://docs.github.com/en/rest/releases/assets#upload-a-release-asset.
"""

from typing import Annotated

from attrs import field, frozen

from jackfield import Context, Effect, File, Integer, Text, Upload, module
from jackfield_github.connection import account
from jackfield_github.fields import Repository
from jackfield_github.outputs import Other

__all__ = ["Asset", "ReleaseFile", "upload_release_file"]

_MOST = 2 * 1024**3


@frozen(kw_only=True)
class ReleaseFile:
    """Which file, and to which release."""

    repository: Repository
    release_id: Annotated[int, Integer(label="Release ID", help="Of its output.", minimum=1)]
    file: Annotated[File, Upload(label="File", help="Below 2 GiB.", max_bytes=_MOST - 1)]
    name: Annotated[str | None, Text(label="Name", help="The file's own if empty.")] = None
    label: Annotated[str | None, Text(label="Label", help="Shown instead of its name.")] = None


@frozen(kw_only=True)
class Asset:
    """The file as people get it, at ``browser_download_url``."""

    id: int
    name: str
    state: str
    size: int
    browser_download_url: str
    rest: Other = field(factory=dict)


@module(label="Upload a Release File", connection=account, effect=Effect.UNSAFE)
def upload_release_file(form: ReleaseFile, context: Context) -> Asset:
    """Put a file beside a release, where people download it."""
    path = f"/repos/{form.repository}/releases/{form.release_id}/assets"
    query = {"name": form.name or form.file.name, "label": form.label}
    client = context.client_at("uploads")
    answer = client.request("POST", path, params=query, content=form.file)
    return client.read(answer, Asset)
