"""What the modules do, at a stand-in that refuses what GitHub refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jackfield import (
    BusyError,
    CredentialsError,
    File,
    Host,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    RemoteError,
    Secret,
)
from jackfield_github.connection import Account, account
from jackfield_github.sandbox import Sandbox

Connect = Callable[..., dict[str, object]]
WHERE = {"repository": "octocat/hello-world"}


@pytest.fixture
def run(host: Host, connect: Connect) -> Callable[..., Any]:
    """Run a module in the repository of the stand-in."""

    def make(name: str, /, **values: object) -> Any:
        return host.run(f"github.{name}", {**WHERE, **values}, connection=connect())

    return make


def test_an_issue_is_created_changed_and_read(run: Callable[..., Any]) -> None:
    """What was not given stays as it is."""
    made = run("create_issue", title="It crashes", labels=["bug"], assignees=["octocat"]).output
    run("update_issue", number=made.number, state="closed", state_reason="completed")
    issue = run("get_issue", number=made.number).output

    assert (issue.title, issue.state, [label.name for label in issue.labels]) == ("It crashes", "closed", ["bug"])
    assert issue.closed_at is not None
    assert issue.assignees[0].login == "octocat"
    assert issue.rest["state_reason"] == "completed"


def test_comments_are_added_and_listed(run: Callable[..., Any]) -> None:
    """The oldest first."""
    run("create_issue", title="It crashes")
    for text in ("Same here", "Mended"):
        run("add_comment", number=1, body=text)

    assert [comment.body for comment in run("list_comments", number=1).outputs] == ["Same here", "Mended"]


def test_pull_requests_are_told_from_issues(run: Callable[..., Any], github: Sandbox) -> None:
    """GitHub lists both; a limit counts those that are wanted, over as many pages as it takes."""
    for number in range(120):
        kind: dict[str, object] = {"pull_request": {}} if number % 2 else {}
        github.service.repository.add_issue(f"Number {number}", labels=["bug"] if number == 2 else [], **kind)

    assert [issue.number for issue in run("list_issues", limit=2).outputs] == [119, 117]
    assert len(run("list_issues", pull_requests="only").outputs) == 60
    assert len(run("list_issues", pull_requests="include").outputs) == 120
    assert [issue.number for issue in run("list_issues", labels=["bug"], limit=5).outputs] == [3]


def test_a_search_tells_that_there_is_more_than_github_gives(host: Host, connect: Connect, github: Sandbox) -> None:
    """The first thousand come, and a warning."""
    for number in range(1010):
        github.service.repository.add_issue(f"crash {number}")

    whole = host.run("github.search_issues", {"query": "crash is:issue"}, connection=connect())
    some = host.run("github.search_issues", {"query": "crash", "limit": 3}, connection=connect())

    assert (len(whole.outputs), len(some.outputs), some.warnings) == (1000, 3, ())
    assert "gives 1000 of 1010" in whole.warnings[0]


@pytest.mark.parametrize("size", [11, 1_200_000], ids=["in the answer", "too large for the answer"])
def test_a_file_goes_in_and_comes_out(run: Callable[..., Any], size: int) -> None:
    """Its name in the path may have blanks and other letters."""
    content = bytes(range(256)) * (size // 256 + 1)
    file = File.from_bytes(content, name="x.bin")

    put = run("put_file", path="docs/ä b.bin", content=file, message="Add it").output
    got = run("get_file", path="docs/ä b.bin", ref="main").output

    assert (got.file.read(), got.file.name, got.size) == (content, "ä b.bin", len(content))
    assert got.sha == put.content["sha"]
    assert "content" not in got.rest


def test_a_file_is_replaced_by_who_knows_it(run: Callable[..., Any]) -> None:
    """GitHub wants the sha; what is wrong with it is said of that field."""
    put = run("put_file", path="a.txt", content="one", message="One").output
    for sha in (None, "0" * 40):
        with pytest.raises(RefusedError) as refused:
            run("put_file", path="a.txt", content="two", message="Two", **({"sha": sha} if sha else {}))
        assert refused.value.parameter == "sha"
        assert "github.get_file" in refused.value.hint
    run("put_file", path="a.txt", content="two", message="Two", sha=put.content["sha"])

    assert run("get_file", path="a.txt").output.file.read() == b"two"


def test_a_folder_is_no_file(run: Callable[..., Any]) -> None:
    """The message names the field."""
    run("put_file", path="docs/a.txt", content="one", message="One")

    with pytest.raises(InvalidInputError, match=r"\$\.path: must name a file, names a folder"):
        run("get_file", path="docs")


def test_releases_are_created_and_found(run: Callable[..., Any]) -> None:
    """A tag may have a slash; one that is there already is named."""
    for tag in ("v1.0.0", "next/v2"):
        run("create_release", tag_name=tag, prerelease=tag != "v1.0.0")
    with pytest.raises(RefusedError, match="tag_name: already_exists") as refused:
        run("create_release", tag_name="v1.0.0")

    assert [release.tag_name for release in run("list_releases").outputs] == ["next/v2", "v1.0.0"]
    assert run("get_release", tag="next/v2").output.prerelease
    assert (refused.value.parameter, refused.value.code) == ("tag_name", "already_exists")


def test_issues_are_watched(host: Host, connect: Connect, github: Sandbox) -> None:
    """What is new and what was changed is given once, the oldest change first."""
    repository = github.service.repository
    repository.add_issue("Old")

    def poll(state: Any) -> Any:
        return host.poll("github.watch_issues", WHERE, state=state, connection=connect())

    begun = poll(None)
    repository.add_issue("A pull request", pull_request={})
    repository.add_issue("New")
    host.run("github.add_comment", {**WHERE, "number": 1, "body": "Still"}, connection=connect())
    later = poll(begun.state)

    assert begun.items == ()
    assert [item.output.title for item in later.items] == ["New", "Old"]
    assert poll(later.state).items == ()


def test_a_draft_is_no_release_until_it_is_published(host: Host, connect: Connect, github: Sandbox) -> None:
    """And then it is new, wherever it stands in the list."""

    def poll(state: Any) -> Any:
        return host.poll("github.watch_releases", WHERE, state=state, connection=connect())

    for tag, draft in (("v1", False), ("v2", True), ("v3", False)):
        values = {**WHERE, "tag_name": tag, "draft": draft}
        host.run("github.create_release", values, connection=connect())
    begun = poll(None)
    github.service.repository.releases[1] |= {"draft": False, "published_at": github.service.repository.tick()}

    assert [item.output.tag_name for item in poll(begun.state).items] == ["v2"]


def test_any_call_can_be_made(host: Host, connect: Connect) -> None:
    """With the connection's token."""
    called = host.run("github.make_api_call", {"path": "/user"}, connection=connect()).output

    assert (called.status, called.body["login"]) == (200, "octocat")


