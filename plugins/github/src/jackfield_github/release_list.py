"""List Releases.

Source: https://docs.github.com/en/rest/releases/releases#list-releases.
"""

from attrs import frozen

from jackfield import rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Limit, Repository
from jackfield_github.outputs import Release

__all__ = ["ReleaseList", "list_releases"]


@frozen(kw_only=True)
class ReleaseList:
    """List the releases of a repository, the newest first; drafts too, for who may push."""

    repository: Repository
    limit: Limit = None


list_releases = rest.module(
    "GET /repos/{+repository}/releases",
    form=ReleaseList,
    output=Release,
    label="List Releases",
    connection=account,
    items="$",
    paging=BY_LINK,
    limit="limit",
)
