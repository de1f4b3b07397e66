"""What users get wrong, and what GitHub answers that is no success: each is told with its place and its remedy."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jackfield import AnswerError, BusyError, Host, HttpSettings, InvalidInputError, NotFoundError, RefusedError
from jackfield.testing import Replay

KEY = {"token": "t"}
WHERE = {"repository": "octocat/hello-world"}
FILE = {"type": "file", "name": "a", "path": "a", "sha": "abc", "size": 3, "encoding": "base64", "content": "YWJj\n"}
ISSUE = {
    "id": 1,
    "number": 1,
    "title": "t",
    "state": "open",
    "html_url": "h",
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "labels": [],
    "assignees": [],
}


@pytest.fixture
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


@pytest.fixture
def run(replay: Replay) -> Iterator[Callable[..., Any]]:
    """Run a module in a repository, and try once."""
    with Host(plugins=[replay], environ={}, settings=HttpSettings(max_attempts=1)) as host:
        yield lambda name, **form: host.run(f"github.{name}", {**WHERE, **form}, connection=KEY)


REPOSITORIES = ["https://github.com/o/r", "hello-world", "o/..", "../r", "./r", "o/r/", "o//r", "o/r\n", "o/r?x"]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_repository_that_is_none_is_told_in_words(run: Callable[..., Any], repository: str) -> None:
    """Who is new here need not read a regular expression."""
    with pytest.raises(InvalidInputError, match=r"\$\.repository: must be its owner and its name, .*octocat/hello"):
        run("get_issue", repository=repository, number=1)


@pytest.mark.parametrize("repository", ["o/r", "o/.github", "a-b/c_d.e", "o/-"])
def test_a_repository_may_have_any_name_of_githubs(run: Callable[..., Any], replay: Replay, repository: str) -> None:
    """Dots, lines and hyphens are letters of it."""
    replay.reply(ISSUE)

    run("get_issue", repository=repository, number=1)

    assert replay.requests[0].url == f"https://api.github.com/repos/{repository}/issues/1"


@pytest.mark.parametrize("repository", ["a" * 70 + "/" + "b" * 68 + "!", "a" * 40_000 + "/" + "b" * 40_000 + "!"])
def test_a_long_text_is_refused_at_once(run: Callable[..., Any], repository: str) -> None:
    """It took half a minute for 3 kB, and four times that for twice as much."""
    begun = time.process_time()

    with pytest.raises(InvalidInputError):
        run("get_issue", repository=repository, number=1)

    assert time.process_time() - begun < 5


@pytest.mark.parametrize("path", ["/README.md", "docs/", "docs/../x", "..", "a//b", "a/.", "a\\b", "a\nb"])
@pytest.mark.parametrize("name", ["get_file", "put_file"])
def test_a_path_that_is_none_is_told_in_words(run: Callable[..., Any], name: str, path: str) -> None:
    """The message names the field."""
    more = {"content": "x", "message": "m"} if name == "put_file" else {}

    with pytest.raises(InvalidInputError, match=r"\$\.path: must be a path without a slash at its ends, without \.\."):
        run(name, path=path, **more)


def test_a_path_that_a_server_could_take_for_another_is_refused(run: Callable[..., Any]) -> None:
    """Some cut a part at its semicolon."""
    with pytest.raises(InvalidInputError, match=r"\$\.path: has a dot segment"):
        run("get_file", path="a/..;x/b")


@pytest.mark.parametrize("path", ["..a/b", ".github/x", "a b/ä?#%.txt", "a/...", "a..b"])
def test_a_path_may_have_dots_and_any_letters(run: Callable[..., Any], replay: Replay, path: str) -> None:
    """They are percent-encoded."""
    replay.reply({**FILE, "path": path})

    assert run("get_file", path=path).output.file.read() == b"abc"


def test_half_a_letter_is_told_of_its_field(run: Callable[..., Any]) -> None:
    """It was called a defect of the connector."""
    with pytest.raises(InvalidInputError, match=r"\$\.path: has text that is not Unicode"):
        run("get_file", path="\ud800")
    with pytest.raises(InvalidInputError, match=r"\$\.content: has text that is not Unicode"):
        run("put_file", path="a", content="\ud800", message="m")


CUT = {
    "cut": {**FILE, "content": "YWJ"},
    "not ASCII": {**FILE, "content": "YWJjé"},
    "too short": {**FILE, "size": 99},
    "none": {**FILE, "content": None},
}


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_came_broken_is_no_file(run: Callable[..., Any], replay: Replay, name: str) -> None:
    """The error names the place in the answer."""
    replay.reply(CUT[name])

    with pytest.raises(AnswerError, match=r"\$\.content: must (be base64|have as many bytes as \$\.size says, has 3)"):
        run("get_file", path="a")


KINDS = {
    "folder": [FILE],
    "submodule": {**FILE, "type": "submodule", "content": None},
    "symlink": {**FILE, "type": "symlink", "target": "/etc/passwd"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_told_by_its_kind(run: Callable[..., Any], replay: Replay, kind: str) -> None:
    """A folder, a submodule, a link to somewhere else."""
    replay.reply(KINDS[kind])

    with pytest.raises(InvalidInputError, match=rf"\$\.path: must name a file, names a {kind}"):
        run("get_file", path="a")


def test_an_empty_sha_is_not_sent(run: Callable[..., Any], replay: Replay) -> None:
    """It stands for a new file, as the help says."""
    replay.reply({"content": FILE, "commit": {"sha": "c"}}, status=201)

    run("put_file", path="a", content="abc", message="m", sha="", branch="")

    assert replay.bodies[0] == {"message": "m", "content": b64encode(b"abc").decode()}


def test_a_label_with_a_comma_cannot_be_looked_for(run: Callable[..., Any]) -> None:
    """GitHub's filter would read two labels."""
    for name in ("list_issues", "watch_issues"):
        with pytest.raises(InvalidInputError, match=r"\$\.labels\[0\]: must be a label without a comma"):
            run(name, labels=["a,b"])