FAILURES = {
    "ghp_wrong": (CredentialsError, "Bad credentials", ""),
    "ghp_reader": (PermissionDeniedError, "Resource not accessible", "issues=write"),
    "ghp_spent": (BusyError, "API rate limit exceeded", ""),
    "ghp_hasty": (BusyError, "secondary rate limit", ""),
}


@pytest.mark.parametrize("token", FAILURES)
def test_a_refusal_tells_its_remedy(host: Host, connect: Connect, token: str) -> None:
    """Limits say how long to wait, and a missing permission is named."""
    kind, words, hint = FAILURES[token]

    with pytest.raises(RemoteError, match=words) as failed:
        host.run("github.create_issue", {**WHERE, "title": "x"}, connection=connect(token))

    assert type(failed.value) is kind
    assert hint in failed.value.hint
    waits = failed.value.retry_after_s
    assert (waits is not None and waits > 50) == (kind is BusyError)


def test_what_is_wrong_with_an_issue_is_said_of_its_field(run: Callable[..., Any]) -> None:
    """And what is hidden is not called missing."""
    with pytest.raises(RefusedError, match="assignees: invalid") as refused:
        run("create_issue", title="x", assignees=["nobody"])
    with pytest.raises(NotFoundError) as hidden:
        run("get_issue", number=99)

    assert (refused.value.status, refused.value.parameter) == (422, "assignees")
    assert "hides what a token may not see" in hidden.value.hint


