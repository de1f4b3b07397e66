"""A tracker of issues whose modules are data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from attrs import field, frozen
from paged_service import account

from jackfield import (
    AnyModule,
    Array,
    Effect,
    Integer,
    Rest,
    Text,
    paging,
    rest,
)


@frozen(kw_only=True)
class Issue:
    """An issue."""

    number: int
    title: str
    rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)


@frozen(kw_only=True)
class WhichIssue:
    """One issue of a repository."""

    owner: Annotated[str, Text(label="Owner")]
    repo: Annotated[str, Text(label="Repository")]
    number: Annotated[int, Integer(label="Number", minimum=1)]


get_issue = rest.module(
    "GET /repos/{owner}/{repo}/issues/{number}",
    form=WhichIssue,
    output=Issue,
    label="Get an Issue",
    connection=account,
)


@frozen(kw_only=True)
class ListIssues:
    """The issues of a repository."""

    owner: Annotated[str, Text(label="Owner")]
    state: Literal["open", "closed"] | None = None
    labels: Annotated[list[str] | None, Array(label="Labels")] = None
    since: datetime | None = None
    limit: Annotated[int | None, Integer(label="Limit", minimum=1)] = None


list_issues = rest.module(
    "GET /repos/{owner}/issues",
    form=ListIssues,
    output=Issue,
    label="List Issues",
    description="List the issues of a repository, newest first.",
    connection=account,
    query={"labels": "{labels:,}"},
    items="$",
    paging=paging.PageNumber(size=2, size_param="per_page"),
    limit="limit",
)


@frozen(kw_only=True)
class Author:
    """Who wrote it."""

    name: str
    mail: str | None = None


@frozen(kw_only=True)
class NewIssue:
    """A new issue."""

    owner: str
    title: str
    text: Annotated[str | None, Text(key="body")] = None
    authors: list[Author] | None = None
    due: datetime | None = None
    etag: str | None = None
    notify: bool | None = None


create_issue = rest.module(
    "POST /repos/{owner}/issues",
    form=NewIssue,
    output=Issue,
    label="Create an Issue",
    connection=account,
    query=["notify"],
    headers={"If-Match": '"{etag}"'},
    at="data.issue",
    expected=[201],
    idempotency_header="Idempotency-Key",
)


@frozen(kw_only=True)
class Search:
    """What to search for."""

    text: str
    language: str | None = None
    words: list[str] | None = None
    most: Annotated[int | None, Integer(label="Most")] = None


search = rest.module(
    "POST /search",
    form=Search,
    output=Issue,
    label="Search",
    connection=account,
    effect=Effect.READ,
    body={
        "query": {"must": ["text:{text}", "lang:{language}"], "exact": "{words}"},
        "options": {"joined": "{words:;}"},
        "fixed": True,
    },
    items="hits",
    paging=paging.Cursor(param="page.after", at="next", into="body", size=10, size_param="page.size"),
    limit="most",
)

ISSUE = {"number": 7, "title": "It rains", "url": "x"}
MODULES: Mapping[str, AnyModule] = {
    "tracker.get_issue": get_issue,
    "tracker.list_issues": list_issues,
    "tracker.create_issue": create_issue,
    "tracker.search": search,
}


@frozen(kw_only=True)
class Items:
    """Items to put."""

    items: list[int]
