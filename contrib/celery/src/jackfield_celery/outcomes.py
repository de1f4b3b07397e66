"""What goes into a task and comes out of it, as JSON."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from jackfield import Failure, InputError, InvalidInputError, LimitError, Money, Problem, Result, Usage, to_json
from jackfield_celery.failures import error_of

RUN = "jackfield.run"
RUN_MANY = "jackfield.run_many"
"""The names of the tasks."""


def result_to_json(result: Result[Any]) -> dict[str, Any]:
    """Give a result as the value of a task."""
    told: dict[str, Any] = {
        "bundles": [dict(bundle) for bundle in result.bundles],
        "request_id": result.request_id,
        "attempts": result.attempts,
        "warnings": list(result.warnings),
        "duration_s": result.duration_s,
        "used": [to_json(usage) for usage in result.used],
    }
    if result.cost is not None:
        told["cost"] = {"amount": str(result.cost.amount), "currency": result.cost.currency}
    return told


def read_outcome(told: Mapping[str, Any]) -> Result[Any] | Failure:
    """Read what a task gave: its outputs are the bundles, since classes do not travel."""
    if "error" in told:
        return Failure(error=error_of(told["error"]))
    bundles = tuple(told["bundles"])
    cost = told.get("cost")
    return Result(
        outputs=bundles,
        bundles=bundles,
        used=tuple(Usage(**used) for used in told["used"]),
        cost=Money(Decimal(cost["amount"]), cost["currency"]) if cost else None,
        request_id=told["request_id"],
        attempts=told["attempts"],
        warnings=tuple(told["warnings"]),
        duration_s=told["duration_s"],
    )


def fields_to_json(form: object, module_id: str) -> dict[str, Any]:
    """Give the input of a module as it is sent.

    Raises:
        InputError: It holds a secret, or something that has no place in JSON, or is no object.
    """
    try:
        fields = to_json(form) if attrs.has(type(form)) else form
        fields = json.loads(json.dumps(fields, allow_nan=False))
    except (TypeError, ValueError) as error:
        message = f"The input of {module_id} cannot be sent: {error}."
        raise InputError(message, hint="Give JSON values, and secrets by the name of a saved connection.") from None
    if not isinstance(fields, dict):
        raise InvalidInputError([Problem(path="$", rule="type", message="must be a JSON object")], subject=module_id)
    return fields


def check_connection(connection: object) -> None:
    """See that a connection is given by its name alone: values would lie in the queue for everybody to read.

    Raises:
        InvalidInputError: It is not.
    """
    if connection is not None and not isinstance(connection, str):
        problem = Problem(
            path="$.connection", rule="type", message="must be the name of a saved connection, not values"
        )
        hint = "jackfield connection add saves one where the workers run."
        raise InvalidInputError([problem], subject="a task", hint=hint)


def check_size(value: object, maximum: int, what: str) -> None:
    """See that something is not too large for a queue.

    Raises:
        LimitError: It is.
    """
    size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > maximum:
        message = f"{what} has {size} bytes of JSON; max_message_bytes is {maximum}."
        hint = "Give files by reference or URL, or raise CelerySettings(max_message_bytes=...)."
        raise LimitError(message, limit="max_message_bytes", maximum=maximum, hint=hint)


def check_no_secret(fields: Mapping[str, Any], schema: Mapping[str, Any], module_id: str) -> None:
    """See that no secret of a form is filled in.

    Raises:
        InvalidInputError: One is.
    """
    paths = sorted(set(_secrets(fields, schema, schema.get("$defs", {}), "$")))
    problems = [Problem(path=path, rule="secret", message="is a secret, and would lie in the queue") for path in paths]
    if problems:
        hint = "Keep it in a connection where the workers run, or run the module without a queue."
        raise InvalidInputError(problems, subject=module_id, hint=hint)


def _secrets(value: Any, schema: Any, known: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    if schema.get("writeOnly") and value:
        yield path
    if "$ref" in schema:
        yield from _secrets(value, known.get(schema["$ref"].rpartition("/")[2]), known, path)
    for key in ("allOf", "anyOf", "oneOf"):
        for option in schema.get(key, ()):
            yield from _secrets(value, option, known, path)
    if isinstance(value, Mapping):
        named = schema.get("properties", {})
        for name, item in value.items():
            yield from _secrets(item, named.get(name, schema.get("additionalProperties")), known, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secrets(item, schema.get("items"), known, f"{path}[{index}]")
