"""Rules about schemas and examples."""

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

from jackfield.errors import InvalidInputError, PluginError
from jackfield.testing._conformance.subject import Subject, not_checked


def validator_of(schema: Mapping[str, Any]) -> Any:
    """Give what validates by a schema.

    Raises:
        NotCheckedError: The library for it is not installed.
    """
    if importlib.util.find_spec("jsonschema") is None:
        not_checked("jsonschema is not installed: pip install 'jackfield[testing]'")
    import jsonschema  # noqa: PLC0415  an extra

    return jsonschema.Draft202012Validator(schema)


def valid(subject: Subject) -> Iterator[str]:
    """Form and output have a JSON Schema, and it is one."""
    for name, make in (("form", _form_schema), ("output", lambda s: s.handle.output_schema())):
        try:
            schema = make(subject)
        except PluginError as error:
            yield f"the {name} has no schema: {error.message}"
            continue
        validator = validator_of(schema)
        meta = type(validator)(validator.META_SCHEMA)
        yield from (
            f"the schema of the {name}: {found.json_path}: {found.message}" for found in meta.iter_errors(schema)
        )


def _form_schema(subject: Subject) -> Mapping[str, Any]:
    # Of the class, and not of what is shown: a wrong example, which JF302 tells, keeps the form from being shown.
    return subject.handle.schema_of(subject.handle.module.form)


def examples(subject: Subject) -> Iterator[str]:
    """What is shown as an example is accepted, by the form and by its schema."""
    try:
        subject.handle.form_for({})
    except PluginError as error:
        yield error.message
        return
    validator = validator_of(subject.handle.schema())
    given = [
        *([subject.case.least] if subject.case.least is not None else []),
        *(each.input for each in subject.case.answered),
    ]
    for number, values in enumerate(given or [subject.least]):
        try:
            subject.host.preview(subject.handle.id, values, connection=subject.connection)
        except InvalidInputError as error:
            yield from (f"input {number} is refused by the form: {problem}" for problem in error.problems)
        yield from (
            f"input {number} is refused by the schema: {found.json_path} breaks {found.validator}"
            for found in validator.iter_errors(values)
        )
