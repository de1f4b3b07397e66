"""What is said of a run, in the words of the conventions. None of it is content."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from opentelemetry.util.types import AttributeValue

from jackfield import Connection, GenAI, Operation, Result, Usage
from jackfield_otel.instruments import Attributes

_PARAMETERS: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "temperature": (int, float),
    "top_p": (int, float),
    "top_k": (int, float),
    "max_tokens": int,
    "frequency_penalty": (int, float),
    "presence_penalty": (int, float),
    "seed": int,
    "stop_sequences": (str, list, tuple),
    "choice.count": int,
    "encoding_formats": (str, list, tuple),
}
"""What stands after ``gen_ai.request.``, and what it may be: a form is somebody else's."""

_USAGE = {
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cached_tokens",
    "gen_ai.usage.cache_creation.input_tokens": "cache_write_tokens",
    "gen_ai.usage.reasoning.output_tokens": "reasoning_tokens",
}
_DIMENSIONS = "embeddings.dimension.count"
_LONGEST = 256
_PORTS = {"https": 443, "http": 80}


def genai_of(operation: Operation) -> GenAI | None:
    """Give what a module says of the model that it asks; ``None`` if it asks none."""
    return operation.module.genai if operation.module else None


def span_name(operation: Operation, genai: GenAI | None, model: str) -> str:
    """Name a run: ``chat gpt-6`` as the conventions have it, else ``jackfield github.create_issue``."""
    return f"{genai.operation} {model}".rstrip() if genai else f"jackfield {operation.module_id}"


def masked(words: Attributes, connection: Connection | None) -> Attributes:
    """Give words without the secrets of a connection, which a service may say back, and a user type anywhere."""
    if connection is None:
        return words
    mask = connection.redactor.mask
    return {name: _without(value, mask) for name, value in words.items()}


def _without(value: AttributeValue, mask: Callable[[str], str]) -> AttributeValue:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return [mask(item) if isinstance(item, str) else item for item in value]
    return value


def model_of(operation: Operation, genai: GenAI | None) -> str:
    """Give the model that a form names."""
    found = parameters_of(operation, genai).get("gen_ai.request.model") if genai else ""
    return str(masked({"": found}, operation.connection)[""]) if isinstance(found, str) else ""


def parameters_of(operation: Operation, genai: GenAI) -> Attributes:
    """Give what a form asks of a model, but for what it says to it; of a confidential run, nothing."""
    if operation.confidential:
        return {}
    found: Attributes = {}
    for field, name in {**genai.parameters, **{name: name for name in _PARAMETERS}}.items():
        value = getattr(operation.form, field, None)
        kind = int if name == _DIMENSIONS else _PARAMETERS.get(name, str)
        if value is None or not isinstance(value, kind) or isinstance(value, bool):
            continue
        found.setdefault(f"gen_ai.{name}" if name == _DIMENSIONS else f"gen_ai.request.{name}", _plain(name, value))
    if found.get("gen_ai.request.choice.count") == 1:
        del found["gen_ai.request.choice.count"]  # only where it is another number
    return found


def _plain(name: str, value: object) -> AttributeValue:
    if name in {"stop_sequences", "encoding_formats"}:
        return [value] if isinstance(value, str) else [str(item) for item in value]  # type: ignore[attr-defined]  # checked
    if isinstance(value, str):
        return value[:_LONGEST]  # whatever a caller writes where a name should stand
    return value  # type: ignore[return-value]  # checked by _PARAMETERS


def metric_words(operation: Operation, genai: GenAI | None, model: str) -> Attributes:
    """Give what runs are told apart by where they are measured: few different values."""
    said: Attributes = {"jackfield.module.id": operation.module_id}
    if genai:
        said |= {"gen_ai.operation.name": genai.operation, "gen_ai.provider.name": genai.provider}
        if model:
            said["gen_ai.request.model"] = model
    if operation.connection:
        said |= place_words(operation.connection.base_url)
    return masked(said, operation.connection)


def run_words(operation: Operation, genai: GenAI | None) -> Attributes:
    """Give what is known of a run before it begins."""
    said: Attributes = {"jackfield.operation.id": operation.id, "jackfield.effect": operation.effect.value}
    if operation.module:
        said["jackfield.kind"] = operation.module.kind.value
    if operation.connection and operation.connection.name:
        said["jackfield.connection"] = operation.connection.name
    if genai:
        said |= parameters_of(operation, genai)
        if genai.output_type:
            said["gen_ai.output.type"] = genai.output_type
        if operation.streaming:
            said["gen_ai.request.stream"] = True
    return masked(said, operation.connection)


def result_words(result: Result[object], genai: GenAI | None) -> Attributes:
    """Give what is known of a run when it is over."""
    said: Attributes = {"jackfield.attempts": result.attempts, "jackfield.bundles": len(result.bundles)}
    if result.request_id:
        said["jackfield.request_id"] = result.request_id
    if result.cost:
        said |= {"jackfield.cost.amount": float(result.cost.amount), "jackfield.cost.currency": result.cost.currency}
    if genai and len(result.outputs) == 1:
        answer_id = result.bundle.get("id")
        if isinstance(answer_id, str):
            said["gen_ai.response.id"] = answer_id
        if genai.finish_reasons:
            said["gen_ai.response.finish_reasons"] = [*genai.finish_reasons(result.output)]
    return said


def usage_words(used: tuple[Usage, ...], *, confidential: bool) -> Attributes:
    """Give what a run used, of all models together."""
    if not used:
        return {}
    total = sum(used[1:], used[0])
    counts = {name: getattr(total, count) for name, count in _USAGE.items()}
    model: Attributes = {"gen_ai.response.model": used[0].model} if used[0].model and not confidential else {}
    return {name: count for name, count in counts.items() if count is not None} | model


def place_words(url: str) -> Attributes:
    """Give where a service is; nothing if nobody may know."""
    parts = urlsplit(url)
    if not parts.hostname:
        return {}
    return {"server.address": parts.hostname, "server.port": parts.port or _PORTS.get(parts.scheme, 443)}