LARGE = "This API returns blobs up to 100 MB in size."
REFUSALS = {
    "too large": (403, {"message": LARGE, "errors": [{"code": "too_large"}]}, RefusedError, "clone the repository"),
    "too fast": (403, {"message": "You have exceeded a secondary rate limit."}, BusyError, "later"),
    "abuse": (403, {"message": "You have triggered an abuse detection mechanism."}, BusyError, "later"),
    "empty": (404, {"message": "This repository is empty."}, NotFoundError, "github.put_file makes the first"),
    "empty too": (409, {"message": "Git Repository is empty."}, RefusedError, "github.put_file makes the first"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_has_a_remedy_that_helps(run: Callable[..., Any], replay: Replay, name: str) -> None:
    """No other credentials are asked for where they would not help."""
    status, body, kind, hint = REFUSALS[name]
    replay.reply(body, status=status)

    with pytest.raises(kind) as refused:
        run("get_file", path="a")

    assert type(refused.value) is kind
    assert hint in refused.value.hint
    assert "credentials" not in str(refused.value)
    assert (getattr(refused.value, "retry_after_s", None) == 60) == (kind is BusyError)


def test_a_repository_that_moved_has_no_new_issue(run: Callable[..., Any], replay: Replay) -> None:
    """A redirect that is only read is no creation, and the error says that nothing was done."""
    replay.reply({"message": "Moved"}, status=301, headers={"Location": "https://api.github.com/repositories/1/issues"})
    replay.reply([ISSUE])

    with pytest.raises(AnswerError, match="answered 200, where 201 was expected") as failed:
        run("create_issue", title="x")

    assert "has moved" in failed.value.hint
    assert "nothing was done" in failed.value.hint
