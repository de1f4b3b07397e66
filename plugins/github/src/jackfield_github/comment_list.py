"""List Comments.

Source: https://docs.github.com/en/rest/issues/comments#list-issue-comments.
"""

from attrs import frozen

from jackfield import rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK, Limit, Number, Repository, Since
from jackfield_github.outputs import Comment

__all__ = ["CommentList", "list_comments"]


@frozen(kw_only=True)
class CommentList:
    """List the comments at an issue or a pull request, the oldest first."""

    repository: Repository
    number: Number
    since: Since = None
    limit: Limit = None


list_comments = rest.module(
    "GET /repos/{+repository}/issues/{number}/comments",
    form=CommentList,
    output=Comment,
    label="List Comments",
    connection=account,
    items="$",
    paging=BY_LINK,
    limit="limit",
)
