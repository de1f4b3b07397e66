"""Modules that are data: what of a form goes where, and what of an answer is the output."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, assert_type
from urllib.parse import unquote

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from paged_service import KEY, Asked, Reply, Service, account, connection_to, serving

from jackfield import (
    AnswerError,
    AnyModule,
    Array,
    BusyError,
    CredentialsError,
    Effect,
    File,
    Host,
    HttpSettings,
    Integer,
    InvalidInputError,
    Json,
    Kind,
    Module,
    NotFoundError,
    Password,
    PermissionDeniedError,
    Problem,
    RefusedError,
    RemoteError,
    Rest,
    Result,
    Secret,
    Select,
    Text,
    Trigger,
    UnsafeRequestError,
    Upload,
    paging,
    rest,
)
from jackfield.testing import Case, ReplayServer, dead_fields, replies, unasked


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


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Serve on loopback."""
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Give a host of the modules above."""
    with Host(modules=MODULES, discover=False, environ={}, settings=HttpSettings(max_attempts=1)) as host:
        yield host


def test_a_path_has_the_fields_and_the_answer_is_the_output(host: Host, service: Service) -> None:
    """Undeclared keys are kept, as with any other module."""
    service.reset(lambda _: Reply(ISSUE))
    here = WhichIssue(owner="ada", repo="engine", number=7)

    result = host.run(get_issue, here, connection=connection_to(service))

    assert_type(get_issue, Module[WhichIssue, Issue, Any])
    assert_type(result, Result[Issue])
    assert result.output == Issue(number=7, title="It rains", rest={"url": "x"})
    assert result.bundle == ISSUE
    (asked,) = service.asked
    assert (asked.method, asked.path, asked.pairs, asked.raw) == ("GET", "/api/repos/ada/engine/issues/7", [], b"")
    assert asked.headers["X-Key"] == KEY


def test_it_is_a_module_as_any_other(host: Host) -> None:
    """Kind, effect, description, schema and id: all that reads modules reads it."""
    shown = host.module("tracker.list_issues")

    assert (get_issue.kind, shown.module.kind, search.kind) == (Kind.ACTION, Kind.SEARCH, Kind.SEARCH)
    assert get_issue.description == "One issue of a repository."
    assert shown.module.description == "List the issues of a repository, newest first."
    assert shown.schema()["required"] == ["owner"]
    assert shown.module.output.cls is Issue
    effects = [each.effect for each in (get_issue, list_issues, create_issue, search)]
    assert effects == [Effect.READ, Effect.READ, Effect.KEYED, Effect.READ]


def test_what_is_not_set_is_not_sent_and_fields_of_a_get_go_into_the_query(host: Host, service: Service) -> None:
    """Dates as JSON has them; a list as one pair for each item, or joined where the author says so."""
    service.reset(lambda _: Reply([]))
    since = datetime(2026, 11, 25, 15, 44, tzinfo=UTC)
    connection = connection_to(service)

    host.run(list_issues, {"owner": "ada"}, connection=connection)
    host.run(
        list_issues,
        ListIssues(owner="ada", state="open", labels=["a b", "c"], since=since, limit=1),
        connection=connection,
    )

    assert [dict(asked.pairs) for asked in service.asked] == [
        {"page": "1", "per_page": "2"},
        {"labels": "a b,c", "state": "open", "since": "2026-11-25T15:44:00Z", "page": "1", "per_page": "1"},
    ]


def test_a_body_has_the_rest_of_the_fields_by_their_names_in_json(host: Host, service: Service) -> None:
    """Query and headers have what the author puts there; a repeat has the same key."""
    service.reset(lambda _: Reply({"data": {"issue": ISSUE}}, status=201))
    form = NewIssue(owner="ada", title="It rains", text="", authors=[Author(name="Bo")], etag="e1", notify=False)

    result = host.run(create_issue, form, connection=connection_to(service), idempotency_key="key-1")

    (asked,) = service.asked
    assert result.output.number == 7
    assert asked.body == {"title": "It rains", "body": "", "authors": [{"name": "Bo"}]}
    assert asked.pairs == [("notify", "false")]
    assert (asked.headers["If-Match"], asked.headers["Idempotency-Key"]) == ('"e1"', "key-1")


def test_a_header_whose_field_is_not_set_is_not_sent(host: Host, service: Service) -> None:
    """Not even what stands around its place."""
    service.reset(lambda _: Reply({"data": {"issue": ISSUE}}, status=201))

    host.run(create_issue, {"owner": "ada", "title": "t"}, connection=connection_to(service))

    assert "If-Match" not in service.asked[0].headers


def test_a_body_of_its_own_shape_loses_what_is_not_set(host: Host, service: Service) -> None:
    """A place alone is the value as it is, in a text it is text; an object that had only absent things is absent."""
    service.reset(lambda _: Reply({"hits": [ISSUE], "next": None}))
    connection = connection_to(service)

    host.run(search, {"text": "rain"}, connection=connection)
    host.run(search, {"text": "rain", "language": "de", "words": ["a", "b"], "most": 3}, connection=connection)

    assert [asked.body for asked in service.asked] == [
        {"query": {"must": ["text:rain"]}, "fixed": True, "page": {"size": 10}},
        {
            "query": {"must": ["text:rain", "lang:de"], "exact": ["a", "b"]},
            "options": {"joined": "a;b"},
            "fixed": True,
            "page": {"size": 3},
        },
    ]


def test_a_search_goes_through_pages_up_to_its_limit(host: Host, service: Service) -> None:
    """The field that says the limit is not sent."""

    def answer(asked: Asked) -> Reply:
        after = asked.body["page"].get("after", 0)
        return Reply({"hits": [{"number": after, "title": "t"}], "next": after + 1})

    service.reset(answer)

    result = host.run(search, {"text": "t", "most": 3}, connection=connection_to(service))

    assert [issue.number for issue in result.outputs] == [0, 1, 2]
    assert len(service.asked) == 3


@pytest.mark.parametrize("module_id", MODULES)
def test_every_field_of_a_declared_module_makes_a_difference(module_id: str) -> None:
    """The same rules hold for them as for coded ones, and the same searches find what breaks them."""
    case = Case(
        connection={"api_key": "k", "url": "http://127.0.0.1:1/api"},
        needs={"words": {"language": "de"}},
        sent_as={"owner": (), "repo": (), "number": (), "text": ("query",), "state": ("state",)},
        always={"fixed": "is part of the request", "page": "the paging says it", "per_page": "the paging says it"},
    )
    with Host(modules=MODULES, discover=False, environ={}) as host:
        assert dead_fields(host, module_id, case) == []
        assert unasked(host, module_id, case) == []


HOSTILE = {
    "empty": ("", "is empty"),
    "dots": ("..", "has a dot segment ('.' or '..')"),
    "a dot": (".", "has a dot segment"),
    "a slash": ("a/b", "has a slash or a backslash"),
    "a way out": ("../../admin", "has a slash"),
    "a backslash": ("..\\admin", "has a slash or a backslash"),
    "quoted dots": ("%2e%2e", "has a dot segment"),
    "a quoted way out": ("x%2f..%2f..", "has a dot segment"),
    "dots twice quoted": ("%252e%252e", "has a dot segment"),
    "wide dots": ("\uff0e\uff0e", "has a dot segment"),
    "dots and a parameter": ("..;x=1", "has a dot segment"),
    "a line break": ("a\r\nX-Evil: 1", "has a control character"),
    "a null": ("a\x00", "has a control character"),
    "half a letter": ("\ud800", "is not Unicode"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_value_that_would_lead_elsewhere_is_refused_before_anything_is_sent(
    host: Host, service: Service, case: str
) -> None:
    """It names the field, and shows nothing of the value."""
    value, words = HOSTILE[case]
    service.reset(lambda _: Reply(ISSUE))

    with pytest.raises(InvalidInputError) as refused:
        host.run(get_issue, {"owner": "ada", "repo": value, "number": 1}, connection=connection_to(service))

    (problem,) = refused.value.problems
    assert problem.path == "$.repo"
    assert words in problem.message
    assert service.asked == []


@given(owner=st.text(max_size=20))
def test_a_value_is_one_segment_whatever_it_is(host: Host, service: Service, owner: str) -> None:
    """Either it is refused, or the service gets exactly what was given, in its place."""
    service.reset(lambda _: Reply(ISSUE))

    try:
        host.run(get_issue, {"owner": owner, "repo": "r", "number": 1}, connection=connection_to(service))
    except InvalidInputError:
        assert service.asked == []
    else:
        (asked,) = service.asked
        _, base, repos, found, *others = asked.path.split("/")
        assert (base, repos, unquote(found, errors="strict"), others) == ("api", "repos", owner, ["r", "issues", "1"])
        assert asked.pairs == []


@frozen(kw_only=True)
class FilePath:
    """A file of a repository."""

    path: str
    branch: str = "main"


get_content = rest.module(
    "GET /contents/{branch}/{+path}", form=FilePath, output=Issue, label="Get Content", connection=account
)


def test_a_path_of_several_segments_is_declared_as_such(host: Host, service: Service) -> None:
    """Each of them is quoted, and none of them may lead elsewhere; a default counts as given."""
    service.reset(lambda _: Reply(ISSUE))
    connection = connection_to(service)

    host.run(get_content, {"path": "src/a b/x#?.py"}, connection=connection)
    for path in ("a/../b", "/a", "a//b", "a/", "a/%2e%2e/b"):
        with pytest.raises(
            InvalidInputError, match=r"\$\.path: (is empty|has a dot segment).* cannot stand in the path"
        ):
            host.run(get_content, {"path": path}, connection=connection)

    assert [asked.path for asked in service.asked] == ["/api/contents/main/src/a%20b/x%23%3F.py"]


@frozen(kw_only=True)
class NamedFile:
    """A file to keep."""

    name: str
    tags: list[str] | None = None
    file: Annotated[File, Upload(label="File")]


upload = rest.module(
    "POST /files", form=NamedFile, output=rest.Done, label="Upload", connection=account, encoding="multipart"
)


@frozen(kw_only=True)
class Raw:
    """A file to keep as it is."""

    name: str
    file: Annotated[File, Upload(label="File")]


put_file = rest.module(
    "PUT /files/{name}", form=Raw, output=rest.Done, label="Put a File", connection=account, body="{file}"
)


@frozen(kw_only=True)
class Hook:
    """An address to be told."""

    name: str
    secret: Annotated[Secret, Password(label="Secret")]


create_hook = rest.module(
    "POST /hooks", form=Hook, output=rest.Done, label="Create a Hook", connection=account, encoding="form"
)


@frozen(kw_only=True)
class Items:
    """Items to put."""

    items: list[int]


put_items = rest.module(
    "PUT /items", form=Items, output=rest.Done, label="Put Items", connection=account, body="{items}", expected=[204]
)


def test_bodies_are_forms_and_files_too(host: Host, service: Service) -> None:
    """A form as a browser sends it, one with files, a file as it is, a list; each says what it is."""
    service.reset(lambda _: Reply(status=204))
    connection = connection_to(service)
    file = {"data": "aGVsbG8=", "name": "a.txt"}

    host.run(upload, {"name": "n", "tags": ["a", "b"], "file": file}, connection=connection)
    host.run(put_file, {"name": "n", "file": file}, connection=connection)
    host.run(create_hook, {"name": "a b", "secret": "s&t"}, connection=connection)
    done = host.run(put_items, {"items": [1, 2]}, connection=connection)

    parts, raw, form, items = service.asked
    assert [parts.raw.count(piece) for piece in (b'name="name"', b'name="tags"', b'filename="a.txt"', b"hello")] == [
        1,
        2,
        1,
        1,
    ]
    assert (raw.path, raw.raw, raw.headers["Content-Type"]) == ("/api/files/n", b"hello", "text/plain")
    assert (form.raw, form.headers["Content-Type"]) == (b"name=a+b&secret=s%26t", "application/x-www-form-urlencoded")
    assert items.body == [1, 2]
    assert done.bundle == {"done": True}


def test_a_secret_field_is_sent_and_shown_nowhere(host: Host, service: Service) -> None:
    """A preview has three stars for it."""
    shown = host.run(
        create_hook, {"name": "n", "secret": "canary-hook"}, connection=connection_to(service), dry_run=True
    )

    assert "canary-hook" not in repr(shown)
    assert shown.requests[0].body == "name=n&secret=***"


def test_another_status_than_was_declared_is_an_error(host: Host, service: Service) -> None:
    """A service that only takes note (202) has not created anything."""
    service.reset(lambda _: Reply({"data": {"issue": ISSUE}}, status=202))

    with pytest.raises(AnswerError, match="The service answered 202, where 201 was expected"):
        host.run(create_issue, {"owner": "a", "title": "t"}, connection=connection_to(service))


WRONG = {
    "nothing at the place": ({"data": {}}, r"\$\.data\.issue: must be an object, was null"),
    "misshapen": ({"data": {"issue": {"number": "7"}}}, r"\$\.number: must be a whole number"),
    "a list": ([], r"\$\.data\.issue: must be an object, was null"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_that_is_not_what_was_declared_is_an_error(host: Host, service: Service, case: str) -> None:
    """It names the place."""
    body, words = WRONG[case]
    service.reset(lambda _: Reply(body, status=201))

    with pytest.raises(AnswerError, match=words):
        host.run(create_issue, {"owner": "a", "title": "t"}, connection=connection_to(service))


def test_an_empty_answer_is_no_output_that_has_required_parts(host: Host, service: Service) -> None:
    """Only an output that requires nothing may come of nothing."""
    service.reset(lambda _: Reply(status=204))

    with pytest.raises(AnswerError, match=r"\$\.number: is required"):
        host.run(get_issue, {"owner": "a", "repo": "b", "number": 1}, connection=connection_to(service))


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


@frozen(kw_only=True)
class Board:
    """Which board."""

    note: str


@frozen(kw_only=True)
class Note:
    """What somebody wrote."""

    id: int
    written: str


watch_notes = rest.module(
    "GET /boards/{note}/notes",
    form=Board,
    output=Note,
    label="Watch Notes",
    connection=account,
    items="$",
    paging=paging.PageNumber(),
    trigger=Trigger(key="id", date="written", look_back_s=0),
    since="written_after",
)


def test_a_trigger_is_declared_as_well(host: Host, service: Service) -> None:
    """It gives what is new, and the service is told what is too old."""
    notes = [{"id": 1, "written": "2026-11-25T10:00:00Z"}, {"id": 2, "written": "2026-11-25T11:00:00Z"}]
    service.reset(lambda asked: Reply(notes if asked.query["page"] == "1" else []))
    connection = connection_to(service)

    first = host.poll(watch_notes, {"note": "blue"}, connection=connection, start="all")
    notes.append({"id": 3, "written": "2026-11-25T12:00:00Z"})
    second = host.poll(watch_notes, {"note": "blue"}, connection=connection, state=first.state)

    assert watch_notes.kind is Kind.TRIGGER
    assert [[new.output.id for new in poll.items] for poll in (first, second)] == [[1, 2], [3]]
    assert "written_after" not in service.asked[0].query
    assert service.asked[-1].query == {"page": "2", "written_after": "2026-11-25T11:00:00Z"}


@frozen(kw_only=True)
class Chosen:
    text: Annotated[str | None, Text()] = None
    parity: Annotated[Literal["odd", "even"] | None, Select()] = None
    most: Annotated[int | None, Integer(minimum=1)] = None


@frozen(kw_only=True)
class Numbered:
    number: int


choose = rest.module(
    "GET /numbers",
    form=Chosen,
    output=Numbered,
    label="Choose",
    connection=account,
    items="found",
    paging=paging.PageNumber(more="more"),
    limit="most",
    keep={"parity": lambda parity, item: item.number % 2 == (parity == "odd")},
    total="total",
    partial="partial",
)
count = rest.module(
    "GET /numbers",
    form=Chosen,
    output=Numbered,
    label="Count",
    connection=account,
    items="found",
    limit="most",
    query={"parity": "{parity}"},
    total="total",
)


def numbers(asked: Asked) -> Reply:
    """Give two pages of three, of eight that there are said to be."""
    page = int(asked.query["page"])
    found = [{"number": 3 * page + place} for place in range(3)]
    return Reply({"found": found, "more": page < 2, "total": 8, "partial": page == 2})


def test_what_a_service_cannot_leave_out_is_left_out_here(host: Host, service: Service) -> None:
    """The field is not sent, and the limit counts what is left."""
    service.reset(numbers)

    odd = host.run(choose, {"parity": "odd", "most": 2, "text": "x"}, connection=connection_to(service))
    every = host.run(choose, {"most": 4}, connection=connection_to(service))

    assert [each.number for each in odd.outputs] == [3, 5]
    assert [each.number for each in every.outputs] == [3, 4, 5, 6]
    assert [asked.query for asked in service.asked] == [
        {"text": "x", "page": "1"},
        {"page": "1"},
        {"page": "2"},
    ]
    assert odd.warnings == ()
    assert dead_fields(host_of_choices(), "a.choose", Case(inert={"parity": "chosen here", "most": "likewise"})) == []


def host_of_choices() -> Host:
    """Have the module under an id; nothing is sent."""
    return Host(modules={"a.choose": choose}, discover=False, environ={})


def test_a_list_that_ends_too_early_has_warnings(host: Host, service: Service) -> None:
    """Whoever counts what came would believe that it is all."""
    service.reset(numbers)

    found = host.run(choose, {}, connection=connection_to(service))

    assert len(found.outputs) == 6
    partial, cut = found.warnings
    assert "some of it is missing" in partial
    assert "gives 6 of 8" in cut


def test_whoever_wants_no_more_is_not_warned(host: Host, service: Service) -> None:
    """A limit that was reached is no lack; and without a number there is nothing to say."""
    service.reset(lambda _: Reply({"found": [{"number": 1}, {"number": 2}], "total": 5}))
    assert host.run(count, {"most": 2}, connection=connection_to(service)).warnings == ()

    service.reset(lambda _: Reply({"found": [{"number": 1}], "total": "many"}))
    assert host.run(count, {}, connection=connection_to(service)).warnings == ()


anything = rest.universal(label="Make a Call", connection=account)
CALLS = {
    "an object": (Reply({"a": 1}), {"a": 1}),
    "a kind of JSON": (Reply([1], headers={"Content-Type": "application/problem+json"}), [1]),
    "a text": (Reply("x", headers={"Content-Type": "text/plain"}), '"x"'),
    "nothing": (Reply(status=204), None),
}


@pytest.mark.parametrize("case", CALLS)
def test_any_call_can_be_made(host: Host, service: Service, case: str) -> None:
    """What was given is sent as it was given, and what came is read as it says that it is."""
    reply, body = CALLS[case]
    service.reset(lambda _: reply)
    call = {
        "path": "/x",
        "method": "PUT",
        "query": {"a": 1, "b": [2, "c"], "d": 1.5},
        "headers": {"X-A": "b"},
        "body": [3],
    }

    called = host.run(anything, call, connection=connection_to(service)).output

    (asked,) = service.asked
    assert asked.pairs == [("a", "1"), ("b", "2"), ("b", "c"), ("d", "1.5")]
    assert (asked.method, asked.headers["X-A"], asked.body) == ("PUT", "b", [3])
    assert (called.status, called.body, called.file) == (reply.status, body, None)


def test_a_call_gives_what_is_no_text_as_a_file(host: Host, service: Service) -> None:
    """And only a GET is called harmless."""
    service.reset(lambda _: Reply("x", headers={"Content-Type": "image/png"}))

    called = host.run(anything, {"path": "/x"}, connection=connection_to(service)).output

    assert called.body is None
    assert called.file is not None
    assert called.file.media_type == "image/png"
    assert anything.kind is Kind.UNIVERSAL
    assert [anything.effect_of(rest.Call(path="/x", method=method)) for method in ("GET", "POST")] == [
        Effect.READ,
        Effect.UNSAFE,
    ]