def test_a_check_names_the_account(host: Host, connect: Connect) -> None:
    """The one whose token it is."""
    assert host.check_connection("github.account", connect()).label == "octocat"


def test_a_version_that_a_server_does_not_know_is_refused(host: Host, connect: Connect) -> None:
    """The header is sent as it was given."""
    with pytest.raises(RefusedError, match='"1999-01-01" API version is not supported'):
        host.run("github.get_issue", {**WHERE, "number": 1}, connection={**connect(), "api_version": "1999-01-01"})


@pytest.mark.parametrize("repository", ["hello-world", "octocat/..", "a/b/c", "/x"])
def test_a_repository_that_is_none_is_never_asked_for(host: Host, connect: Connect, repository: str) -> None:
    """The form says how it is written."""
    with pytest.raises(InvalidInputError, match=r"\$\.repository"):
        host.run("github.list_releases", {"repository": repository}, connection=connect())


def test_a_file_is_put_beside_a_release(run: Callable[..., Any], host: Host, connect: Connect) -> None:
    """At GitHub's own address for that, with the same token; it is read while it leaves."""
    release = run("create_release", tag_name="v1.0.0", draft=True).output
    file = File.from_bytes(b"wheel", name="hello-1.0-py3-none-any.whl")

    asset = run("upload_release_file", release_id=release.id, file=file).output
    named = run("upload_release_file", release_id=release.id, file=file, name="other.whl", label="Other one").output
    (listed,) = host.run("github.list_releases", WHERE, connection=connect()).outputs

    assert (asset.name, asset.size, asset.rest["content_type"]) == (file.name, 5, "application/octet-stream")
    assert (named.name, named.rest["label"]) == ("other.whl", "Other one")
    assert [each["name"] for each in listed.assets] == [file.name, "other.whl"]
    with pytest.raises(RefusedError, match="already_exists"):
        run("upload_release_file", release_id=release.id, file=file)


@pytest.mark.parametrize(
    ("api", "uploads", "site"),
    [
        ("https://api.github.com", "https://uploads.github.com", "https://github.com"),
        ("https://API.github.com", "https://uploads.github.com", "https://github.com"),
        ("https://api.acme.example/api/v3", "https://api.acme.example/api/uploads", "https://api.acme.example"),
        ("https://api.acme.ghe.com", "https://uploads.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example/api/uploads", "https://git.acme.example"),
        ("https://git.acme.example/api/v3/", "https://git.acme.example/api/uploads", "https://git.acme.example"),
    ],
)
def test_each_github_has_places_of_its_own(api: str, uploads: str, site: str) -> None:
    """A token goes to these, and nowhere else; so does what is sent for a login."""
    with_token = Account(base_url=api, token=Secret("t"))
    with_login = Account(base_url=api, client_id="Iv1.1")

    assert account.places_of(with_token) == (api.rstrip("/"), uploads)
    assert set(account.places_of(with_login)) == {api.rstrip("/"), uploads, site, ""}


def test_a_file_that_is_too_large_for_a_commit_is_refused(run: Callable[..., Any], tmp_path: Path) -> None:
    """Before it is read, with the bound."""
    with (tmp_path / "large.bin").open("wb") as large:
        large.truncate(50 * 1024**2 + 1)

    with pytest.raises(InvalidInputError, match=r"\$\.content: must have at most 52428800 bytes"):
        run("put_file", path="large.bin", content=File.from_path(tmp_path / "large.bin"), message="Large")
