"""How another product's fields of a module become ours: data, so that one reader serves every module.

People who come from Fusion or Make bring blueprints, in which each module has a *mapper*: names and values, numbers
as text. A module declares under which names they know it, and what is called otherwise there:

```python
@module(
    label="Create a Post",
    aliases={"blog:createPost": Translation(fields={"headline": To("title"), "tags": To("labels", each=tag)})},
)
```

What has the same name needs no word: its value is read as the field needs it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from jackfield.errors import InvalidInputError, Problem

__all__ = ["To", "Translated", "Translation", "is_expression", "pairs", "wrapped"]

Rewrite = Callable[[Any], Any]
"""Gives a value another shape; its leaves, which may be expressions, stay as they are."""


@frozen
class To:
    """Where one of their fields goes.

    Attributes:
        path: Our field, dotted where it is nested: ``method.prompt``.
        values: Ours for theirs, where a choice is called otherwise; what is not here stays as it is.
        rewrite: Gives the value the shape that our field has.
        each: The same for each item of a list.
    """

    path: str
    values: Mapping[str, object] = field(factory=dict)
    rewrite: Rewrite | None = None
    each: Rewrite | None = None


@frozen(kw_only=True)
class Translation:
    """How a module of another product becomes ours, and our bundle theirs.

    Attributes:
        fields: By their name, what has another name or shape here.
        always: Our fields, dotted, with a value that their module means without saying so.
        typed: Their name of a list of ``{key, type, value}``, for parameters that have no field there; each goes to
            our field of that name.
        extra: Our field for those of ``typed`` that have none here either; empty if there is no such place.
        output: By their path in a bundle, ours, where it is called otherwise: ``{"statusCode": "status_code"}``. In
            ``choices[].text`` the brackets stand for each item.
        dates: Paths in our bundle of seconds since 1970 that are dates there.
    """

    fields: Mapping[str, To] = field(factory=dict)
    always: Mapping[str, object] = field(factory=dict)
    typed: str = ""
    extra: str = ""
    output: Mapping[str, str] = field(factory=dict)
    dates: tuple[str, ...] = ()


def is_expression(value: object) -> bool:
    """Tell whether a value is an expression of theirs, such as ``{{1.text}}``, or a text with one in it."""
    return isinstance(value, str) and "{{" in value and "}}" in value.partition("{{")[2]


def wrapped(key: str, **more: object) -> Rewrite:
    """Make a rewrite that puts a value into an object.

    ``wrapped("type")`` makes ``{"type": value}``; ``more`` is what else stands in it.
    """

    def wrap(value: object) -> object:
        return value if isinstance(value, Mapping) else {**more, key: value}

    return wrap


def pairs(key: str, value: str) -> Rewrite:
    """Make a rewrite that makes an object of a list of pairs: of ``[{"token": "5", "probability": 1}]``, for one."""

    def join(items: object) -> object:
        if not isinstance(items, list) or not all(isinstance(item, Mapping) and key in item for item in items):
            return items
        names = [str(item[key]) for item in items]
        return {str(item[key]): item.get(value) for item in items} if len(set(names)) == len(names) else items

    return join


@frozen(kw_only=True)
class Translated:
    """A mapper of theirs as the input of our module. Nothing of it is lost: what could not be translated is told.

    Attributes:
        module_id: Ours.
        values: The input, as JSON. An expression stands in it as the text that it is; nobody evaluates it here.
        expressions: Those by their path in ``values``: ``{"$.messages[0].content": "About {{1.topic}}"}``.
        left: What has no counterpart, by their name.
        problems: What keeps it from running: each of ``left``, and values that our form does not allow.
        notes: What a person should know.
    """

    module_id: str
    values: Mapping[str, object]
    expressions: Mapping[str, str]
    left: Mapping[str, object]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether our module can run with it as it is."""
        return not self.problems and not self.expressions

    def checked(self) -> Mapping[str, object]:
        """Give the input, if our module can run with it.

        Raises:
            InvalidInputError: It has expressions, or problems.
        """
        if self.is_ready:
            return self.values
        message = "holds an expression ({{...}}), which only a scenario can evaluate"
        unknown = [Problem(path=path, rule="expression", message=message) for path in self.expressions]
        raise InvalidInputError([*self.problems, *unknown], subject=self.module_id, hint=self._remedy())

    def _remedy(self) -> str:
        without_place = {problem.rule == "unknown_field" for problem in self.problems}
        steps = [
            *(["put values in place of expressions"] if self.expressions else []),
            *(["correct the values that are named"] if False in without_place else []),
            *(["leave out what has no counterpart"] if True in without_place else []),
        ]
        words = ", and ".join(filter(None, (", ".join(steps[:-1]), steps[-1])))
        return f"{words[0].upper()}{words[1:]}."
