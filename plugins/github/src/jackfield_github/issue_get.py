"""Get an Issue.

Source: https://docs.github.com/en/rest/issues/issues#get-an-issue.
"""

from attrs import frozen

from jackfield import rest
from jackfield_github.connection import account
from jackfield_github.fields import Number, Repository
from jackfield_github.outputs import Issue

__all__ = ["WhichIssue", "get_issue"]


@frozen(kw_only=True)
class WhichIssue:
    """Get an issue or a pull request by its number."""

    repository: Repository
    number: Number


get_issue = rest.module(
    "GET /repos/{+repository}/issues/{number}",
    form=WhichIssue,
    output=Issue,
    label="Get an Issue",
    connection=account,
)
