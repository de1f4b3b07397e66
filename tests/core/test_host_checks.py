"""Looking whether a run would take an input, and what its connection takes, without running anything."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import attrs
import pytest
from attrs import frozen

from jackfield import (
    AnyModule,
    Connection,
    Context,
    Effect,
    File,
    Form,
    Host,
    Integer,
    InvalidInputError,
    PluginError,
    Problem,
    Upload,
    hookimpl,
    module,
)
from weather import MODULES


@frozen(kw_only=True)
class Span:
    """From here to there."""

    first: Annotated[int, Integer(label="First", minimum=0)]
    last: Annotated[int | None, Integer(label="Last")] = None
    file: Annotated[File | None, Upload(label="File")] = None


def validate(form: Span) -> Sequence[Problem]:
    """Refuse what ends before it begins; fail at one number."""
    if form.first == 13:
        raise RuntimeError
    if form.last is not None and form.last < form.first:
        return [Problem(path="$.last", rule="order", message="must not be less than first")]
    return []


@module(label="Count", effect=Effect.READ, validate=validate)
def count(form: Span, context: Context) -> Span:
    """Count."""
    raise AssertionError


class Leaving:
    """Leaves a field out."""

    @hookimpl
    def module_fields(
        self, module: AnyModule, module_id: str, values: Mapping[str, object], connection: Connection | None
    ) -> Form | None:
        """Leave it out of one module."""
        return module.form.without("last") if values.get("first") == 7 else None


@pytest.mark.parametrize(
    ("form", "paths"),
    [
        ({"first": 1, "last": 2}, []),
        (Span(first=1), []),
        ({"first": -1, "lst": 2}, ["$.first", "$.lst"]),
        ({"first": 3, "last": 2}, ["$.last"]),
        (Span(first=3, last=2), ["$.last"]),
        ({"first": 7, "last": 8}, ["$.last"]),
        ({"first": 1, "file": {"path": "/etc/hosts"}}, ["$.file.path"]),
        ("text", ["$"]),
    ],
    ids=["good", "good-class", "fields", "whole", "whole-class", "left-out", "file", "no-form"],
)
def test_an_input_is_looked_at_without_a_run(form: object, paths: list[str]) -> None:
    """By all that can be told before anything is sent: fields, the whole, files, and what a plugin leaves out."""
    with Host(plugins=[Leaving()], modules={"own.count": count}, discover=False, environ={}) as host:
        found: list[str] = []
        try:
            host.module("own.count").check(form)
        except InvalidInputError as error:
            found = [problem.path for problem in error.problems]

    assert found == paths


def test_a_check_that_fails_by_itself_is_a_defect() -> None:
    """Of whoever wrote it, as in a run."""
    with Host(modules={"own.count": count}, discover=False, environ={}) as host, pytest.raises(PluginError) as caught:
        host.module(count).check({"first": 13})

    assert "RuntimeError at test_host_checks.py" in caught.value.message


def test_a_kept_input_is_brought_to_date_before_it_is_looked_at() -> None:
    """As when it is run."""
    with Host(modules={"own.count": count}, discover=False, environ={}) as host:
        handle = host.module("own.count")
        handle.check(handle.saved({"first": 1}))
        with pytest.raises(InvalidInputError):
            handle.check(attrs.asdict(Span(first=1)) | {"other": 1})


def test_a_module_tells_what_its_connection_takes() -> None:
    """Also one that was given in code, which no connector registers; nothing for one that needs none."""
    with Host(modules={**MODULES, "own.count": count}, discover=False, environ={}) as host:
        schema = host.module("weather.get_weather").connection_schema()

        assert schema is not None
        assert schema["properties"]["api_key"]["writeOnly"] is True
        assert host.module("own.count").connection_schema() is None
