"""The stand-in itself: one user, one repository with issues, files and releases, kept in memory.

Tokens say what goes wrong: ``ghp_wrong`` is none, ``ghp_reader`` may only read, ``ghp_spent`` has
no requests left, ``ghp_hasty`` came too fast. Every other one is right.

Source: https://docs.github.com/en/rest, its pages on issues, search, repository contents, releases,
rate limits and troubleshooting.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from jackfield_github.sandbox.answers import Answer, Asked, Refusal
from jackfield_github.sandbox.logins import Logins
from jackfield_github.sandbox.repository import USER, Repository

__all__ = ["Service"]

_VERSIONS = frozenset({"", "2022-11-28", "2026-03-10"})
_NEEDED = {"contents": "contents=write", "releases": "contents=write", "issues": "issues=write"}


class Service:
    """Answers one request after the other.

    Attributes:
        repository: The one that there is: ``octocat/hello-world``.
        logins: Those on another device.
    """

    def __init__(self) -> None:
        self.repository = Repository("octocat/hello-world")
        self.logins = Logins()

    def answer(self, asked: Asked) -> Answer:
        """Do what is asked, or refuse it."""
        try:
            if asked.path.startswith("/login/"):
                return self.logins.answer(asked)
            self._admit(asked)
            return self._route(asked)
        except Refusal as refusal:
            return refusal.answer

    def _admit(self, asked: Asked) -> None:
        version = asked.headers.get("X-GitHub-Api-Version", "")
        if not asked.headers.get("User-Agent"):
            raise Refusal(
                403,
                "Request forbidden by administrative rules. It has no User-Agent header.",
            )
        if version not in _VERSIONS:
            raise Refusal(400, f'The "{version}" API version is not supported.')
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "token"} or token in {"", "ghp_wrong"}:
            raise Refusal(401, "Bad credentials")
        if token == "ghp_spent":  # noqa: S105  a name for what goes wrong
            headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0"}
            headers["x-ratelimit-reset"] = str(int(time.time()) + 1800)
            raise Refusal(403, "API rate limit exceeded for user ID 1.", headers=headers)
        if token == "ghp_hasty":  # noqa: S105  likewise
            message = "You have exceeded a secondary rate limit. Please wait a few minutes."
            raise Refusal(403, message, headers={"x-ratelimit-remaining": "4000"})
        if token == "ghp_reader" and asked.method != "GET":  # noqa: S105  likewise
            part = next((part for part in _NEEDED if f"/{part}" in asked.path), "issues")
            headers = {"x-accepted-github-permissions": _NEEDED[part]}
            raise Refusal(403, "Resource not accessible by personal access token", headers=headers)

    def _route(self, asked: Asked) -> Answer:
        if (asked.method, asked.path) == ("GET", "/user"):
            return Answer(USER)
        if (asked.method, asked.path) == ("GET", "/search/issues"):
            return self.repository.search(asked)
        upload = re.fullmatch(
            rf"/api/uploads/repos/{self.repository.name}/releases/(\d+)/assets", asked.path
        )
        if upload and asked.method == "POST":
            return self.repository.upload(int(upload[1]), asked)
        inside = asked.path.lower().startswith(f"/repos/{self.repository.name}/")
        rest = asked.path[len(f"/repos/{self.repository.name}") :] if inside else ""
        for method, pattern, run in _ROUTES:
            found = re.fullmatch(pattern, rest)
            if found and method == asked.method:
                return run(self.repository, asked, found.groupdict())
        raise Refusal(404, "Not Found")


Run = Callable[[Repository, Asked, Mapping[str, Any]], Answer]
_ROUTES: tuple[tuple[str, str, Run], ...] = (
    ("GET", "/issues", lambda repository, asked, _: repository.list_issues(asked)),
    ("POST", "/issues", lambda repository, asked, _: repository.create_issue(asked)),
    (
        "GET",
        r"/issues/(?P<n>\d+)",
        lambda repository, _, at: Answer(repository.issue(int(at["n"]))),
    ),
    (
        "PATCH",
        r"/issues/(?P<n>\d+)",
        lambda repository, asked, at: repository.update(int(at["n"]), asked),
    ),
    (
        "GET",
        r"/issues/(?P<n>\d+)/comments",
        lambda repository, asked, at: repository.list_comments(int(at["n"]), asked),
    ),
    (
        "POST",
        r"/issues/(?P<n>\d+)/comments",
        lambda repository, asked, at: repository.comment(int(at["n"]), asked),
    ),
    (
        "GET",
        "/contents/(?P<path>.+)",
        lambda repository, asked, at: repository.content(at["path"], asked),
    ),
    (
        "PUT",
        "/contents/(?P<path>.+)",
        lambda repository, asked, at: repository.put(at["path"], asked),
    ),
    ("GET", "/git/blobs/(?P<sha>[0-9a-f]+)", lambda repository, _, at: repository.blob(at["sha"])),
    ("GET", "/releases", lambda repository, asked, _: repository.list_releases(asked)),
    ("POST", "/releases", lambda repository, asked, _: repository.release(asked)),
    ("GET", "/releases/tags/(?P<tag>.+)", lambda repository, _, at: repository.tagged(at["tag"])),
)
