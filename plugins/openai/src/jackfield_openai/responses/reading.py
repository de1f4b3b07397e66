"""From what the service said of a response to the output of the module."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from jackfield import AnswerError, Context, Problem, RefusedError
from jackfield_openai.failures import response_error
from jackfield_openai.image_answer import keep_image
from jackfield_openai.json_result import parsed
from jackfield_openai.responses.answer import OutputItem, Response, record_response_usage
from jackfield_openai.responses.form import ResponseForm
from jackfield_openai.responses.options import JsonSchemaText
from jackfield_openai.responses.tools import ImageGenerationTool
from jackfield_openai.tools import JsonObjectFormat

__all__ = ["finished", "raise_if_failed"]

_ASKED_OF_THE_CALLER = frozenset({"function_call", "custom_tool_call", "mcp_approval_request"})
_CUT = "The response was cut at its token limit: raise max_output_tokens."
_PLACE = "$.output[].content[].text"


def finished(context: Context, form: ResponseForm, said: object) -> Response:
    """Read a response that is over.

    Raises:
        RemoteError: It failed, or somebody stopped it.
        AnswerError: It has another shape; or JSON was asked for, and there is none.
    """
    raise_if_failed(said)
    _raise_if_unfinished(said)
    answer = context.client.read(_with_images(context, said), into=Response)
    record_response_usage(context, answer, form.model, _image_model(form))
    _warn(context, answer)
    refusal = "".join(part.refusal for part in _parts(answer) if part.refusal is not None)
    return evolve(
        answer,
        result=_result(answer, form),
        refusal=refusal or None,
        tool_calls=[item for item in answer.output if item.type in _ASKED_OF_THE_CALLER],
    )


def raise_if_failed(said: object) -> None:
    """Raise what a response says of its own failure."""
    status = said.get("status") if isinstance(said, Mapping) else None
    if status not in ("failed", "cancelled"):
        return
    assert isinstance(said, Mapping)  # noqa: S101  it has a status
    name = str(said.get("id") or "")
    if status == "failed" or said.get("error"):
        raise response_error(said.get("error") or {}, name)
    message = f"The response {name} was cancelled at the service."
    raise RefusedError(message, status=200, code="cancelled", hint="Ask again if it is still wanted.")


def _raise_if_unfinished(said: object) -> None:
    """Raise if there will be more of a response, and nobody can ask for it."""
    status = said.get("status") if isinstance(said, Mapping) else None
    if status in ("queued", "in_progress"):
        message = f"The response is not finished ({status}), and the service gave no id by which to ask for it."
        problem = Problem(path="$.id", rule="required", message="must be there as long as a response is not finished")
        raise AnswerError(message, problems=[problem], hint="Run it again, without background.")


def _with_images(context: Context, said: object) -> object:
    """Give the same with each image that was made as a file."""
    if not isinstance(said, Mapping) or not isinstance(said.get("output"), list):
        return said
    output = [_with_file(context, item, index) for index, item in enumerate(said["output"])]
    return {**said, "output": output}


def _with_file(context: Context, item: Any, index: int) -> object:
    if not isinstance(item, Mapping) or item.get("type") != "image_generation_call":
        return item
    encoded = item.get("result")
    if not isinstance(encoded, str) or not encoded:
        return item
    file = keep_image(context, encoded, f"output[{index}].result", f"image-{index + 1}")
    return {**{name: value for name, value in item.items() if name != "result"}, "file": file}


def _parts(answer: Response) -> Iterator[Any]:
    for item in answer.output:
        if item.type == "message":
            yield from item.content or ()


def _result(answer: Response, form: ResponseForm) -> object:
    texts = [part.text for part in _parts(answer) if part.type == "output_text" and part.text is not None]
    as_json = form.text is not None and isinstance(form.text.format, JsonObjectFormat | JsonSchemaText)
    if not as_json:
        return "".join(texts) if texts else None
    if not texts and any(not _is_empty(item) for item in answer.output):
        return None
    return parsed("".join(texts), _PLACE, hint=_CUT if _reason(answer) == "max_output_tokens" else "")


def _is_empty(item: OutputItem) -> bool:
    """Tell whether an item says nothing: neither a call nor a refusal."""
    return item.type == "reasoning" or (item.type == "message" and not any(part.refusal for part in item.content or ()))


def _reason(answer: Response) -> object:
    return (answer.incomplete_details or {}).get("reason")


def _warn(context: Context, answer: Response) -> None:
    if not answer.status and not answer.output:
        context.warn("The service says neither what became of the response, nor anything that was made.")
    elif answer.status not in {"completed", "incomplete", None}:
        context.warn(f"The service calls the response {answer.status!r}, which may mean that it is not whole.")
    if answer.status == "incomplete":
        reason = _reason(answer)
        hint = f" {_CUT}" if reason == "max_output_tokens" else ""
        context.warn(f"The response is incomplete ({reason or 'the service does not say why'}).{hint}")
    if any(part.refusal for part in _parts(answer)):
        context.warn("The model refused; its words are in refusal.")


def _image_model(form: ResponseForm) -> str:
    return next((tool.model or "" for tool in form.tools or () if isinstance(tool, ImageGenerationTool)), "")
