"""Add a Comment.

Source: https://docs.github.com/en/rest/issues/comments#create-an-issue-comment.
"""

from typing import Annotated

from attrs import frozen

from jackfield import Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import Number, Repository
from jackfield_github.outputs import Comment

__all__ = ["NewComment", "add_comment"]


@frozen(kw_only=True)
class NewComment:
    """Add a comment to an issue or a pull request."""

    repository: Repository
    number: Number
    body: Annotated[
        str,
        Text(label="Text", help="In Markdown.", min_length=1, max_length=65_536, multiline=True),
    ]


add_comment = rest.module(
    "POST /repos/{+repository}/issues/{number}/comments",
    form=NewComment,
    output=Comment,
    label="Add a Comment",
    connection=account,
    expected=[201],
)
