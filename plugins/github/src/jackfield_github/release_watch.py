"""Watch Releases: those that were published.

Source: https://docs.github.com/en/rest/releases/releases#list-releases. The list is in no order
that is promised: a draft stands where it was created, so that what is published late is not at
its top.
"""

from attrs import frozen

from jackfield import Trigger, rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Repository
from jackfield_github.outputs import Release

__all__ = ["WatchedReleases", "watch_releases"]


@frozen(kw_only=True)
class WatchedReleases:
    """Give releases that were published; a draft is none until then."""

    repository: Repository


watch_releases = rest.module(
    "GET /repos/{+repository}/releases",
    form=WatchedReleases,
    output=Release,
    label="Watch Releases",
    connection=account,
    items="$",
    paging=BY_LINK,
    trigger=Trigger(key="id", date="published_at"),
)
