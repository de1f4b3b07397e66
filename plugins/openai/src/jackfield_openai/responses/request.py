"""From the form of a response to what is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from jackfield import Context, Effect, File, Problem, Usage
from jackfield_openai.attachments import Envelope
from jackfield_openai.foresight import most_input
from jackfield_openai.model_rules import RESPONSES, apply_model_rules
from jackfield_openai.parameters import extra_problems, parameters_of
from jackfield_openai.responses.form import ResponseForm
from jackfield_openai.responses.items import InputFile, InputImage, Item
from jackfield_openai.responses.tools import McpTool

__all__ = ["body_of", "effect_of", "foresee_response", "problems_of"]

_OURS = frozenset(
    {"extra", "input", "model_rules", "other_tools", "poll_interval_s", "prompt", "stream_options", "tools"}
)
"""Fields that do not stand in every body as they are."""
_MESSAGE = (None, "message")
"""The types of a message."""
_HARMLESS = frozenset(
    {"code_interpreter", "custom", "file_search", "function", "image_generation", "web_search", "web_search_2025_08_26"}
)
"""Tools that leave nothing behind which anybody else would see."""
_READ_BESIDE = frozenset({"code_interpreter", "file_search", "image_generation", "mcp", "web_search"})


def problems_of(form: ResponseForm) -> Sequence[Problem]:
    """Find what fields say only together."""
    found = extra_problems(form)
    if form.conversation is not None and form.previous_response_id is not None:
        message = "is given beside conversation, and a response goes on from one of them"
        found.append(Problem(path="$.previous_response_id", rule="one_of", message=message))
    for index, item in enumerate(() if isinstance(form.input, str) else form.input):
        missing = [name for name in ("role", "content") if item.type in _MESSAGE and getattr(item, name) is None]
        message = "is required of a message; give the type of what else it is"
        found += [Problem(path=f"$.input[{index}].{name}", rule="required", message=message) for name in missing]
    return found


def effect_of(form: ResponseForm) -> Effect:
    """Say what a repeat leaves behind: the service keeps every response unless it is told not to.

    A saved prompt may bring tools of its own, and a tool that OpenAI does not run alone may do anything.
    """
    tools = [tool.type for tool in form.tools or ()]
    keeps = form.store is not False or form.background or form.conversation is not None
    acts = form.prompt is not None or form.other_tools or not _HARMLESS.issuperset(tools)
    return Effect.UNSAFE if keeps or acts else Effect.READ


def foresee_response(form: ResponseForm) -> Usage:
    """Say what a response can use, where nothing is read but what the form itself says."""
    reads_more = (form.previous_response_id or form.conversation or form.prompt or form.other_tools) is not None or any(
        tool.type.startswith(tuple(_READ_BESIDE)) for tool in form.tools or ()
    )
    return Usage(
        model=form.model,
        input_tokens=None if reads_more or not _is_text(form.input) else most_input(form),
        output_tokens=form.max_output_tokens,
    )


def _is_text(given: str | Sequence[Item]) -> bool:
    if isinstance(given, str):
        return True
    texts = all(
        not isinstance(part, InputImage | InputFile)
        for item in given
        if item.content is not None and not isinstance(item.content, str)
        for part in item.content
    )
    # What a tool answered may hold images, and an item may stand for another one.
    return texts and all(item.type in _MESSAGE for item in given)


def body_of(form: ResponseForm, context: Context) -> dict[str, Any]:
    """Give what is sent, but for what makes it a stream.

    Raises:
        InvalidInputError: The model is known to refuse something of it, and the form says ``strict``.
        LimitError: The files are larger than the connection's ``max_attached_bytes``.
        FileError: One cannot be read.
    """
    envelope = Envelope.of(context)
    body = {**parameters_of(form, without=_OURS), "input": _put_in(form.input, envelope)}
    if form.prompt is not None:
        variables = {name: _part(value, envelope) for name, value in (form.prompt.variables or {}).items()}
        body["prompt"] = evolve(form.prompt, variables=variables) if variables else form.prompt
    if form.tools is not None or form.other_tools is not None:
        body["tools"] = [*(_tool(tool, context) for tool in form.tools or ()), *(form.other_tools or ())]
    body |= form.extra or {}
    apply_model_rules(context, form, {**body, **_inside(form)}, {}, RESPONSES)
    return body


def _inside(form: ResponseForm) -> Mapping[str, object]:
    """Give, by its path, what stands inside a parameter and has rules."""
    return {
        "reasoning.effort": form.reasoning.effort if form.reasoning else None,
        "text.verbosity": form.text.verbosity if form.text else None,
    }


def _put_in(given: str | Sequence[Item], envelope: Envelope) -> object:
    if isinstance(given, str):
        return given
    return [
        item
        if item.content is None or isinstance(item.content, str)
        else evolve(item, content=[_part(part, envelope) for part in item.content])
        for item in given
    ]


def _part(part: Any, envelope: Envelope) -> Any:
    """Give a part as it is sent: its file as text."""
    if isinstance(part, InputImage) and isinstance(part.image_url, File):
        return evolve(part, image_url=envelope.data_url(part.image_url))
    if isinstance(part, InputFile) and isinstance(part.file_data, File):
        file = part.file_data
        return evolve(part, file_data=envelope.data_url(file), filename=part.filename or file.name)
    return part


def _tool(tool: object, context: Context) -> object:
    """Give a tool as it is sent: its secrets as text, since the service is to use them."""
    if not isinstance(tool, McpTool):
        return tool
    secrets: dict[str, object] = {}
    if tool.authorization is not None:
        secrets["authorization"] = tool.authorization.reveal()
    if tool.headers is not None:
        secrets["headers"] = {name: value.reveal() for name, value in tool.headers.items()}
    written = context.client.write(evolve(tool, authorization=None, headers=None))
    assert isinstance(written, dict)  # noqa: S101  what an attrs class is in JSON
    return {**written, **secrets}
