"""Modules that are data: what of a form goes where, and what of an answer is the output."""

from datetime import UTC, datetime
from typing import Annotated, Any, assert_type
from urllib.parse import unquote

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from issue_tracker import (
    ISSUE,
    MODULES,
    Author,
    Issue,
    Items,
    ListIssues,
    NewIssue,
    WhichIssue,
    create_issue,
    get_issue,
    list_issues,
    search,
)
from paged_service import KEY, Asked, Reply, Service, account, connection_to

from jackfield import (
    AnswerError,
    Effect,
    File,
    Host,
    InvalidInputError,
    Kind,
    Module,
    Password,
    Result,
    Secret,
    Upload,
    rest,
)
from jackfield.testing import Case, dead_fields, unasked


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
