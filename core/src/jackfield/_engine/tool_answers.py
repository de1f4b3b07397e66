"""What a language model gets to read of a run, and of what went wrong."""

import json

from jackfield.errors import JackfieldError
from jackfield.kinds import Kind
from jackfield.operations import Result


def answer_text(kind: Kind, result: "Result[object]", most: int) -> str:
    """Give a result as JSON: the bundle, or ``{"bundles": [...]}`` of a search; if it is too long, its beginning.

    Args:
        kind: Of the module.
        result: What it gave.
        most: How many characters there may be, quotes and the note included; the note alone may be longer.
    """
    several = kind in (Kind.SEARCH, Kind.TRIGGER)
    text = json.dumps({"bundles": list(result.bundles)} if several else result.bundle, ensure_ascii=False)
    if len(text) <= most:
        return text
    note = f"The answer has {len(text)} characters; the limit max_answer_chars is {most}."
    begins = text[:most]
    while len(found := json.dumps({"note": note, "begins": begins}, ensure_ascii=False)) > most and begins:
        begins = begins[: len(begins) - (len(found) - most)] if len(found) - most < len(begins) else ""
    return found


def error_text(error: JackfieldError) -> str:
    """Give an error as JSON: what it is, each problem by its place, and what to do about it."""
    told: dict[str, object] = {"type": type(error).__name__, "message": error.message}
    problems = getattr(error, "problems", ())
    if problems:
        told["problems"] = [{"path": problem.path, "message": problem.message} for problem in problems]
    if error.hint:
        told["hint"] = error.hint
    return json.dumps({"error": told}, ensure_ascii=False)
