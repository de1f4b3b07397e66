"""What the demo runs: one step for each thing that the modules can do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield import File, Result
from jackfield_openai.sandbox.pictures import as_file, draw

__all__ = ["Step", "steps_for"]

_CHAT = "openai.create_chat_completion"
_COMPLETION = "openai.create_completion"
_IMAGES = "openai.generate_images"
_FREE = frozenset({"openai.create_custom_api_call", "openai.get_models"})
"""What asks no model, so that the service charges nothing."""

_LISTED = {True: "/v1/models", False: "/v1/files"}
"""What the custom call lists: models are at every service, files have pages."""

_BUSY_TWICE = "status=429; code=rate_limit_exceeded; retry-after-ms=100; times=2"


@frozen(kw_only=True)
class Step:
    """One run of a module.

    Attributes:
        module: Its id.
        form: Its input.
        shown: Says in words what came back.
        streamed: Whether the answer is taken in pieces.
        headers: What the connection sends besides; for the stand-in, which takes its orders there.
    """

    module: str
    form: Mapping[str, object]
    shown: Callable[[Result[Any], int], str]
    streamed: bool = False
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def chats(self) -> bool:
        """Whether a model is asked for words."""
        return self.module not in _FREE and not self.draws

    @property
    def draws(self) -> bool:
        """Whether a model is asked for images."""
        return self.module == _IMAGES


def steps_for(model: str, image_model: str, *, live: bool) -> Sequence[Step]:
    """Give the steps in order.

    Args:
        model: Which model chats.
        image_model: Which model makes images; empty if there is none.
        live: Whether a real service answers, which is not asked to fail.
    """
    fox = {"type": "generate", "prompt": "A red fox in the snow"}
    steps = [
        Step(module="openai.get_models", form={"action": "list", "limit": 5}, shown=_models),
        Step(module=_CHAT, form=_chat(model, "Say hello in five words."), shown=_text),
        Step(module=_CHAT, form=_chat(model, "Count from one to five."), shown=_pieces, streamed=True),
        Step(module=_CHAT, form=_chat(model, "Invent a city.", response_format=_CITY), shown=_value),
        Step(
            module=_CHAT,
            form=_chat(model, "What is the weather in Oslo? Use the tool.", tools=[_WEATHER]),
            shown=_calls,
        ),
        Step(module=_COMPLETION, form={"model": model, "prompt": "Say hello in five words."}, shown=_text),
        Step(module="openai.create_edit", form={"model": model, **_EDIT}, shown=_text),
        *(
            [Step(module=_IMAGES, form={"model": image_model, "method": fox, **_SMALL}, shown=_images)]
            * bool(image_model)
        ),
        Step(module="openai.create_custom_api_call", form={"url": _LISTED[live], "limit": 12}, shown=_records),
    ]
    return steps if live else [*steps, *_only_here(model, image_model)]


def _only_here(model: str, image_model: str) -> Sequence[Step]:
    """Give the steps that cost more, or that OpenAI itself would not take: closed endpoints, failures on request."""
    completion = {"model": model, "prompt": "Say hello", "endpoint": "completions"}
    picture = File.from_bytes(as_file(draw("demo", ["A hill"], (256, 256)), "png"), name="hill.png")
    edit = {"type": "edit", "prompt": "Add a lighthouse", "images": [picture, picture]}
    like_it = {"type": "variation", "image": picture}
    return [
        Step(
            module=_IMAGES,
            form={"model": image_model, "method": edit, "partial_images": 2},
            shown=_images,
            streamed=True,
        ),
        Step(
            module=_IMAGES,
            form={"model": image_model, "method": like_it, "n": 2, "response_format": "b64_json"},
            shown=_images,
        ),
        Step(module=_COMPLETION, form=completion, shown=_pieces, streamed=True),
        Step(module="openai.create_edit", form={"model": model, **_EDIT, "endpoint": "edits"}, shown=_text),
        Step(
            module=_CHAT,
            form=_chat(model, "Are you busy?"),
            shown=_attempts,
            headers={"x-sandbox": _BUSY_TWICE},
        ),
    ]


def _chat(model: str, said: str, **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": said}], **more}


_EDIT = {"input": "What day of the wek is it?", "instruction": "Fix the spelling mistakes."}
_CITY = {
    "type": "json_schema",
    "json_schema": {
        "name": "city",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "Its name"},
                "people": {"type": "integer", "description": "How many live there"},
            },
            "required": ["name", "people"],
            "additionalProperties": False,
        },
    },
}
_WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Oslo"]}},
            "required": ["city"],
        },
    },
}


_SMALL = {"size": "1024x1024", "quality": "low"}


def _models(result: Result[Any], _pieces_seen: int) -> str:
    names = [str(bundle["id"]) for bundle in result.bundles]
    return f"{len(names)} models: {', '.join(names)}"


def _text(result: Result[Any], _pieces_seen: int) -> str:
    return str(result.bundle.get("result", ""))


def _pieces(result: Result[Any], pieces_seen: int) -> str:
    return f"{pieces_seen} pieces: {_text(result, 0)}"


def _value(result: Result[Any], _pieces_seen: int) -> str:
    value: Any = result.bundle.get("result")
    return ", ".join(f"{key}={item}" for key, item in value.items()) if isinstance(value, Mapping) else str(value)


def _calls(result: Result[Any], _pieces_seen: int) -> str:
    calls = result.output.choices[0].message.tool_calls or []
    asked = [f"{call.function.name}({call.function.arguments})" for call in calls if call.function]
    return f"calls {', '.join(asked)}" if asked else _text(result, 0)


def _records(result: Result[Any], _pieces_seen: int) -> str:
    answer = result.output
    pages = f"{result.attempts} page{'s' if result.attempts != 1 else ''}"
    return f"{answer.status_code}: {len(answer.body['data'])} records from {pages}"


def _images(result: Result[Any], pieces_seen: int) -> str:
    names = [image.file.name for image in result.output.data if image.file]
    shown = (
        f"{pieces_seen} pieces, the last of them " if pieces_seen else f"{len(names)} image{'s' * (len(names) > 1)}: "
    )
    return shown + ", ".join(names)


def _attempts(result: Result[Any], _pieces_seen: int) -> str:
    return f"busy {result.attempts - 1} times, then: {_text(result, 0)}"
