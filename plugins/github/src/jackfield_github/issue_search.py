"""Search Issues.

Source: https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests and
"Timeouts and incomplete results" there: up to 1000 results, 30 searches a minute.
"""

from typing import Annotated, Literal

from attrs import frozen

from jackfield import Integer, Select, Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK
from jackfield_github.outputs import Issue

__all__ = ["IssueSearch", "search_issues"]

EXAMPLE = "repo:octocat/hello-world is:issue is:open crash"


@frozen(kw_only=True)
class IssueSearch:
    """Search issues and pull requests of all of GitHub, which gives no more than the first 1000."""

    query: Annotated[
        str, Text(label="Query", help="In GitHub's search syntax.", min_length=1, example=EXAMPLE)
    ]
    sort: Annotated[
        Literal["created", "updated", "comments", "reactions", "interactions"] | None,
        Select(label="Sort By", help="Left empty: the best match first."),
    ] = None
    order: Annotated[Literal["asc", "desc"] | None, Select(label="Order")] = None
    limit: Annotated[int | None, Integer(label="Limit", minimum=1, maximum=1000)] = None


search_issues = rest.module(
    "GET /search/issues",
    form=IssueSearch,
    output=Issue,
    label="Search Issues",
    connection=account,
    query={"q": "{query}"},
    items="items",
    paging=BY_LINK,
    limit="limit",
    total="total_count",
    partial="incomplete_results",
)
