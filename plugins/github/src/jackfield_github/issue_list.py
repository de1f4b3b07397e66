"""List Issues.

Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues.
"""

from typing import Annotated, Literal

from attrs import frozen

from jackfield import Select, Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Limit, PullRequests, Repository, Since, SoughtLabels
from jackfield_github.outputs import Issue, is_chosen

__all__ = ["IssueList", "list_issues"]


@frozen(kw_only=True)
class IssueList:
    """List the issues of a repository, the newest first if nothing else is said."""

    repository: Repository
    state: Annotated[Literal["open", "closed", "all"] | None, Select(label="State")] = None
    labels: SoughtLabels = None
    assignee: Annotated[str | None, Text(label="Assignee", help="A login, none, or *.")] = None
    since: Since = None
    pull_requests: PullRequests = "leave_out"
    sort: Annotated[Literal["created", "updated", "comments"] | None, Select(label="Sort By")] = (
        None
    )
    direction: Annotated[Literal["asc", "desc"] | None, Select(label="Direction")] = None
    limit: Limit = None


list_issues = rest.module(
    "GET /repos/{+repository}/issues",
    form=IssueList,
    output=Issue,
    label="List Issues",
    connection=account,
    query={"labels": "{labels:,}"},
    items="$",
    paging=BY_LINK,
    limit="limit",
    keep={"pull_requests": is_chosen},
)
