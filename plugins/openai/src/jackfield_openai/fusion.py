"""How people who come from Workfront Fusion or Make know these modules, and what they bring from there.

Names and fields: exported blueprints of Make, 2023 to 2026, whose app is called ``openai-gpt-3`` there; where no export
of a module was seen, the label that Fusion's page gives it (read 2026-08).
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from jackfield import To, Translation, is_expression, pairs, wrapped

__all__ = [
    "CALL",
    "CHAT",
    "COMPLETION",
    "EDIT",
    "IMAGES",
    "MODELS",
    "MODERATION",
    "SPEECH",
    "TRANSCRIPTION",
    "TRANSLATION",
]

_IMAGE = ("imageInputType", "imageUrl", "imageFile", "imageDetail")


def _message(item: Mapping[str, Any]) -> Mapping[str, object]:
    """Give a message as the API has it: an image is a part of its content, and what is not said is the user's."""
    said = {key: value for key, value in item.items() if key not in _IMAGE or value not in (None, "", {})}
    said["role"] = said.get("role") or "user"
    if isinstance(said.get("tool_calls"), list):
        calls = said["tool_calls"]
        said["tool_calls"] = [{"type": "function", **call} if isinstance(call, Mapping) else call for call in calls]
    image = _image_of(said)
    if image is not None:
        text = [{"type": "text", "text": said["content"]}] if said.get("content") else []
        said["content"] = [*text, {"type": "image_url", "image_url": image}]
    return said


def _image_of(said: dict[str, Any]) -> Mapping[str, object] | None:
    """Take the image out of a message; a key that does not belong to it stays, to be told."""
    key = "imageFile" if said.pop("imageInputType", "") == "file" or "imageUrl" not in said else "imageUrl"
    if key not in said:
        return None
    given = said.pop(key)
    if isinstance(given, Mapping):
        data = given.get("imageData")
        # An expression stands for a file of the scenario; what is written out is the content itself, in base64.
        given = {"file" if is_expression(data) else "data": data, "name": given.get("imageFilename")}
    detail = said.pop("imageDetail", None)
    return {"url": given, **({"detail": detail} if detail else {})}


_TEXT = Translation(
    fields={
        "messages": To("messages", each=_message),
        "n_completions": To("n"),
        "logit_bias": To("logit_bias", rewrite=pairs("token", "probability")),
        "response_format": To("response_format", rewrite=wrapped("type")),
    },
    typed="additionalParameters",
    extra="extra",
    dates=("created",),
)

_COMPLETION = evolve(
    _TEXT,
    fields={
        **_TEXT.fields,
        "select": To("endpoint", values={"prompt": "auto"}),
        "tool_choice": To("extra.tool_choice"),
        "prediction": To("extra.prediction", rewrite=wrapped("content", type="content")),
    },
)
COMPLETION = {"openai-gpt-3:CreateCompletion": _COMPLETION, "openai-gpt-3:Create a Completion": _COMPLETION}

CHAT = {
    "openai-gpt-3:Create Chat Completion": evolve(
        _TEXT,
        fields={**_TEXT.fields, "prediction": To("prediction", rewrite=wrapped("content", type="content"))},
        output={"choices[].text": "choices[].message.content"},
    )
}

EDIT = {
    "openai-gpt-3:Create an Edit": evolve(_TEXT, fields={"n": To("limit"), "n_completions": To("limit")}),
}

_GENERATE = Translation(
    fields={name: To(f"method.{name}") for name in ("prompt", "style", "moderation")},
    always={"method.type": "generate"},
    typed="additionalParameters",
    extra="extra",
)
_EDIT_IMAGE = evolve(
    _GENERATE,
    fields={
        "prompt": To("method.prompt"),
        "input_fidelity": To("method.input_fidelity"),
        "image": To("method.images"),
        "mask": To("method.mask"),
    },
    always={"method.type": "edit"},
)
IMAGES = {
    "openai-gpt-3:GenerateImage": _GENERATE,
    "openai-gpt-3:Generate Images": _GENERATE,
    "openai-gpt-3:editImage": _EDIT_IMAGE,
    "openai-gpt-3:Edit image": _EDIT_IMAGE,
}

_HEAR = Translation(fields={"fileData": To("file.file"), "fileName": To("file.name")})
TRANSCRIPTION = {
    "openai-gpt-3:CreateTranscription": _HEAR,
    "openai-gpt-3:Create a Transcription": _HEAR,
}
TRANSLATION = {"openai-gpt-3:CreateTranslation": _HEAR, "openai-gpt-3:Create a Translation": _HEAR}
"""Fields as blueprints of 2024 to 2026 have them, read 2026-11-25."""

_SPEAK = Translation(fields={"outputFilename": To("file_name")})
SPEECH = {"openai-gpt-3:generateAnAudio": _SPEAK, "openai-gpt-3:Generate an Audio": _SPEAK}

MODERATION = {"openai-gpt-3:createModeration": Translation(), "openai-gpt-3:Create a Moderation": Translation()}

_API_CALL = Translation(fields={"qs": To("query")}, output={"statusCode": "status_code"})
CALL = {"openai-gpt-3:makeApiCall": _API_CALL, "openai-gpt-3:Create a Custom API Call": _API_CALL}

MODELS = {"openai-gpt-3:getModels": Translation(), "openai-gpt-3:Get Models": Translation()}
