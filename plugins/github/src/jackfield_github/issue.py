"""Create an Issue.

Source: https://docs.github.com/en/rest/issues/issues#create-an-issue.
"""

from typing import Annotated

from attrs import frozen

from jackfield import Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import Assignees, Body, Labels, Milestone, Repository
from jackfield_github.outputs import Issue

__all__ = ["NewIssue", "create_issue"]


@frozen(kw_only=True)
class NewIssue:
    """Create an issue in a repository.

    GitHub drops labels, assignees and a milestone, without a word, if the token has no push access.
    """

    repository: Repository
    title: Annotated[str, Text(label="Title", min_length=1, max_length=256)]
    body: Body = None
    labels: Labels = None
    assignees: Assignees = None
    milestone: Milestone = None


create_issue = rest.module(
    "POST /repos/{+repository}/issues",
    form=NewIssue,
    output=Issue,
    label="Create an Issue",
    connection=account,
    expected=[201],
)
