"""A repository of the stand-in: its issues, files and releases."""

import binascii
import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from jackfield_github.sandbox.answers import Answer, Asked, Refusal, paged, wrong_value

__all__ = ["USER", "Repository"]

USER: dict[str, object] = {
    "login": "octocat",
    "id": 1,
    "html_url": "https://github.com/octocat",
    "type": "User",
}
_IN_ANSWER = 1_000_000
"""Bytes of a file up to which its content is in the answer."""
_MOST_FOUND = 1000
_LONGEST_TITLE = 256
_STATES = ("open", "closed")
_UPDATABLE = ("title", "body", "state", "state_reason", "labels", "assignees", "milestone")


class Repository:
    """What is kept of one; ``name`` is that of its owner and its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.html = f"https://github.com/{name}"
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.releases: list[dict[str, Any]] = []
        self._moment = datetime(2026, 11, 25, 10, tzinfo=UTC)

    def tick(self) -> str:
        """Give a moment, each a second after the last, so that what comes later is later."""
        self._moment += timedelta(seconds=1)
        return self._moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def add_issue(self, title: str, **others: Any) -> dict[str, Any]:
        """Open an issue; with ``pull_request``, that."""
        number, now = len(self.issues) + 1, self.tick()
        made = {
            "id": 1000 + number,
            "number": number,
            "title": title,
            "state": "open",
            "html_url": f"{self.html}/issues/{number}",
            "created_at": now,
            "updated_at": now,
            "closed_at": None,
            "body": None,
            "user": USER,
            "labels": [],
            "assignees": [],
            "comments": 0,
            **_spelled(others),
        }
        self.issues.append(made)
        return made

    def create_issue(self, asked: Asked) -> Answer:
        """POST /issues."""
        body = _checked(asked.body(), required=True)
        return Answer(
            self.add_issue(**{name: body[name] for name in _UPDATABLE if name in body}), 201
        )

    def issue(self, number: int) -> dict[str, Any]:
        """Find an issue."""
        for issue in self.issues:
            if issue["number"] == number:
                return issue
        raise Refusal(404, "Not Found")

    def update(self, number: int, asked: Asked) -> Answer:
        """PATCH /issues/{number}."""
        issue, body = self.issue(number), _checked(asked.body(), required=False)
        now = self.tick()
        issue |= _spelled({name: body[name] for name in _UPDATABLE if name in body})
        issue |= {"updated_at": now, "closed_at": now if issue["state"] == "closed" else None}
        return Answer(issue)

    def list_issues(self, asked: Asked) -> Answer:
        """GET /issues."""
        query = asked.query
        state, labels = (
            query.get("state", "open"),
            {*filter(None, query.get("labels", "").split(","))},
        )
        found = [
            issue
            for issue in self.issues
            if state in {"all", issue["state"]}
            and labels <= {label["name"] for label in issue["labels"]}
            and _moment(issue["updated_at"]) >= _moment(query.get("since", "1970-01-01T00:00:00Z"))
            and query.get("assignee", "*") in {"*", *(user["login"] for user in issue["assignees"])}
        ]
        by = {"updated": "updated_at", "comments": "comments"}.get(
            query.get("sort", ""), "created_at"
        )
        found.sort(key=lambda issue: issue[by], reverse=query.get("direction", "desc") == "desc")
        page, headers = paged(asked, found)
        return Answer(page, headers=headers)

    def search(self, asked: Asked) -> Answer:
        """GET /search/issues: words of the title; of the qualifiers ``is``, ``repo``, ``label``."""
        words = asked.query.get("q", "").split()
        if not words:
            raise wrong_value(where="Search.q", code="missing")
        if asked.number("page", 1) * min(asked.number("per_page", 30), 100) > _MOST_FOUND:
            raise Refusal(422, "Only the first 1000 search results are available")
        found = [issue for issue in self.issues if all(self._has(issue, word) for word in words)]
        page, headers = paged(asked, found, _MOST_FOUND)
        said = {"total_count": len(found), "incomplete_results": False, "items": page}
        return Answer(said, headers=headers)

    def _has(self, issue: dict[str, Any], word: str) -> bool:
        kinds = {issue["state"], "pr" if "pull_request" in issue else "issue"}
        name, _, value = word.partition(":")
        known = {"is": value in kinds, "repo": value == self.name}
        known["label"] = value in {label["name"] for label in issue["labels"]}
        return (
            known.get(name, word.lower() in issue["title"].lower())
            if value
            else word.lower() in issue["title"].lower()
        )

    def comment(self, number: int, asked: Asked) -> Answer:
        """POST /issues/{number}/comments."""
        issue, body = self.issue(number), asked.body()
        if not body.get("body"):
            raise wrong_value(where="IssueComment.body", code="missing_field")
        now, place = self.tick(), len(self.comments) + 2001
        made = {
            "id": place,
            "issue": number,
            "html_url": f"{issue['html_url']}#issuecomment-{place}",
        }
        made |= {"created_at": now, "updated_at": now, "body": body["body"], "user": USER}
        self.comments.append(made)
        issue |= {"updated_at": now, "comments": issue["comments"] + 1}
        return Answer(made, 201)

    def list_comments(self, number: int, asked: Asked) -> Answer:
        """GET /issues/{number}/comments."""
        self.issue(number)
        page, headers = paged(
            asked, [comment for comment in self.comments if comment["issue"] == number]
        )
        return Answer(page, headers=headers)

    def content(self, path: str, asked: Asked) -> Answer:
        """GET /contents/{path}."""
        if asked.query.get("ref", "main") != "main":
            raise Refusal(404, f"No commit found for the ref {asked.query['ref']}")
        inside = [self._described(name) for name in self.files if name.startswith(f"{path}/")]
        if path not in self.files and not inside:
            raise Refusal(404, "Not Found")
        if inside:
            return Answer(inside)
        data = self.files[path]
        whole = len(data) <= _IN_ANSWER
        text = b64encode(data).decode() if whole else ""
        lines = "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))
        return Answer(
            {**self._described(path), "encoding": "base64" if whole else "none", "content": lines}
        )

    def put(self, path: str, asked: Asked) -> Answer:
        """PUT /contents/{path}."""
        body, known = asked.body(), self.files.get(path)
        for name in ("message", "content"):
            if not isinstance(body.get(name), str):
                raise Refusal(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if body.get("branch", "main") != "main":
            raise Refusal(404, f"Branch {body['branch']} not found")
        if known is not None and not body.get("sha"):
            raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
        if body.get("sha") and body["sha"] != (known is not None and _sha(known)):
            raise Refusal(409, f"{path} does not match {body['sha']}")
        try:
            self.files[path] = b64decode(body["content"], validate=True)
        except binascii.Error:
            raise Refusal(422, "content is not valid Base64") from None
        commit = {"sha": _sha(self.tick().encode()), "message": body["message"]}
        return Answer(
            {"content": self._described(path), "commit": commit}, 201 if known is None else 200
        )

    def blob(self, sha: str) -> Answer:
        """GET /git/blobs/{sha}, raw."""
        for data in self.files.values():
            if _sha(data) == sha:
                return Answer(data)
        raise Refusal(404, "Not Found")

    def _described(self, path: str) -> dict[str, object]:
        data = self.files[path]
        return {
            "type": "file",
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": _sha(data),
            "size": len(data),
            "html_url": f"{self.html}/blob/main/{path}",
        }

    def release(self, asked: Asked) -> Answer:
        """POST /releases."""
        body = asked.body()
        tag, number, now = body.get("tag_name"), len(self.releases) + 3001, self.tick()
        if not tag:
            raise wrong_value(where="Release.tag_name", code="missing_field")
        if any(tag == release["tag_name"] for release in self.releases):
            raise wrong_value(where="Release.tag_name", code="already_exists")
        made = {
            "id": number,
            "tag_name": tag,
            "html_url": f"{self.html}/releases/tag/{tag}",
            "upload_url": asked.base.replace("/api/v3", "/api/uploads")
            + f"/repos/{self.name}/releases/{number}/assets{{?name,label}}",
            "created_at": now,
            "published_at": None if body.get("draft") else now,
            "draft": bool(body.get("draft")),
            "prerelease": bool(body.get("prerelease")),
            "name": body.get("name"),
            "body": body.get("body"),
            "author": USER,
            "assets": [],
        }
        self.releases.append(made)
        return Answer(made, 201)

    def upload(self, number: int, asked: Asked) -> Answer:
        """POST /releases/{number}/assets, at the address for uploads."""
        release = next((each for each in self.releases if each["id"] == number), None)
        name = asked.query.get("name", "")
        if release is None:
            raise Refusal(404, "Not Found")
        if not name or not asked.headers.get("Content-Type"):
            raise wrong_value(where="ReleaseAsset.name", code="missing_field")
        if any(name == asset["name"] for asset in release["assets"]):
            raise wrong_value(where="ReleaseAsset.name", code="already_exists")
        made = {
            "id": len(release["assets"]) + number * 1000,
            "name": name,
            "label": asked.query.get("label", ""),
            "state": "uploaded",
            "content_type": asked.headers["Content-Type"],
            "size": len(asked.raw),
            "browser_download_url": f"{self.html}/releases/download/{release['tag_name']}/{name}",
        }
        release["assets"].append(made)
        return Answer(made, 201)

    def list_releases(self, asked: Asked) -> Answer:
        """GET /releases."""
        page, headers = paged(asked, self.releases[::-1])
        return Answer(page, headers=headers)

    def tagged(self, tag: str) -> Answer:
        """GET /releases/tags/{tag}; a draft has no tag yet."""
        for release in self.releases:
            if release["tag_name"] == tag and not release["draft"]:
                return Answer(release)
        raise Refusal(404, "Not Found")


def _checked(body: dict[str, Any], *, required: bool) -> dict[str, Any]:
    title = body.get("title")
    if required and not title:
        raise wrong_value(where="Issue.title", code="missing_field")
    if title is not None and (not isinstance(title, str) or len(title) > _LONGEST_TITLE):
        raise wrong_value(where="Issue.title", code="invalid")
    if body.get("state", "open") not in _STATES:
        raise wrong_value(where="Issue.state", code="invalid")
    if set(body.get("assignees", ())) - {USER["login"]}:
        raise wrong_value(where="Issue.assignees", code="invalid")
    return body


def _spelled(given: dict[str, Any]) -> dict[str, Any]:
    """Give labels and assignees as they are told, where they are given by name."""
    found = dict(given)
    if "labels" in given:
        found["labels"] = [{"id": 1, "name": name, "color": "ededed"} for name in given["labels"]]
    if "assignees" in given:
        found["assignees"] = [USER for _ in given["assignees"]]
    return found


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise wrong_value(where="Issue.since", code="invalid") from None


def _sha(data: bytes) -> str:
    return hashlib.sha1(
        b"blob %d\0" % len(data) + data, usedforsecurity=False
    ).hexdigest()  # git's own name for it
