"""What the forms do not say, and what GitHub answers: for ``jackfield connector check github``."""

from base64 import b64encode
from collections.abc import Mapping

from jackfield.testing import Answered, Case, Reply

__all__ = ["CASES"]

_DAY = "2026-11-25T10:00:00Z"
_HTML = "https://github.com/octocat/hello-world"
_USER = {"login": "octocat", "id": 1, "html_url": "https://github.com/octocat"}
_ISSUE = {
    "id": 1001,
    "number": 7,
    "title": "It crashes",
    "state": "open",
    "html_url": f"{_HTML}/issues/7",
    "created_at": _DAY,
    "updated_at": _DAY,
    "closed_at": None,
    "body": None,
    "user": _USER,
    "labels": [{"id": 3, "name": "bug", "color": "d73a4a"}],
    "assignees": [],
    "comments": 0,
}
_PULL = {**_ISSUE, "id": 1002, "number": 8, "pull_request": {"html_url": f"{_HTML}/pull/8"}}
_COMMENT = {
    "id": 2001,
    "html_url": f"{_HTML}/issues/7#issuecomment-2001",
    "created_at": _DAY,
    "updated_at": _DAY,
    "body": "Same here",
    "user": _USER,
}
_RELEASE = {
    "id": 3001,
    "tag_name": "v1.0.0",
    "html_url": f"{_HTML}/releases/tag/v1.0.0",
    "upload_url": "https://uploads.github.com/repos/octocat/hello-world/releases/3001/assets{?name,label}",
    "draft": False,
    "prerelease": False,
    "created_at": _DAY,
    "published_at": _DAY,
    "name": None,
    "author": _USER,
    "assets": [],
}
_SHA = "95d09f2b10159347eece71399a7e2e907ea3df4f"
_FILE = {"type": "file", "name": "hello.txt", "path": "hello.txt", "sha": _SHA, "size": 11}
_CONTENT = {**_FILE, "encoding": "base64", "content": b64encode(b"hello world").decode()}
_ASSET = {
    "id": 4001,
    "name": "hello.txt",
    "state": "uploaded",
    "size": 11,
    "browser_download_url": f"{_HTML}/releases/download/v1.0.0/hello.txt",
}
_UPLOADED = {"name": "hello.txt", "data": b64encode(b"hello world").decode()}
_WHERE = {"repository": "octocat/hello-world"}
_WHICH = {**_WHERE, "number": 7}
_PAGED = {"per_page": "pages of 100 spare two of three requests, for GitHub's own have 30"}
_LOCAL = {"pull_requests": "GitHub lists both kinds; they are told apart here"}
_COUNTED = {
    **_LOCAL,
    "limit": "counts what is left of the pages, which may be less than is in them",
}
_BY_DATE = {
    **_PAGED,
    "state": "a closed issue was changed, too",
    "sort": "by the date of the change, so that reading can end early",
    "direction": "likewise",
}


def _answers(given: Mapping[str, object], body: object, status: int = 200) -> list[Answered]:
    return [Answered(input=given, replies=[Reply(json=body, status=status)])]


CASES = {
    "github.add_comment": Case(answered=_answers({**_WHICH, "body": "Same here"}, _COMMENT, 201)),
    "github.create_issue": Case(answered=_answers({**_WHERE, "title": "It crashes"}, _ISSUE, 201)),
    "github.create_release": Case(
        answered=_answers({**_WHERE, "tag_name": "v1.0.0"}, _RELEASE, 201)
    ),
    "github.get_file": Case(answered=_answers({**_WHERE, "path": "hello.txt"}, _CONTENT)),
    "github.get_issue": Case(answered=_answers(_WHICH, _ISSUE)),
    "github.get_release": Case(answered=_answers({**_WHERE, "tag": "v1.0.0"}, _RELEASE)),
    "github.list_comments": Case(always=_PAGED, answered=_answers(_WHICH, [_COMMENT])),
    "github.list_issues": Case(
        always=_PAGED, inert=_COUNTED, answered=_answers(_WHERE, [_PULL, _ISSUE])
    ),
    "github.list_releases": Case(always=_PAGED, answered=_answers(_WHERE, [_RELEASE])),
    "github.make_api_call": Case(answered=_answers({"path": "/user"}, _USER)),
    "github.put_file": Case(
        answered=_answers(
            {**_WHERE, "path": "hello.txt", "content": "hello world", "message": "Say hello"},
            {"content": _FILE, "commit": {"sha": _SHA}},
            201,
        )
    ),
    "github.search_issues": Case(
        always=_PAGED,
        sent_as={"query": ("q",)},
        answered=_answers(
            {"query": "crash"},
            {"total_count": 1, "incomplete_results": False, "items": [_ISSUE]},
        ),
    ),
    "github.update_issue": Case(answered=_answers({**_WHICH, "state": "closed"}, _ISSUE)),
    "github.upload_release_file": Case(
        always={"name": "a file has one: its own, where no other is given"},
        answered=_answers({**_WHERE, "release_id": 3001, "file": _UPLOADED}, _ASSET, 201),
    ),
    "github.watch_issues": Case(
        always=_BY_DATE, inert=_LOCAL, answered=_answers(_WHERE, [_PULL, _ISSUE])
    ),
    "github.watch_releases": Case(always=_PAGED, answered=_answers(_WHERE, [_RELEASE])),
}
"""By module id; named in the entry points ``jackfield.cases``."""
