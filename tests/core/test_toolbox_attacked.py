"""A toolbox beside models, services and programs that do it wrong."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen

from jackfield import (
    Context,
    Effect,
    Host,
    InputError,
    Integer,
    InvalidInputError,
    ModuleHandle,
    RefusedByPolicyError,
    Select,
    Text,
    Tool,
    Toolbox,
    ToolCall,
    module,
)

WORDS = tuple(f"{number:04}{'x' * 60}" for number in range(251))


@frozen(kw_only=True)
class Note:
    """What to post."""

    text: Annotated[str, Text(label="Text")]
    copies: Annotated[int | None, Integer(label="Copies", minimum=1)] = None


@frozen(kw_only=True)
class Posted:
    """What was posted."""

    text: str


@frozen(kw_only=True)
class Wordy:
    """One of many words."""

    word: Annotated[Literal[WORDS], Select(label="Word")]  # type: ignore[valid-type]


@module(label="Post", effect=Effect.UNSAFE)
def post(form: Note, _context: Context) -> Posted:
    """Post a note."""
    return Posted(text=form.text)


@module(label="Say", effect=Effect.READ)
def say(form: Wordy, _context: Context) -> Posted:
    """Say a word."""
    return Posted(text=form.word)


@pytest.fixture
def host() -> Iterator[Host]:
    """Have the board and nothing else."""
    with Host(discover=False, modules={"board.post": post, "board.say": say}) as made:
        yield made


POST = ToolCall(id="call_1", name="board_post", arguments='{"text": "x"}')


def fails(_call: ToolCall, _handle: ModuleHandle) -> bool:
    """Break while asking."""
    message = "the window is closed"
    raise OSError(message)


def says_no(_call: ToolCall, _handle: ModuleHandle) -> Any:
    """Say it in a word, as a program might that asks a person."""
    return "no"


@pytest.mark.parametrize("approve", [fails, says_no])
def test_only_true_approves(host: Host, approve: Any) -> None:
    """Whatever else is said or goes wrong refuses, and calls beside it are answered."""
    box = Toolbox(host, ["board.post"], approve=approve)
    calls = [
        {"id": name, "type": "function", "function": {"name": name, "arguments": POST.arguments}}
        for name in ("board_post", "nothing")
    ]
    answers = box.answers("openai", {"tool_calls": calls})

    assert isinstance(box.answer(POST).error, RefusedByPolicyError)
    assert ["RefusedByPolicyError" in answer["content"] for answer in answers] == [True, False]


def test_why_nobody_could_be_asked_is_the_cause(host: Host) -> None:
    """For the program; the model is not told what it says."""
    answer = Toolbox(host, ["board.post"], approve=fails).answer(POST)

    assert answer.error is not None
    assert isinstance(answer.error.__cause__, OSError)
    assert "window" not in answer.text


def test_tools_of_langchain_ask_as_the_box_does(host: Host) -> None:
    """They are no way around who approves, what was given, or how long an answer may be."""
    pytest.importorskip("langchain_core")
    asked: list[str] = []

    def second_time(call: ToolCall, _handle: ModuleHandle) -> bool:
        asked.append(call.name)
        return len(asked) > 1

    box = Toolbox(
        host,
        [Tool(module="board.post", fields=["text"], given={"copies": 2})],
        approve=second_time,
        max_answer_chars=70,
    )
    (tool,) = box.definitions("langchain")

    assert "not approved" in tool.invoke({"text": "x"})
    assert "is no argument; there is text" in tool.invoke({"text": "x", "copies": 9})
    assert "max_answer_chars is 70" in tool.invoke({"text": "x" * 200})
    assert asked == ["board_post", "board_post"]


def test_one_tool_of_langchain_takes_only_what_it_asked_for(host: Host) -> None:
    """A model fills in no field that it was not told of."""
    pytest.importorskip("langchain_core")
    tool = host.module("board.post").as_tool("langchain", fields=["text"])

    assert "$.copies: is no argument" in tool.invoke({"text": "x", "copies": 9})


@pytest.mark.parametrize(
    ("dialect", "said", "told"),
    [
        ("openai", {"choices": [{"message": {}}]}, "must be the message of a choice"),
        ("openai", None, "must be the message of a choice"),
        ("openai", {"tool_calls": ["x"]}, "not all in `tool_calls`"),
        ("openai", {"tool_calls": [{"id": "1", "type": "function", "function": None}]}, "cannot be answered"),
        ("openai", {"tool_calls": [{"function": {"name": "board_post", "arguments": "{}"}}]}, "cannot be answered"),
        ("responses", {"output": []}, "`output` of the response"),
        ("anthropic", "text", "`content` of the message"),
        ("anthropic", {"content": []}, "`content` of the message"),
    ],
    ids=str,
)
def test_what_no_model_says_is_told_before_anything_is_called(host: Host, dialect: Any, said: Any, told: str) -> None:
    """With what is meant."""
    with pytest.raises(InputError, match=told):
        Toolbox(host, ["board.post"]).answers(dialect, said)


def test_a_call_without_arguments_is_told_what_lacks(host: Host) -> None:
    """As some servers send them; the type may lack, too."""
    said = {"tool_calls": [{"id": "1", "function": {"name": "board_post"}}]}
    (answer,) = Toolbox(host, ["board.post"]).answers("openai", said)

    assert "$.text: is required" in answer["content"]


def test_what_the_program_got_wrong_is_told_when_the_box_is_made(host: Host) -> None:
    """The model could do nothing about it."""
    with pytest.raises(InvalidInputError, match=r"\$\.text: must be text, was 5") as caught:
        Toolbox(host, [Tool(module="board.post", given={"text": 5})])
    assert [problem.path for problem in caught.value.problems] == ["$.text"]
    with pytest.raises(InputError, match="`fields` is a list of names, not the text 'text'"):
        Tool(module="board.post", fields="text")
    with pytest.raises(InputError, match="max_answer_chars must be at least 1, was 0"):
        Toolbox(host, ["board.post"], max_answer_chars=0)


def test_a_tool_that_is_not_there_is_named_shortly(host: Host) -> None:
    """However long a name the model made up."""
    answer = Toolbox(host, ["board.post"]).answer(ToolCall(name="\x1b" * 9999, arguments="{}"))

    assert len(answer.text) < 700


def test_many_long_choices_are_no_strict_schema(host: Host) -> None:
    """OpenAI takes 15,000 characters of one choice among more than 250."""
    handle = host.module("board.say")

    assert handle.as_tool("responses")["strict"] is False
    with pytest.raises(InputError, match=r"\$\.word: its more than 250 choices have more than 15000 characters"):
        handle.as_tool("responses", strict=True)
