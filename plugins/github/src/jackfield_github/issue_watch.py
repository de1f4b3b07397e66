"""Watch Issues: those that are new or changed.

The newest come first, so that an issue that is changed while pages are read is not overlooked: it
moves to a page that was read, and is new again at the next poll, while none moves from a page
that was not read to one that was.

Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues: ``since`` is about
``updated_at``, and comments move it too.
"""

from collections.abc import Iterator

from attrs import frozen

from jackfield import Context, Effect, Order, Trigger, module, paging
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Labels, PullRequests, Repository
from jackfield_github.outputs import Issue, chosen

__all__ = ["WatchedIssues", "watch_issues"]


@frozen(kw_only=True)
class WatchedIssues:
    """Which issues."""

    repository: Repository
    labels: Labels = None
    pull_requests: PullRequests = "leave_out"


@module(
    label="Watch Issues",
    connection=account,
    effect=Effect.READ,
    trigger=Trigger(key="id", date="updated_at", updates=True, order=Order.NEWEST_FIRST),
)
def watch_issues(form: WatchedIssues, context: Context) -> Iterator[Issue]:
    """Give issues that are new, were changed, or have a new comment."""
    query = {"state": "all", "sort": "updated", "direction": "desc", "since": context.since}
    query["labels"] = ",".join(form.labels or ()) or None
    path = f"/repos/{form.repository}/issues"
    found = paging.items(context.client, path, paging=BY_LINK, params=query, into=Issue)
    return chosen(found, form.pull_requests)
