"""Update an Issue.

Source: https://docs.github.com/en/rest/issues/issues#update-an-issue.
"""

from typing import Annotated, Literal

from attrs import frozen

from jackfield import Effect, Select, Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import Assignees, Body, Labels, Milestone, Number, Repository
from jackfield_github.outputs import Issue

__all__ = ["IssueUpdate", "update_issue"]


@frozen(kw_only=True)
class IssueUpdate:
    """Change an issue or a pull request, close it or open it again.

    What is left empty stays as it is; a list takes the place of the one that there is.
    """

    repository: Repository
    number: Number
    title: Annotated[str | None, Text(label="Title", min_length=1, max_length=256)] = None
    body: Body = None
    state: Annotated[Literal["open", "closed"] | None, Select(label="State")] = None
    state_reason: Annotated[
        Literal["completed", "not_planned", "duplicate", "reopened"] | None,
        Select(label="Reason", help="Why the state changes."),
    ] = None
    labels: Labels = None
    assignees: Assignees = None
    milestone: Milestone = None


update_issue = rest.module(
    "PATCH /repos/{+repository}/issues/{number}",
    form=IssueUpdate,
    output=Issue,
    label="Update an Issue",
    connection=account,
    effect=Effect.IDEMPOTENT,  # it says how the issue is to be, whatever it was
)
