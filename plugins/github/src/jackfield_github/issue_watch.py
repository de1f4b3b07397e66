"""Watch Issues: those that are new or changed.

The newest come first, so that an issue that is changed while pages are read is not overlooked: it
moves to a page that was read, and is new again at the next poll, while none moves from a page
that was not read to one that was.

Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues: ``since`` is about
``updated_at``, and comments move it too.
"""

from attrs import frozen

from jackfield import Order, Trigger, rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, PullRequests, Repository, SoughtLabels
from jackfield_github.outputs import Issue, is_chosen

__all__ = ["WatchedIssues", "watch_issues"]


@frozen(kw_only=True)
class WatchedIssues:
    """Give issues that are new, were changed, or have a new comment.

    GitHub tells moments in whole seconds: of two changes of one issue within a second, the second
    may not be told, if it was looked for in between.
    """

    repository: Repository
    labels: SoughtLabels = None
    pull_requests: PullRequests = "leave_out"


watch_issues = rest.module(
    "GET /repos/{+repository}/issues",
    form=WatchedIssues,
    output=Issue,
    label="Watch Issues",
    connection=account,
    query={"state": "all", "sort": "updated", "direction": "desc", "labels": "{labels:,}"},
    items="$",
    paging=BY_LINK,
    keep={"pull_requests": is_chosen},
    trigger=Trigger(key="id", date="updated_at", updates=True, order=Order.NEWEST_FIRST),
    since="since",
)
