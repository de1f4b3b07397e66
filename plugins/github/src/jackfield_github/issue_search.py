"""Search Issues.

Source: https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests and
"Timeouts and incomplete results" there: up to 1000 results, 30 searches a minute.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Answer, Context, Effect, Integer, Select, Text, module, paging
from jackfield_github.connection import account
from jackfield_github.fields import BY_LINK
from jackfield_github.outputs import Issue

__all__ = ["IssueSearch", "search_issues"]

_MOST = 1000


@frozen(kw_only=True)
class IssueSearch:
    """What to look for."""

    query: Annotated[
        str,
        Text(
            label="Query",
            help="In GitHub's search syntax, at most 256 characters without its operators.",
            min_length=1,
            example="repo:octocat/hello-world is:issue is:open crash",
        ),
    ]
    sort: Annotated[
        Literal["created", "updated", "comments", "reactions", "interactions"] | None,
        Select(label="Sort By", help="Left empty: the best match first."),
    ] = None
    order: Annotated[Literal["asc", "desc"] | None, Select(label="Order")] = None
    limit: Annotated[
        int | None, Integer(label="Limit", help="At most this many.", minimum=1, maximum=_MOST)
    ] = None


@module(label="Search Issues", connection=account, effect=Effect.READ)
def search_issues(form: IssueSearch, context: Context) -> Iterator[Issue]:
    """Search issues and pull requests of all of GitHub, which gives no more than the first 1000."""
    query = {"q": form.query, "sort": form.sort, "order": form.order}
    warned: set[str] = set()

    def look(_answer: Answer, body: object) -> None:
        said = body if isinstance(body, Mapping) else {}
        found, most = said.get("total_count"), form.limit or _MOST
        cut = isinstance(found, int) and found > _MOST == most
        told = {f"GitHub gives the first {_MOST} of {found}: narrow the search."} if cut else set()
        told |= (
            {"GitHub's search ran out of time: some are missing."}
            if said.get("incomplete_results")
            else set()
        )
        for warning in sorted(told - warned):
            context.warn(warning)
        warned.update(told)

    return paging.items(
        context.client,
        "/search/issues",
        paging=BY_LINK,
        at="items",
        params=query,
        into=Issue,
        limit=form.limit or _MOST,
        check=look,
    )
