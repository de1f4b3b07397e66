"""Watch Releases: those that were published.

Source: https://docs.github.com/en/rest/releases/releases#list-releases. The list is in no order
that is promised: a draft stands where it was created, so that what is published late is not at its
top.
"""

from collections.abc import Iterator

from attrs import frozen

from jackfield import Context, Effect, Trigger, module, paging
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Repository
from jackfield_github.outputs import Release

__all__ = ["WatchedReleases", "watch_releases"]


@frozen(kw_only=True)
class WatchedReleases:
    """Of which repository."""

    repository: Repository


@module(
    label="Watch Releases",
    connection=account,
    effect=Effect.READ,
    trigger=Trigger(key="id", date="published_at"),
)
def watch_releases(form: WatchedReleases, context: Context) -> Iterator[Release]:
    """Give releases that were published; a draft is none until then."""
    path = f"/repos/{form.repository}/releases"
    found = paging.items(context.client, path, paging=BY_LINK, into=Release)
    return (release for release in found if not release.draft)
