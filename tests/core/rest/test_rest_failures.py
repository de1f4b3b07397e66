"""Modules that are data: what of an answer is a failure, and what was done whatever it says."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from attrs import frozen
from issue_tracker import ISSUE, Issue, Items, WhichIssue, create_issue, get_issue
from paged_service import KEY, Reply, Service, account, connection_to

from jackfield import (
    AnswerError,
    BusyError,
    CredentialsError,
    Host,
    InvalidInputError,
    Json,
    Module,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RefusedError,
    RemoteError,
    Result,
    UnsafeRequestError,
    rest,
)
from jackfield.testing import ReplayServer, replies

SLACKISH = rest.Failures(
    message=["error.text", "error"],
    code=["error.id", "error"],
    parameter="error.field",
    codes={"gone": NotFoundError, "slow": BusyError, "who": CredentialsError},
    ok="ok",
)
post_message = rest.module(
    "POST /messages", form=Items, output=rest.Done, label="Post", connection=account, failures=SLACKISH
)
list_messages = rest.module(
    "GET /messages",
    form=Items,
    output=Issue,
    label="List",
    connection=account,
    failures=SLACKISH,
    items="list",
    may_lack_items=True,
)
FAILURES = {
    "a code in a good answer": (200, {"ok": False, "error": "gone"}, NotFoundError, "(200): gone", "gone"),
    "no reason": (200, {}, RefusedError, "(200): $.ok is not true", ""),
    "words and a field": (
        422,
        {"ok": False, "error": {"text": "too\nlong", "id": "E7", "field": "title"}},
        RefusedError,
        "(422): too long",
        "E7",
    ),
    "a code beats the status": (400, {"error": {"text": "later", "id": "slow"}}, BusyError, "(400): later", "slow"),
    "only a code": (403, {"error": {"id": "who"}}, CredentialsError, "(403): who", "who"),
    "another shape": (404, {"message": "no such page"}, NotFoundError, "(404): no such page", ""),
    "no JSON at all": (500, "oops", BusyError, "(500): it answered with application/json", ""),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("module", [post_message, list_messages], ids=["an action", "a search"])
def test_failures_are_read_where_the_author_says(
    host: Host, service: Service, case: str, module: Module[Items, Any, Any]
) -> None:
    """What they mean is said by their codes, else by the status; those with a good status are found too."""
    status, body, kind, words, code = FAILURES[case]
    service.reset(lambda _: Reply(body, status=status))

    with pytest.raises(RemoteError) as failed:
        host.run(module, {"items": []}, connection=connection_to(service))

    assert type(failed.value) is kind
    assert words in failed.value.message
    assert (failed.value.code, failed.value.status) == (code, status)
    assert failed.value.parameter == ("title" if case == "words and a field" else "")


LISTING = rest.Failures(
    message="message",
    details="errors",
    detail_parameter="field",
    detail_message=["message", "code"],
    statuses={409: RefusedError},
    requests_left="x-left",
    renewed_at="x-renewed",
)
post_listing = rest.module(
    "POST /messages", form=Items, output=rest.Done, label="Post", connection=account, failures=LISTING
)
TITLE, LABEL = {"field": "title", "code": "missing"}, {"field": "labels", "message": "no\nsuch", "code": "x"}
SOON = {"x-left": "0", "x-renewed": str(2**33)}
LISTED = {
    "all that is wrong, and the first place": (
        422,
        [TITLE, LABEL],
        {},
        RefusedError,
        "m: title: missing; labels: no such",
    ),
    "texts": (422, ["no base", "no head"], {}, RefusedError, "(422): m: no base; no head"),
    "a place alone": (422, [{"field": "sha"}], {}, RefusedError, "m: sha: is wrong"),
    "what is neither": (422, [7, {}, None], {}, RefusedError, "(422): m"),
    "no list": (422, {"title": "missing"}, {}, RefusedError, "(422): m"),
    "a status with a meaning of its own": (409, [], {}, RefusedError, "(409): m"),
    "no requests left": (403, [], SOON, BusyError, "(403): m"),
    "none left, and nobody says until when": (403, [], {"x-left": "0", "x-renewed": "soon"}, BusyError, "(403): m"),
    "a refusal that invites to come again": (403, [], {"Retry-After": "70"}, BusyError, "(403): m"),
    "a refusal with requests left": (403, [], {"x-left": "10", "x-renewed": "1"}, PermissionDeniedError, "(403): m"),
    "the last one that was granted": (404, [], SOON, NotFoundError, "(404): m"),
}
PLACES = {"all that is wrong, and the first place": "title", "a place alone": "sha"}


@pytest.mark.parametrize("case", LISTED)
def test_a_failure_names_all_that_is_wrong_and_says_when_to_come_again(host: Host, service: Service, case: str) -> None:
    """A limit of requests that is told as a refusal is known by its headers."""
    status, errors, headers, kind, words = LISTED[case]
    service.reset(lambda _: Reply({"message": "m", "errors": errors}, status=status, headers=headers))

    with pytest.raises(RemoteError) as failed:
        host.run(post_listing, {"items": []}, connection=connection_to(service))

    assert type(failed.value) is kind
    assert failed.value.message.endswith(words)
    assert failed.value.parameter == PLACES.get(case, "")
    waits = failed.value.retry_after_s
    assert (waits is not None) == (kind is BusyError and "nobody" not in case)
    assert waits is None or waits == 70 or waits > 1_000_000


def test_a_good_answer_is_no_failure(host: Host, service: Service) -> None:
    """With the place that says so, and without a list where that may lack."""
    service.reset(lambda _: Reply({"ok": True}))
    connection = connection_to(service)

    assert host.run(post_message, {"items": []}, connection=connection).output == rest.Done()
    assert host.run(list_messages, {"items": []}, connection=connection).outputs == ()


@frozen(kw_only=True)
class Everything:
    """All items."""


drop_items = rest.module("DELETE /items", form=Everything, output=rest.Done, label="Drop Items", connection=account)


@pytest.mark.parametrize(
    ("said", "media_type"),
    [(b"[1]", "application/json"), (b"null", "application/json"), (b"OK", "text/plain"), (b"\x00", "image/x-odd")],
    ids=["a list", "null", "a word", "bytes"],
)
def test_what_is_done_is_done_whatever_the_service_says_of_it(host: Host, said: bytes, media_type: str) -> None:
    """It cannot be undone by an error."""
    with ReplayServer(replies.Reply(content=said, headers={"Content-Type": media_type})) as server:
        connection = {"api_key": KEY, "url": server.url}
        assert host.run(drop_items, {}, connection=connection).output == rest.Done()


def test_nothing_is_done_by_a_page_of_a_web_site(host: Host) -> None:
    """The base URL is wrong then."""
    page = replies.Reply(content=b"<p>Welcome!</p>", headers={"Content-Type": "text/html"})
    with ReplayServer(page) as server, pytest.raises(AnswerError, match="an HTML page"):
        host.run(drop_items, {}, connection={"api_key": KEY, "url": server.url})


def test_a_rule_of_the_authors_own_is_told_beside_that_of_the_path(service: Service, host: Host) -> None:
    """All that is wrong is told at once."""

    def even(form: WhichIssue) -> list[Problem]:
        return [Problem(path="$.number", rule="even", message="must be even")] if form.number % 2 else []

    made = rest.module(
        "GET /{owner}/{repo}/{number}", form=WhichIssue, output=Issue, label="Get", connection=account, validate=even
    )

    with pytest.raises(InvalidInputError) as refused:
        host.run(made, {"owner": "..", "repo": "r", "number": 3}, connection=connection_to(service))

    assert [problem.path for problem in refused.value.problems] == ["$.owner", "$.number"]


def test_a_declared_module_runs_at_once_from_many_threads(service: Service, host: Host) -> None:
    """It holds no state of a run."""
    service.reset(lambda asked: Reply({**ISSUE, "number": int(asked.path.rpartition("/")[2])}))
    inputs = [{"owner": "a", "repo": "r", "number": number} for number in range(1, 41)]

    outcomes = host.map(get_issue, inputs, connection=connection_to(service), concurrency=8)

    assert [outcome.bundle["number"] for outcome in outcomes if isinstance(outcome, Result)] == [*range(1, 41)]


def test_a_value_cannot_smuggle_a_header(host: Host, service: Service) -> None:
    """The policy for headers holds for those of a declaration, too."""
    service.reset(lambda _: Reply({}))

    with pytest.raises(UnsafeRequestError, match="'If-Match' has a character that cannot stand in a header"):
        host.run(
            create_issue, {"owner": "a", "title": "t", "etag": "x\r\nX-Evil: 1"}, connection=connection_to(service)
        )

    assert service.asked == []


@frozen(kw_only=True)
class Maybe:
    """A note, perhaps."""

    note: str | None = None
    value: Annotated[Mapping[str, object] | None, Json()] = None


@pytest.mark.parametrize(
    ("body", "sent"), [(None, b"{}"), ({"n": "{note}", "v": "{value}"}, b"{}"), ("{value}", b"")], ids=repr
)
def test_a_body_of_which_nothing_is_set_is_an_empty_object(
    host: Host, service: Service, body: object, sent: bytes
) -> None:
    """But one that is a field and nothing else is not sent at all."""
    service.reset(lambda _: Reply({}))
    query = ["note"] if body == "{value}" else []
    made = rest.module("POST /x", form=Maybe, output=rest.Done, label="Try", connection=account, body=body, query=query)

    host.run(made, {}, connection=connection_to(service))

    assert service.asked[0].raw == sent


def test_an_answer_without_a_body_cannot_say_that_it_is_a_failure(host: Host, service: Service) -> None:
    """Its status is all it says."""
    service.reset(lambda _: Reply(status=204))

    assert host.run(post_message, {"items": []}, connection=connection_to(service)).output == rest.Done()
    assert host.run(list_messages, {"items": []}, connection=connection_to(service)).outputs == ()
