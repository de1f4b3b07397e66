"""The official SDK of OpenAI against the stand-in: what the SDK can read, and how it takes what is refused."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

HELLO: Any = [{"role": "user", "content": "Good morning to you"}]
WEATHER: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def test_a_chat(sdk: Callable[..., Any]) -> None:
    """The answer has everything that the SDK has a name for."""
    answer = sdk().chat.completions.create(model="m", messages=HELLO, temperature=0, seed=1)

    assert answer.choices[0].message.content == "I heard: Good morning to you"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id.startswith("req_")  # noqa: SLF001  the SDK's own name for it


def test_a_chat_in_pieces(sdk: Callable[..., Any]) -> None:
    """The pieces are the whole, and the last has the usage."""
    stream = sdk().chat.completions.create(
        model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [*stream]

    said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(said) == "I heard: Good morning to you"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0


def test_the_helper_for_streams_puts_the_whole_together(sdk: Callable[..., Any]) -> None:
    """It is strict about the order and the kinds of chunks."""
    with sdk().chat.completions.stream(model="m", messages=HELLO) as stream:
        for _event in stream:
            pass
        whole = stream.get_final_completion()

    assert whole.choices[0].message.content == "I heard: Good morning to you"


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "in pieces"])
def test_tools(sdk: Callable[..., Any], *, streaming: bool) -> None:
    """A tool is called with arguments that are JSON, and its answer is taken."""
    client = sdk()
    asked = {"model": "m", "messages": HELLO, "tools": [WEATHER], "tool_choice": "required"}
    if streaming:
        with client.chat.completions.stream(**asked) as stream:
            message = stream.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(**asked).choices[0].message

    (call,) = message.tool_calls
    assert call.function.name == "get_weather"
    json.loads(call.function.arguments)
    replied = [
        *HELLO,
        message.model_dump(exclude_none=True, exclude={"tool_calls": {"__all__": {"function": {"parsed_arguments"}}}}),
        {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"},
    ]
    if not streaming:
        assert client.chat.completions.create(model="m", messages=replied).choices[0].finish_reason == "stop"


def test_an_answer_by_a_schema(sdk: Callable[..., Any]) -> None:
    """The SDK parses it as the class that it made the schema from."""
    pydantic: Any = pytest.importorskip("pydantic")
    city = pydantic.create_model("City", name=(str, ...), inhabitants=(int, ...))

    answer = sdk().chat.completions.parse(model="m", messages=HELLO, response_format=city)

    assert isinstance(answer.choices[0].message.parsed, city)


def test_a_completion(sdk: Callable[..., Any]) -> None:
    """The old endpoint, whole."""
    answer = sdk().completions.create(model="davinci-002", prompt="Once", max_tokens=5, logprobs=1, echo=True)

    assert answer.choices[0].text.startswith("Once")
    assert len(answer.choices[0].logprobs.tokens) == len(answer.choices[0].logprobs.token_logprobs)
    assert answer.usage.total_tokens > 0


def test_a_completion_in_pieces(sdk: Callable[..., Any]) -> None:
    """The old endpoint, as it comes."""
    client = sdk()
    whole = client.completions.create(model="davinci-002", prompt="Once")
    pieces = [*client.completions.create(model="davinci-002", prompt="Once", stream=True)]

    assert "".join(piece.choices[0].text for piece in pieces if piece.choices) == whole.choices[0].text
    assert len(pieces) > 1


def test_models(sdk: Callable[..., Any]) -> None:
    """The list, one of them, and one that is not there."""
    client = sdk()
    found = [*client.models.list()]

    assert client.models.retrieve(found[0].id) == found[0]
    with pytest.raises(openai.NotFoundError) as missing:
        client.models.retrieve("no-such-model")
    assert missing.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("orders", "error", "code"),
    [
        ("code=unsupported_parameter; param=top_p", "BadRequestError", "unsupported_parameter"),
        ("status=401; code=invalid_api_key", "AuthenticationError", "invalid_api_key"),
        ("status=403; code=unsupported_country_region_territory", "PermissionDeniedError", None),
        ("status=404; code=model_not_found", "NotFoundError", "model_not_found"),
        ("status=409", "ConflictError", None),
        ("status=422", "UnprocessableEntityError", None),
        ("code=insufficient_quota", "RateLimitError", "insufficient_quota"),
        ("status=503", "InternalServerError", None),
    ],
)
def test_errors(sdk: Callable[..., Any], orders: str, error: str, code: str | None) -> None:
    """Each is the class that the SDK has for it, with the code and the parameter of the body."""
    with pytest.raises(getattr(openai, error)) as caught:
        sdk(orders).chat.completions.create(model="m", messages=HELLO)

    assert code in (None, caught.value.code)
    assert caught.value.request_id.startswith("req_")


def test_a_wrong_key(sdk: Callable[..., Any]) -> None:
    """One is always wrong, to try it."""
    with pytest.raises(openai.AuthenticationError):
        sdk(api_key="sk-wrong").models.list()


def test_a_busy_service_is_asked_again(sdk: Callable[..., Any]) -> None:
    """The SDK reads the stand-in's headers as it reads OpenAI's."""
    client = sdk("status=429; retry-after-ms=1; times=1; tag=sdk", max_retries=1)

    assert client.chat.completions.create(model="m", messages=HELLO).choices


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("chat", {"temperature": 3}),
        ("chat", {"extra_body": {"temprature": 1}}),
        ("chat", {"messages": []}),
        ("completions", {"best_of": 21}),
        ("completions", {"extra_body": {"messages": HELLO}}),
    ],
)
def test_what_openai_refuses_is_refused(sdk: Callable[..., Any], method: str, wrong: dict[str, Any]) -> None:
    """Bounds and unknown names."""
    client = sdk()
    create = client.chat.completions.create if method == "chat" else client.completions.create
    asked = {"model": "m", **({"messages": HELLO} if method == "chat" else {"prompt": "p"}), **wrong}

    with pytest.raises(openai.BadRequestError):
        create(**asked)
