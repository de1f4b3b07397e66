"""What people bring from another product becomes our input, and nothing of it is lost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen

from jackfield import (
    AnyValue,
    Boolean,
    Context,
    Effect,
    File,
    Host,
    InputError,
    Integer,
    InvalidInputError,
    Json,
    KeyValue,
    Number,
    Password,
    PluginProblem,
    Problem,
    Secret,
    To,
    Translation,
    UnknownModuleError,
    Upload,
    is_expression,
    module,
    pairs,
    wrapped,
)
from jackfield._engine.catalog import Catalog
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.index import Entry


@frozen(kw_only=True)
class Link:
    kind: Literal["link"] = "link"
    url: str


@frozen(kw_only=True)
class Picture:
    kind: Literal["picture"] = "picture"
    file: Annotated[File, Upload()]


@frozen(kw_only=True)
class Author:
    name: str
    age: int | None = None


@frozen(kw_only=True)
class Post:
    title: str
    score: Annotated[float | None, Number(maximum=10)] = None
    count: Annotated[int | None, Integer()] = None
    public: Annotated[bool | None, Boolean()] = None
    tags: Sequence[str] | None = None
    headers: Annotated[Mapping[str, str] | None, KeyValue()] = None
    weights: Mapping[str, int] | None = None
    format: Mapping[str, str] | None = None
    author: Author | None = None
    parts: Sequence[Link | Picture] | None = None
    body: str | Sequence[str] | None = None
    mood: Literal["glad", "sad"] | None = None
    any: Annotated[object, AnyValue()] = None
    extra: Annotated[Mapping[str, object] | None, Json()] = None
    pin: Annotated[Secret | None, Password()] = None


@frozen(kw_only=True)
class Posted:
    status_code: int
    created: int
    items: Sequence[Mapping[str, object]] = ()


BLOG = Translation(
    fields={
        "headline": To("title"),
        "happy": To("mood", values={"yes": "glad", "no": "sad"}),
        "weight_list": To("weights", rewrite=pairs("word", "weight")),
        "layout": To("format", rewrite=wrapped("type")),
        "writer": To("author.name"),
        "links": To("parts", each=lambda item: {"kind": "link", **item}),
    },
    always={"public": True},
    typed="others",
    extra="extra",
    output={"statusCode": "status_code", "items[].text": "items[].message.text", "about.when": "created"},
    dates=("created",),
)
OTHER = Translation(fields={"headline": To("body")})


def _problems(form: Post) -> list[Problem]:
    return [Problem(path="$.title", rule="taste", message="is in bad taste")] if form.title == "Bad" else []


@module(label="Post", effect=Effect.UNSAFE, validate=_problems, aliases={"blog:post": BLOG, "blog:other": OTHER})
def post(form: Post, context: Context) -> Posted:
    """Post it."""
    return Posted(status_code=201, created=0)


@pytest.fixture
def host() -> Any:
    """Give a host that knows the module."""
    with Host(modules={"ours.post": post}, discover=False, environ={}) as opened:
        yield opened


def values(host: Host, **mapper: object) -> Mapping[str, object]:
    """Translate a mapper that has a title, and give the input without it and without what is always there."""
    found = host.module("blog:post").translate({"headline": "T", **mapper}).checked()
    return {key: value for key, value in found.items() if key not in {"title", "public"}}


def test_another_products_name_finds_the_module(host: Host) -> None:
    """And the handle knows by which name it was asked for."""
    handle = host.module("blog:post")

    assert (handle.id, handle.asked_as, handle.aliases) == ("ours.post", "blog:post", ("blog:post", "blog:other"))
    assert host.module("ours.post").asked_as == ""


@pytest.mark.parametrize(
    ("mapper", "ours"),
    [
        ({"score": ".89", "count": "1"}, {"score": 0.89, "count": 1}),
        ({"score": 3, "count": 1.0}, {"score": 3, "count": 1.0}),
        ({"mood": "", "score": None, "tags": [], "author": {}}, {}),
        ({"tags": "one"}, {"tags": ["one"]}),
        ({"tags": [1, True]}, {"tags": ["1", "true"]}),
        ({"headers": [{"key": "A", "value": "b"}]}, {"headers": {"A": "b"}}),
        ({"headers": '{"A": "b"}'}, {"headers": {"A": "b"}}),
        ({"headers": {"A": 1}}, {"headers": {"A": "1"}}),
        ({"happy": "yes"}, {"mood": "glad"}),
        ({"weight_list": [{"word": 5, "weight": "-3"}]}, {"weights": {"5": -3}}),
        ({"layout": "wide"}, {"format": {"type": "wide"}}),
        ({"writer": "Ann"}, {"author": {"name": "Ann"}}),
        ({"author": {"name": "Ann", "age": "7"}}, {"author": {"name": "Ann", "age": 7}}),
        ({"links": {"url": "u"}}, {"parts": [{"kind": "link", "url": "u"}]}),
        ({"body": ["a"]}, {"body": ["a"]}),
        ({"body": "a"}, {"body": "a"}),
        ({"any": {"n": "1"}}, {"any": {"n": "1"}}),
        ({"parts": [{"kind": "picture", "file": {"url": "https://x.example/a"}}]},) * 2,
        (
            {
                "others": [
                    {"key": "count", "type": "number", "value": "4"},
                    {"key": "new.thing", "type": "boolean", "value": "false"},
                    {"key": "deep", "type": "any", "value": '{"a": [1]}'},
                    {"key": "odd", "type": "any", "value": "{not JSON"},
                    {"key": "writer", "type": "text", "value": "Bob"},
                ]
            },
            {
                "count": 4,
                "author": {"name": "Bob"},
                "extra": {"new.thing": False, "deep": {"a": [1]}, "odd": "{not JSON"},
            },
        ),
    ],
)
def test_values_are_read_as_our_fields_need_them(
    host: Host, mapper: dict[str, object], ours: dict[str, object]
) -> None:
    """Numbers as text, one item for a list, pairs for names and values; what is empty was not given."""
    assert values(host, **mapper) == ours


def test_what_their_module_means_without_a_word_is_set(host: Host) -> None:
    """Unless it is said."""
    handle = host.module("blog:post")

    assert handle.translate({"headline": "T"}).values == {"title": "T", "public": True}
    assert handle.translate({"headline": "T", "public": "false"}).values == {"title": "T", "public": False}


@pytest.mark.parametrize(
    ("mapper", "path", "told"),
    [
        ({"mystery": 5}, "$.mystery", "has no counterpart in ours.post"),
        ({"score": "11"}, "$.score", "must be at most 10, was 11"),
        ({"score": "much"}, "$.score", "must be a number, was text"),
        ({"public": "maybe"}, "$.public", "must be true or false, was text"),
        ({"happy": "very"}, "$.mood", "must be one of glad, sad"),
        ({"author": {"nme": "Ann"}}, "$.author.name", "required"),
        ({"title": "Again"}, "$.title", "says title a second time"),
        ({"others": [{"value": 1}]}, "$.others[0]", "must be an object with a key, a type and a value"),
        ({"weight_list": [{"word": "a"}, {"word": "a"}]}, "$.weights", "must be"),
        ({"headers": "{not JSON"}, "$.headers", "must be"),
        ({"links": 5}, "$.parts[0]", "must be"),
        ({"parts": [{"url": "u"}]}, "$.parts[0].kind", "is required"),
    ],
)
def test_what_cannot_be_translated_is_told(host: Host, mapper: dict[str, object], path: str, told: str) -> None:
    """With its place: theirs for what has no counterpart, ours for what our form does not allow."""
    found = host.module("blog:post").translate({"headline": "T", **mapper})

    assert not found.is_ready
    assert any(problem.path == path and told in problem.message for problem in found.problems), found.problems
    with pytest.raises(InvalidInputError):
        found.checked()


def test_a_secret_is_not_translated(host: Host) -> None:
    """What was translated is written down; so it stands there as a mask, and is given where the module is run."""
    found = host.module("blog:post").translate({"headline": "T", "pin": "canary-1234"})

    assert found.values["pin"] == "***"
    assert [problem.rule for problem in found.problems] == ["secret"]
    assert "canary" not in repr(found)


def test_what_has_no_counterpart_is_kept(host: Host) -> None:
    """Whoever imports it can look at it; an empty field is no loss."""
    found = host.module("blog:post").translate({"headline": "T", "mystery": {"a": 1}, "other": "", "title": "Again"})

    assert found.left == {"mystery": {"a": 1}, "title": "Again"}


def test_the_whole_form_is_checked(host: Host) -> None:
    """Also by what the module itself checks."""
    (problem,) = host.module("blog:post").translate({"headline": "Bad"}).problems

    assert problem.rule == "taste"


def test_expressions_stay_and_are_told_by_their_path(host: Host) -> None:
    """Only a scenario can evaluate them; a field that takes no text is not refused for holding one."""
    found = host.module("blog:post").translate(
        {
            "headline": "About {{1.topic}}",
            "score": "{{1.score}}",
            "links": [{"url": "{{2.url}}"}],
            "tags": "{{3.tags[]}}",
            "others": [{"key": "new", "type": "number", "value": "{{4}}"}],
            "layout": "{{5.layout}}",
            "parts": "",
            "any": [{"deep": "{{6}}"}],
        }
    )

    assert found.problems == ()
    assert found.expressions == {
        "$.title": "About {{1.topic}}",
        "$.score": "{{1.score}}",
        "$.parts[0].url": "{{2.url}}",
        "$.tags": "{{3.tags[]}}",
        "$.extra.new": "{{4}}",
        "$.format.type": "{{5.layout}}",
        "$.any[0].deep": "{{6}}",
    }
    assert found.values["score"] == "{{1.score}}"
    with pytest.raises(InvalidInputError, match=r"\$\.score: holds an expression") as caught:
        found.checked()
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("value", "expected"),
    [("{{1}}", True), ("a {{b}} c", True), ("{{", False), ("}}{{", False), ("{1}", False), (1, False)],
)
def test_an_expression_is_told_from_a_text(value: object, expected: bool) -> None:  # noqa: FBT001  a table of cases
    """By both of its braces."""
    assert is_expression(value) is expected


def test_a_connection_of_theirs_is_a_note(host: Host) -> None:
    """It means nothing here."""
    found = host.module("blog:post").translate({"headline": "T", "__IMTCONN__": 1234})

    assert found.is_ready
    assert found.notes == ("__IMTCONN__: connections are not imported; name one of yours where you run it",)


def test_each_alias_has_its_own_translation(host: Host) -> None:
    """The one that was asked for, the one that is named, or the first."""
    mapper = {"headline": "T"}

    assert host.module("blog:other").translate(mapper).values == {"body": "T"}
    assert host.module("blog:post").translate(mapper, alias="blog:other").values == {"body": "T"}
    assert host.module("ours.post").translate(mapper).values == {"title": "T", "public": True}
    with pytest.raises(InputError, match=r"ours\.post is not known as 'blog:pst'.*blog:post"):
        host.module("ours.post").translate(mapper, alias="blog:pst")


def test_a_bundle_has_their_names_too(host: Host) -> None:
    """What a scenario goes on with; ours stay, and the bundle itself is not changed."""
    bundle = {"status_code": 201, "created": 1767225600, "items": [{"message": {"text": "a"}}, {"message": {}}, 5]}

    found = host.module("blog:post").translate_output(bundle)

    assert found == {
        "status_code": 201,
        "statusCode": 201,
        "created": "2026-01-01T00:00:00Z",
        "about": {"when": "2026-01-01T00:00:00Z"},
        "items": [{"message": {"text": "a"}, "text": "a"}, {"message": {}}, 5],
    }
    assert bundle["created"] == 1767225600
    assert host.module("blog:post").translate_output({}) == {}


def test_an_unknown_name_imports_nothing(install: Callable[..., str], entries: Callable[[], tuple[Entry, ...]]) -> None:
    """Only packages whose metadata says that they answer to such names are looked into."""
    install("jackfield-weather")
    install("explosive", "raise RuntimeError('imported')", modules={"a.explosive": "{}:x"}, aliases={"boom": "{}"})
    catalog = Catalog(entries(), PluginPolicy())

    for unknown in ("nobody:knows", "no.such", "old-weather"):
        with pytest.raises(UnknownModuleError):
            catalog.load_module(unknown)
    assert catalog.load_module("old-weather:GetIt").label == "Get"
    assert catalog.broken == ()
    with pytest.raises(UnknownModuleError):
        catalog.load_module("boom:x")
    broken: Sequence[PluginProblem] = catalog.broken
    assert [problem.name for problem in broken] == ["a.explosive"]


def test_several_packages_may_answer_to_one_product(
    install: Callable[..., str], entries: Callable[[], tuple[Entry, ...]]
) -> None:
    """Each for its own modules; one that is denied does not."""
    code = (
        "from attrs import frozen\nfrom jackfield import Context, module\n@frozen\nclass N:\n    '''Nothing.'''\n"
        "@module(label='More', aliases=['old-weather:More'])\n"
        "def more(form: N, context: Context) -> N:\n    return form\n"
    )
    install("jackfield-weather")
    install("more", code, modules={"more.more": "{}:more"}, aliases={"old-weather": "{}"})

    assert Catalog(entries(), PluginPolicy()).load_module("old-weather:More").label == "More"
    assert Catalog(entries(), PluginPolicy()).load_module("old-weather:GetIt").label == "Get"
    with pytest.raises(UnknownModuleError):
        Catalog(entries(), PluginPolicy(deny=frozenset({"more"}))).load_module("old-weather:More")
