"""List Issues.

Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Context, Effect, Select, Text, module, paging
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Labels, Limit, PullRequests, Repository, Since
from jackfield_github.outputs import Issue, chosen

__all__ = ["IssueList", "list_issues"]


@frozen(kw_only=True)
class IssueList:
    """Which issues."""

    repository: Repository
    state: Annotated[Literal["open", "closed", "all"] | None, Select(label="State")] = None
    labels: Labels = None
    assignee: Annotated[str | None, Text(label="Assignee", help="A login, none, or *.")] = None
    since: Since = None
    pull_requests: PullRequests = "leave_out"
    sort: Annotated[Literal["created", "updated", "comments"] | None, Select(label="Sort By")] = (
        None
    )
    direction: Annotated[Literal["asc", "desc"] | None, Select(label="Direction")] = None
    limit: Limit = None


@module(label="List Issues", connection=account, effect=Effect.READ)
def list_issues(form: IssueList, context: Context) -> Iterator[Issue]:
    """List the issues of a repository, the newest first if nothing else is said."""
    query = {
        name: getattr(form, name) for name in ("state", "assignee", "since", "sort", "direction")
    }
    query["labels"] = ",".join(form.labels or ()) or None
    path = f"/repos/{form.repository}/issues"
    found = paging.items(context.client, path, paging=BY_LINK, params=query, into=Issue)
    return islice(chosen(found, form.pull_requests), form.limit)
