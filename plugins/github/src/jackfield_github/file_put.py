"""Put a File.

Source: https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated

from attrs import field, frozen

from jackfield import Context, Effect, File, OneOf, Text, Upload, module, path_segment
from jackfield_github.connection import account
from jackfield_github.fields import Path, Repository
from jackfield_github.outputs import Other

__all__ = ["NewFile", "PutFile", "put_file"]


_MOST = 50 * 1024**2
"""From here on GitHub warns of a file; the API takes it in one piece, as base64."""
_Small = Annotated[File, Upload(label="File", help="At most 50 MiB; else: Git.", max_bytes=_MOST)]


@frozen(kw_only=True)
class NewFile:
    """Which file, and what is to be in it."""

    repository: Repository
    path: Path
    content: Annotated[str | _Small, OneOf(label="Content", help="A file, or a text in UTF-8.")]
    message: Annotated[str, Text(label="Commit Message", min_length=1, multiline=True)]
    branch: Annotated[str | None, Text(label="Branch", help="The default one if empty.")] = None
    sha: Annotated[str | None, Text(label="SHA", help="Of the file that it replaces.")] = None


@frozen(kw_only=True)
class PutFile:
    """The ``content`` as it is known now, with its ``sha``, and the ``commit`` that did it."""

    content: Mapping[str, object]
    commit: Mapping[str, object]
    rest: Other = field(factory=dict)


# A repeat is refused, since the file is another one by then; it reads as if nothing was done.
@module(label="Put a File", connection=account, effect=Effect.UNSAFE)
def put_file(form: NewFile, context: Context) -> PutFile:
    """Create a file in a repository, or replace one, with a commit of its own."""
    content = form.content.read() if isinstance(form.content, File) else form.content.encode()
    said = {"message": form.message, "branch": form.branch, "sha": form.sha}
    body = {name: value for name, value in said.items() if value}
    body["content"] = b64encode(content).decode()
    place = path_segment(form.path, at="$.path", several=True)
    path = f"/repos/{form.repository}/contents/{place}"
    return context.client.read(context.client.request("PUT", path, json=body), PutFile)
