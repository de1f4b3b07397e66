"""Fields that several forms have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from jackfield import Array, DateTime, Integer, Select, Text
from jackfield.paging import LinkHeader

__all__ = [
    "BY_LINK",
    "Assignees",
    "Body",
    "Labels",
    "Limit",
    "Milestone",
    "Number",
    "Path",
    "PullRequests",
    "Ref",
    "Repository",
    "Since",
    "SoughtLabels",
]

BY_LINK = LinkHeader(size=100, size_param="per_page")
"""Source: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api."""

_STEP = r"(?!\.{1,2}(/|$))[^/\\\x00-\x1f]+"
Repository = Annotated[
    str,
    Text(
        label="Repository",
        help="Its owner and its name.",
        max_length=140,
        pattern=r"(?!\.+/)[\w.-]+/(?!\.+$)[\w.-]+",
        pattern_help="its owner and its name, without an address in front: octocat/hello-world",
        example="octocat/hello-world",
    ),
]
Number = Annotated[
    int, Integer(label="Number", help="Of the issue or pull request.", minimum=1, example=7)
]
Body = Annotated[
    str | None, Text(label="Text", help="In GitHub's Markdown.", multiline=True, key="body")
]
SoughtLabels = Annotated[
    Sequence[Annotated[str, Text(pattern="[^,]+", pattern_help="a label without a comma")]] | None,
    Array(label="Labels", help="By name; GitHub wants all of them.", unique=True),
]
Labels = Annotated[Sequence[str] | None, Array(label="Labels", help="By name.", unique=True)]
Assignees = Annotated[
    Sequence[str] | None, Array(label="Assignees", help="By login.", max_items=10, unique=True)
]
Milestone = Annotated[
    int | None, Integer(label="Milestone", help="By number.", minimum=1, advanced=True)
]
Since = Annotated[
    datetime | None, DateTime(label="Changed Since", help="Only what was changed then or later.")
]
Limit = Annotated[int | None, Integer(label="Limit", help="At most this many.", minimum=1)]
PullRequests = Annotated[
    Literal["leave_out", "include", "only"],
    Select(label="Pull Requests", help="GitHub lists them among the issues."),
]
Path = Annotated[
    str,
    Text(
        label="Path",
        help="From the root of the repository.",
        pattern=f"{_STEP}(/{_STEP})*",
        pattern_help="a path without a slash at its ends, without .. or . in it: docs/index.md",
        example="docs/index.md",
    ),
]
Ref = Annotated[
    str | None,
    Text(
        label="Branch, Tag or Commit",
        help="Left empty: the default branch.",
        min_length=1,
        key="ref",
    ),
]
