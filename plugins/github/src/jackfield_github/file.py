"""Get a File.

Source: https://docs.github.com/en/rest/repos/contents#get-repository-content: up to 1 MB the
content is in the answer, up to 100 MB it is given by its blob
(https://docs.github.com/en/rest/git/blobs#get-a-blob).
"""

from attrs import field, frozen

from jackfield import Context, Effect, File, InvalidInputError, Problem, module, path_segment
from jackfield_github.connection import account
from jackfield_github.fields import Path, Ref, Repository
from jackfield_github.outputs import Other

__all__ = ["FoundFile", "WhichFile", "get_file"]

_RAW = {"Accept": "application/vnd.github.raw+json"}


@frozen(kw_only=True)
class WhichFile:
    """Which file."""

    repository: Repository
    path: Path
    ref: Ref = None


@frozen(kw_only=True)
class FoundFile:
    """A file of a repository; ``sha`` names its content, and is what a change of it must give."""

    file: File
    path: str
    sha: str
    size: int
    rest: Other = field(factory=dict)


@module(label="Get a File", connection=account, effect=Effect.READ)
def get_file(form: WhichFile, context: Context) -> FoundFile:
    """Get a file of a repository as it is on a branch, at a tag or in a commit."""
    repository, name = f"/repos/{form.repository}", form.path.rpartition("/")[2]
    path = f"{repository}/contents/{path_segment(form.path, at='$.path', several=True)}"
    found = context.client.get(path, params={"ref": form.ref})
    kind = found.get("type") if isinstance(found, dict) else "folder"
    if not isinstance(found, dict) or kind != "file":
        names = f"must name a file, names a {kind}"
        raise InvalidInputError([Problem(path="$.path", rule="file", message=names)])
    if found.get("encoding") == "base64":
        file = context.store_base64(found, "content", size="size", name=name)
    else:
        blob = f"{repository}/git/blobs/{found.get('sha')}"
        file = context.client.download("GET", blob, headers=_RAW, name=name)
    told = {name: value for name, value in found.items() if name not in {"content", "encoding"}}
    return context.client.read({**told, "file": file}, FoundFile)
