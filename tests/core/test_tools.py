"""Modules as tools of a language model."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from attrs import frozen

from jackfield import (
    AnyModule,
    AnyValue,
    Array,
    Context,
    Effect,
    Host,
    InputError,
    Integer,
    KeyValue,
    ModuleHandle,
    RefusedByPolicyError,
    Select,
    Text,
    Tool,
    Toolbox,
    ToolCall,
    module,
)


@frozen(kw_only=True)
class Line:
    """A line of an order."""

    article: Annotated[str, Text(label="Article", max_length=5, pattern="[a-z]+")]
    pieces: Annotated[int | None, Integer(label="Pieces", minimum=1, example=3)] = None


@frozen(kw_only=True)
class Order:
    """What to order."""

    lines: Annotated[list[Line], Array(label="Lines", min_items=1)]
    speed: Annotated[Literal["slow", "fast"] | None, Select(label="Speed")] = None
    customer: Annotated[str, Text(label="Customer")]
    colour: Annotated[str | None, Text(label="Colour", deprecated="Say it in the article.")] = None
    notes: Annotated[Mapping[str, str] | None, KeyValue(label="Notes", advanced=True)] = None


@frozen(kw_only=True)
class Ordered:
    """What was ordered."""

    text: str


@module(label="Order", effect=Effect.UNSAFE)
def order(form: Order, _context: Context) -> Ordered:
    """Order something.

    At once.
    """
    parts = [f"{line.pieces or 1} {line.article}" for line in form.lines]
    return Ordered(text=f"{form.customer}: {', '.join(parts)} {form.speed}")


@frozen(kw_only=True)
class Wish:
    """What to look for."""

    most: Annotated[int | None, Integer(label="Most", minimum=0)] = None


@module(label="Find", effect=Effect.READ)
def find(form: Wish, _context: Context) -> Iterator[Ordered]:
    """Find orders."""
    return (Ordered(text=f"order {number}") for number in range(form.most or 2))


@frozen(kw_only=True)
class Loose:
    """Anything."""

    value: Annotated[object, AnyValue(label="Value")] = None


@module(label="Take", effect=Effect.READ)
def take(form: Loose, _context: Context) -> Ordered:
    """Take anything."""
    return Ordered(text=json.dumps(form.value))


MODULES: Mapping[str, AnyModule] = {"shop.order": order, "shop.find": find, "shop.take": take}


@pytest.fixture
def host() -> Iterator[Host]:
    """Have the shop and nothing else."""
    with Host(discover=False, modules=MODULES) as made:
        yield made


def call(name: str, arguments: object) -> ToolCall:
    """Call as a model does: the arguments are text."""
    return ToolCall(id="call_1", name=name, arguments=json.dumps(arguments))


def test_each_service_gets_its_own_words(host: Host) -> None:
    """Name, what the module says of itself, and its arguments, where the service looks for them."""
    handle = host.module("shop.find")
    chat, responses, claude = (handle.as_tool(dialect) for dialect in ("openai", "responses", "anthropic"))

    assert chat["type"] == "function"
    assert chat["function"] == {key: value for key, value in responses.items() if key != "type"}
    assert responses["name"] == claude["name"] == "shop_find"
    assert claude["description"] == "Find orders."
    assert claude["input_schema"]["properties"]["most"]["minimum"] == 0
    with pytest.raises(
        InputError, match=r"There is no dialect 'klingon'; there is openai, responses, anthropic, langchain\."
    ):
        handle.as_tool("klingon")  # type: ignore[arg-type]


def test_a_strict_schema_keeps_to_the_rules_of_strict_schemas(host: Host) -> None:
    """All is required, what may be left out may be null, and what cannot be said by a rule is said in words."""
    told = host.module("shop.order").as_tool("responses")
    line = told["parameters"]["properties"]["lines"]["items"]

    assert told["strict"] is True
    assert told["parameters"]["required"] == ["lines", "speed", "customer"]
    assert told["parameters"]["properties"]["speed"] == {
        "anyOf": [{"type": "string", "enum": ["slow", "fast"]}, {"type": "null"}]
    }
    assert line["properties"]["article"] == {
        "type": "string",
        "description": "At most 5 characters. Must match ^(?:[a-z]+)$.",
    }
    assert line["properties"]["pieces"] == {"type": ["integer", "null"], "description": "For example: 3.", "minimum": 1}
    assert line["additionalProperties"] is False
    assert told["parameters"]["properties"]["lines"]["minItems"] == 1


def test_what_cannot_be_strict_is_said_plainly_or_refused(host: Host) -> None:
    """By whether it has to be; the field is named."""
    assert host.module("shop.take").as_tool("responses")["strict"] is False
    with pytest.raises(InputError, match=r"shop_take cannot be strict: \$\.value: it takes any JSON value\.") as caught:
        host.module("shop.take").as_tool("responses", strict=True)
    assert caught.value.hint == "Leave it out by `fields`, or give it by `given`."
    with pytest.raises(InputError, match=r"\$\.notes: its names are not known beforehand"):
        host.module("shop.order").as_tool("openai", fields=["lines", "customer", "notes"], strict=True)
    dialects: list[Literal["anthropic", "langchain"]] = ["anthropic", "langchain"]
    for dialect in dialects:
        with pytest.raises(InputError, match="Tools are not strict in the dialect"):
            host.module("shop.find").as_tool(dialect, strict=True)


def test_a_model_is_asked_for_some_fields_only(host: Host) -> None:
    """What is given already it neither sees nor needs to give; what is required must be one or the other."""
    handle = host.module("shop.order")
    told = handle.as_tool("responses", fields=["lines"], given={"customer": "Ada"})

    assert [*told["parameters"]["properties"]] == ["lines"]
    with pytest.raises(InputError, match="'customer' is required; it must be one of `fields`, or in `given`"):
        handle.as_tool("openai", fields=["lines"])
    with pytest.raises(InputError, match="no field 'colours'"):
        handle.as_tool("openai", fields=["colours"])


def test_a_long_id_becomes_a_name_of_its_own(host: Host) -> None:
    """Services take 64 characters: a digest tells two apart that begin alike."""
    ids = [f"shop.{'very_' * 15}{end}" for end in ("near", "far")]
    known: Mapping[str, AnyModule] = dict.fromkeys(ids, find)
    with Host(discover=False, modules=known) as many:
        names = [many.module(each).as_tool("responses")["name"] for each in ids]

    assert len(set(names)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{64}", name) for name in names)


def test_a_call_is_checked_and_run(host: Host) -> None:
    """A null is what a strict schema makes of a field that is left out."""
    box = Toolbox(host, [Tool(module="shop.order", given={"customer": "Ada"}), "shop.find"])
    arguments = {"lines": [{"article": "tea", "pieces": None}], "speed": "fast"}

    assert json.loads(box.answer(call("shop_order", arguments)).text) == {"text": "Ada: 1 tea fast"}
    assert json.loads(box.answer(call("shop_find", {"most": 1})).text) == {"bundles": [{"text": "order 0"}]}
    assert json.loads(box.answer(ToolCall(name="shop_find", arguments="")).text)["bundles"][1] == {"text": "order 1"}


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("shop_order", {"lines": []}, "$.lines"),
        ("shop_order", {"lines": [{"article": "TEA"}]}, "$.lines[0].article"),
        ("shop_order", {"lines": [{"article": "tea"}], "customer": "Eve"}, "is no argument; there is lines, speed"),
        ("shop_order", [], "must be a JSON object"),
        ("shop_find", {"most": "3"}, "$.most"),
        ("shop_fnd", {}, "There is no tool 'shop_fnd'. Did you mean shop_find or shop_order?"),
    ],
)
def test_what_a_model_does_wrong_it_is_told(host: Host, name: str, arguments: object, told: str) -> None:
    """So that it can do better; nothing was run."""
    box = Toolbox(host, [Tool(module="shop.order", given={"customer": "Ada"}), "shop.find"])
    answer = box.answer(call(name, arguments))

    assert answer.error is not None
    assert told in answer.text
    assert json.loads(answer.text)["error"]["type"] == type(answer.error).__name__


def test_text_that_is_no_json_is_told_without_showing_it(host: Host) -> None:
    """Models cut their arguments at the limit of tokens."""
    answer = Toolbox(host, ["shop.find"]).answer(ToolCall(name="shop_find", arguments='{"most": '))

    assert "not JSON at line 1, column" in answer.text
    assert answer.error is not None


def test_what_changes_something_may_need_approval(host: Host) -> None:
    """What only reads does not."""
    asked = []

    def approve(asked_for: ToolCall, handle: ModuleHandle) -> bool:
        asked.append((asked_for.name, handle.id))
        return False

    box = Toolbox(host, [Tool(module="shop.order", given={"customer": "Ada"}), "shop.find"], approve=approve)
    refused = box.answer(call("shop_order", {"lines": [{"article": "tea"}]}))

    assert box.answer(call("shop_find", {})).error is None
    assert isinstance(refused.error, RefusedByPolicyError)
    assert "was not approved" in refused.text
    assert asked == [("shop_order", "shop.order")]


def test_a_long_answer_is_cut_and_says_so(host: Host) -> None:
    """With the limit by its name."""
    answer = Toolbox(host, ["shop.find"], max_answer_chars=300).answer(call("shop_find", {"most": 50}))

    said = json.loads(answer.text)
    assert said["begins"].startswith('{"bundles": [{')
    assert 250 < len(answer.text) <= 300
    assert "the limit max_answer_chars is 300" in said["note"]


def test_two_tools_of_one_name_are_refused(host: Host) -> None:
    """Unless one of them is called otherwise."""
    with pytest.raises(InputError, match=r"shop\.find and shop\.find are both called 'shop_find'"):
        Toolbox(host, ["shop.find", "shop.find"])
    box = Toolbox(host, ["shop.find", Tool(module="shop.find", name="again", description="Find more.")])
    assert [told["name"] for told in box.definitions("responses")] == ["shop_find", "again"]
    assert box.definitions("anthropic")[1]["description"] == "Find more."


def test_what_no_service_could_take_is_told_when_the_box_is_made(host: Host) -> None:
    """Not when a model is asked."""
    with pytest.raises(InputError, match="A tool cannot be called 'bad name!'"):
        Toolbox(host, [Tool(module="shop.find", name="bad name!")])
    with pytest.raises(InputError, match="shop_take cannot be strict"):
        Toolbox(host, [Tool(module="shop.take", strict=True)])
    with pytest.raises(InputError, match="cannot be called"):
        host.module("shop.find").as_tool("openai", name="x" * 65)


ASKED: Mapping[str, Any] = {
    "openai": {
        "role": "assistant",
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "shop_find", "arguments": '{"most": 1}'}},
            {"id": "b", "type": "function", "function": {"name": "shop_find", "arguments": "{"}},
        ],
    },
    "responses": [
        {"type": "message", "content": []},
        {"type": "function_call", "call_id": "a", "name": "shop_find", "arguments": '{"most": 1}'},
        {"type": "function_call", "call_id": "b", "name": "shop_find", "arguments": "{"},
    ],
    "anthropic": [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "a", "name": "shop_find", "input": {"most": 1}},
        {"type": "tool_use", "id": "b", "name": "shop_find", "input": {"most": "x"}},
    ],
}


@pytest.mark.parametrize("dialect", ["openai", "responses", "anthropic"])
def test_every_call_of_an_answer_is_answered(host: Host, dialect: Any) -> None:
    """In order, each by its id, in the messages that the service wants; without calls there is no message."""
    box = Toolbox(host, ["shop.find"])
    messages = box.answers(dialect, ASKED[dialect])

    parts = messages[0]["content"] if dialect == "anthropic" else messages
    ids = [part.get("tool_call_id") or part.get("call_id") or part.get("tool_use_id") for part in parts]
    texts = [part.get("output") or part["content"] for part in parts]
    assert ids == ["a", "b"]
    assert json.loads(texts[0]) == {"bundles": [{"text": "order 0"}]}
    assert "InvalidInputError" in texts[1]
    assert [part.get("is_error") for part in parts] == [None, True if dialect == "anthropic" else None]
    assert box.answers(dialect, {} if dialect == "openai" else []) == []


def test_langchain_gets_a_tool_that_checks_what_it_is_given(host: Host) -> None:
    """Its own tools hand over arguments unchecked where the schema is JSON."""
    tool = host.module("shop.find").as_tool("langchain", deadline_s=5)

    assert tool.name == "shop_find"
    assert json.loads(tool.invoke({"most": 1})) == {"bundles": [{"text": "order 0"}]}
    assert "$.most" in tool.invoke({"most": "many"})
    given = host.module("shop.order").as_tool("langchain", given={"customer": "Ada"})
    assert json.loads(given.invoke({"lines": [{"article": "tea"}]}))["text"] == "Ada: 1 tea None"


def test_every_installed_module_can_be_told_of() -> None:
    """Its arguments are a valid JSON Schema, without what only our own hosts read."""
    with Host() as host:
        for handle in host.modules():
            told = handle.as_tool("anthropic")
            jsonschema.Draft202012Validator.check_schema(told["input_schema"])
            assert "x-jackfield" not in json.dumps(told)
            assert not {"anyOf", "oneOf", "allOf"} & told["input_schema"].keys()
            function = handle.as_tool("openai")["function"]
            if function["strict"]:
                check_strict(function["parameters"])


def check_strict(node: Any) -> None:
    """Check what OpenAI asks of a strict schema, apart from how it was written."""
    if isinstance(node, list):
        for item in node:
            check_strict(item)
    if not isinstance(node, dict):
        return
    assert not {"oneOf", "allOf", "not", "if", "default", "title", "maxLength", "minLength", "pattern"} & node.keys()
    if node.get("type") == "object":
        assert node["additionalProperties"] is False
        assert sorted(node["required"]) == sorted(node["properties"])
    for key, item in node.items():
        check_strict([*item.values()] if key in ("properties", "$defs") else item)
