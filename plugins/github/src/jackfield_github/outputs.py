"""What GitHub gives, as far as modules promise it; all else that it says is kept beside it.

Dates are ISO 8601, in UTC. Source: https://docs.github.com/en/rest/issues/issues and
https://docs.github.com/en/rest/releases/releases.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import field, frozen

from jackfield import Rest

__all__ = ["Comment", "Issue", "Label", "Other", "Release", "User", "is_chosen"]

Other = Annotated[Mapping[str, object], Rest()]


@frozen(kw_only=True)
class User:
    """Who did it; an app has a login too."""

    login: str
    html_url: str | None = None
    rest: Other = field(factory=dict)


@frozen(kw_only=True)
class Label:
    """A label as it stands at an issue."""

    name: str
    color: str | None = None
    rest: Other = field(factory=dict)


@frozen(kw_only=True)
class Issue:
    """An issue, or a pull request if it has ``pull_request``; ``number`` is the repository's."""

    id: int
    number: int
    title: str
    state: str
    html_url: str
    created_at: str
    updated_at: str
    closed_at: str | None = None
    body: str | None = None
    user: User | None = None
    labels: Sequence[Label] = ()
    assignees: Sequence[User] = ()
    comments: int | None = None
    pull_request: Mapping[str, object] | None = None
    rest: Other = field(factory=dict)


@frozen(kw_only=True)
class Comment:
    """A comment at an issue or a pull request."""

    id: int
    html_url: str
    created_at: str
    updated_at: str
    body: str | None = None
    user: User | None = None
    rest: Other = field(factory=dict)


@frozen(kw_only=True)
class Release:
    """A release; a draft was not published yet."""

    id: int
    tag_name: str
    html_url: str
    upload_url: str
    draft: bool
    prerelease: bool
    created_at: str
    published_at: str | None = None
    name: str | None = None
    body: str | None = None
    author: User | None = None
    assets: Sequence[Mapping[str, object]] = ()
    rest: Other = field(factory=dict)


def is_chosen(pull_requests: str, issue: Issue) -> bool:
    """Tell whether an issue of a list is wanted, as the field PullRequests says."""
    unwanted = {"leave_out": True, "only": False}.get(pull_requests)
    return (issue.pull_request is not None) is not unwanted
