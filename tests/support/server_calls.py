"""What every server that others wrote is asked for: by a module of ours, and by OpenAI's own SDK."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from compatible_server import Server
from newer_server_calls import NEWER
from PIL import Image
from server_call import Call, Form, Good, Theirs, never, says

from jackfield import File, Result

__all__ = ["CALLS", "Call"]

HELLO = {"messages": [{"role": "user", "content": "Hello"}]}
JSON_MODE = {
    "messages": [{"role": "user", "content": "Give me JSON."}],
    "response_format": {"type": "json_object"},
}
LOOK = {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}
TOOLS = {**HELLO, "tools": [{"type": "function", "function": LOOK}], "tool_choice": "required"}
EMBED = {"model": "text-embedding-3-small", "input": "x"}
FOX = {"type": "generate", "prompt": "A fox"}
TWO = {"n": 2, "size": "1024x1024"}


def _calls_look(result: Result[Any]) -> bool:
    calls = result.output.choices[0].message.tool_calls or ()
    return [call.function.name for call in calls] == ["look"]


def _gives_json(result: Result[Any]) -> bool:
    return isinstance(result.output.result, dict)


def _draws(result: Result[Any]) -> bool:
    return all(image.file.read() for image in result.output.data)


def _lists(result: Result[Any]) -> bool:
    return all(bundle["id"] and bundle["object"] == "model" for bundle in result.bundles) and bool(result.bundles)


def _embeds(result: Result[Any]) -> bool:
    return bool(result.output.body["data"][0]["embedding"])


def _chat(title: str, more: Form = HELLO, good: Good = says, *, streams: bool = False, **other: Any) -> Call:
    def theirs(client: Any, server: Server) -> object:
        return client.chat.completions.create(model=server.chat, stream=streams, **more)

    form = lambda server: {"model": server.chat, **more}  # noqa: E731
    return Call(
        title=title,
        module="create_chat_completion",
        form=form,
        theirs=theirs,
        good=good,
        streams=streams,
        **other,
    )


def _failing(title: str, how: str, ends: str) -> Call:
    def form(server: Server) -> Form:
        return {"model": server.fails[how].get("model", server.chat), **HELLO}

    def theirs(client: Any, server: Server) -> object:
        return client.chat.completions.create(**form(server), extra_headers=server.fails[how].get("headers"))

    return Call(
        title=title, module="create_chat_completion", form=form, theirs=theirs, good=never, ends=ends, fails=how
    )


def _completion(title: str, *, streams: bool = False) -> Call:
    return Call(
        title=title,
        module="create_completion",
        form=lambda server: {"model": server.legacy, "prompt": "Hello", "endpoint": "completions"},
        theirs=lambda client, server: client.completions.create(model=server.legacy, prompt="Hello", stream=streams),
        good=says,
        streams=streams,
    )


def _picture() -> bytes:
    with io.BytesIO() as file:
        Image.new("RGBA", (64, 64)).save(file, "PNG")
        return file.getvalue()


PNG = _picture()


def _file() -> File:
    return File.from_bytes(PNG, name="fox.png", media_type="image/png")


def _edit_of(title: str, count: int) -> Call:
    parts = [("fox.png", PNG, "image/png")] * count
    return Call(
        title=title,
        module="generate_images",
        form=lambda server: {
            "model": server.image,
            "method": {"type": "edit", "prompt": "A hat", "images": [_file() for _ in parts]},
        },
        theirs=lambda client, server: client.images.edit(
            model=server.image, prompt="A hat", image=parts if count > 1 else parts[0]
        ),
        good=_draws,
    )


def _generate(title: str, more: Form, *, streams: bool = False) -> Call:
    return Call(
        title=title,
        module="generate_images",
        form=lambda server: {"model": server.image, "method": FOX, **more},
        theirs=lambda client, server: client.images.generate(
            model=server.image, prompt="A fox", stream=streams, **more
        ),
        good=_draws,
        streams=streams,
    )


def _variation(client: Any, _: Server) -> object:
    return client.images.create_variation(model="dall-e-2", image=("fox.png", PNG, "image/png"))


def _custom(title: str, form: Form, theirs: Theirs, good: Good, ends: str = "answers") -> Call:
    return Call(title=title, module="create_custom_api_call", form=lambda _: form, theirs=theirs, good=good, ends=ends)


CALLS: Mapping[str, Call] = {
    "chat": _chat("a chat"),
    "chat_streamed": _chat("a streamed chat", streams=True),
    "chat_tools": _chat("a chat that calls a tool", TOOLS, _calls_look),
    "chat_tools_streamed": _chat("a streamed chat that calls a tool", TOOLS, _calls_look, streams=True),
    "chat_json": _chat("a chat in JSON mode", JSON_MODE, _gives_json),
    "completion_by_chat": Call(
        title="a completion by way of a chat",
        module="create_completion",
        form=lambda server: {"model": server.chat, "prompt": "Hello"},
        theirs=None,
        good=says,
    ),
    "completion": _completion("a completion by /completions"),
    "completion_streamed": _completion("a streamed completion by /completions", streams=True),
    "edit": Call(
        title="an edit by way of a chat",
        module="create_edit",
        form=lambda server: {"model": server.chat, "input": "Helo", "instruction": "Correct it"},
        theirs=None,
        good=says,
    ),
    "edit_old": Call(
        title="an edit by /edits, which OpenAI has closed",
        module="create_edit",
        form=lambda server: {
            "model": server.chat,
            "input": "Helo",
            "instruction": "Correct it",
            "endpoint": "edits",
        },
        theirs=lambda client, server: client.post(
            "/edits", cast_to=object, body={"model": server.chat, "input": "Helo", "instruction": "Correct it"}
        ),
        good=never,
        ends="NotFoundError",
    ),
    "image": _generate("an image", {}),
    "two_images": _generate("two images", TWO),
    "image_streamed": _generate("a streamed image", {}, streams=True),
    "image_edit": _edit_of("an edited image", 1),
    "images_edit": _edit_of("an image made of two", 2),
    "image_variation": Call(
        title="a variation of an image, which OpenAI has closed",
        module="generate_images",
        form=lambda _: {"model": "dall-e-2", "method": {"type": "variation", "image": _file()}},
        theirs=_variation,
        good=never,
        ends="NotFoundError",
    ),
    "models": Call(
        title="the list of models",
        module="get_models",
        form=lambda _: {},
        theirs=lambda client, _: client.models.list(),
        good=_lists,
    ),
    "model": Call(
        title="one model",
        module="get_models",
        form=lambda server: {"action": "retrieve", "model": server.chat},
        theirs=lambda client, server: client.models.retrieve(server.chat),
        good=_lists,
    ),
    "no_such_model": Call(
        title="one model that is not there",
        module="get_models",
        form=lambda _: {"action": "retrieve", "model": "no-such-model"},
        theirs=lambda client, _: client.models.retrieve("no-such-model"),
        good=never,
        ends="NotFoundError",
    ),
    **NEWER,
    "custom_call": _custom(
        "a custom call (embeddings)",
        {"url": "/embeddings", "method": "POST", "body": EMBED},
        lambda client, _: client.post("/embeddings", cast_to=object, body=EMBED),
        _embeds,
    ),
    "custom_call_nowhere": _custom(
        "a custom call to no such path",
        {"url": "/nowhere", "method": "GET"},
        lambda client, _: client.get("/nowhere", cast_to=object),
        never,
        "NotFoundError",
    ),
    "refused": _failing("a refused request", "refused", "RefusedError"),
    "limited": _failing("a rate limit", "limited", "BusyError"),
    "busy": _failing("a failure of the service", "busy", "BusyError"),
    "wrong_key": _chat("a wrong key", good=never, ends="CredentialsError", key="sk-wrong"),
    "no_key": _chat("no key", good=never, ends="CredentialsError", key=""),
}


def pieces_of(module: str, pieces: Sequence[Any]) -> bool:
    """Tell whether the pieces of a stream hold anything."""
    if module == "generate_images":
        return all(piece.file.read() for piece in pieces)
    if module == "generate_speech":
        return any(piece.audio for piece in pieces)
    return any(piece.text or getattr(piece, "tool_calls", None) for piece in pieces)
