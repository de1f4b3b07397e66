"""Markdown from values: tables, links, signatures, and docstrings in Google's style."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jackfield

_SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields):")
_ITEM = re.compile(r"(\*{0,2}\w+): (.*)")
_PACKAGE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")
_LONGEST_SIGNATURE = 90
_PATTERN = re.compile(r"(of the pattern )([^`]+?)(?=, at |, none |; |$)")
"""A regular expression in words about a type: Markdown would take it for markup."""


class Doc(NamedTuple):
    """A docstring, taken apart.

    Attributes:
        text: Its paragraphs, as Markdown.
        sections: What stands below ``Args:``, ``Attributes:``, ``Raises:``, by name; ``Returns:`` has the name ``""``.
    """

    text: str
    sections: dict[str, dict[str, str]]


def docstring(text: str | None) -> Doc:
    """Take a docstring apart."""
    lines, sections = [], {}
    section: str | None = None
    for line in inspect.cleandoc(text or "").splitlines():
        if line and not line.startswith(" "):
            found = _SECTION.fullmatch(line)
            section = found[1] if found else None
        if section is None:
            lines.append(line)
        elif _SECTION.fullmatch(line):
            sections[section] = [""]
        else:
            sections[section].append(line)
    return Doc(_paragraphs(lines), {name: _items(name, body) for name, body in sections.items()})


def _paragraphs(lines: Sequence[str]) -> str:
    parts = "\n".join(lines).strip().split("\n\n")
    return "\n\n".join(f"```pycon\n{part}\n```" if part.startswith(">>>") else _inline(part) for part in parts)


def _inline(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text)


def _items(section: str, body: Sequence[str]) -> dict[str, str]:
    lines = inspect.cleandoc("\n".join(body)).splitlines()
    if section in ("Returns", "Yields"):
        return {"": _inline(" ".join(lines))}
    items: dict[str, str] = {}
    name = ""
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found:
            name, rest = found.groups()
            items[name] = _inline(rest)
        elif line.strip():
            items[name] += " " + _inline(line.strip())
    return items


def sections(doc: Doc, *names: str) -> Iterator[str]:
    """Give the sections of a docstring that it has, as lists."""
    for name in names:
        items = doc.sections.get(name, {})
        if "" in items:
            yield f"{name}: {items['']}"
        elif items:
            yield f"{name}:\n\n" + "\n".join(
                f"- {link(item) if name == 'Raises' else code(item)}: {told}" for item, told in items.items()
            )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Draw a table."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return (
        "| "
        + " | ".join(_PATTERN.sub(_as_code, re.sub(r"[ \n]+", " ", cell)).replace("|", "\\|") for cell in cells)
        + " |"
    )


def _as_code(found: re.Match[str]) -> str:
    return f"{found[1]}{code(found[2])}"


def code(text: str) -> str:
    """Give a text as code in a sentence."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def link(name: str) -> str:
    """Give the name of something public, linked to where it is described."""
    return f"[`{name}`](#jackfield.{name})" if name in jackfield.__all__ else code(name)


def type_text(annotation: object) -> str:
    """Give a type as a reader would write it."""
    return _PACKAGE.sub("", inspect.formatannotation(annotation))


def tree_of(thing: Any) -> Any:
    """Give the syntax tree of a class or function: what its author wrote reads better than what Python makes of it."""
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def written(node: ast.AST) -> str:
    """Give a part of a syntax tree as text; an annotation in quotes without them."""
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def signature(name: str, function: Callable[..., object]) -> str:
    """Give how a function, or the class whose ``__init__`` it is, is called, as a block of code."""
    tree = tree_of(function)
    parts = [*_parameters(tree.args)]
    result = f" -> {written(tree.returns)}" if tree.returns and tree.name != "__init__" else ""
    text = f"{name}({', '.join(parts)}){result}"
    if len(text) > _LONGEST_SIGNATURE:
        text = f"{name}(\n    " + ",\n    ".join(parts) + f",\n){result}"
    return f"```python\n{text}\n```"


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    plain = [item for item in arguments.args if item.arg not in ("self", "cls")]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    for item, default in zip(plain, [*missing, *arguments.defaults], strict=True):
        yield _parameter(item, default)
    if arguments.vararg:
        yield f"*{_parameter(arguments.vararg, None)}"
    elif arguments.kwonlyargs:
        yield "*"
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(item, default)
    if arguments.kwarg:
        yield f"**{_parameter(arguments.kwarg, None)}"


def _parameter(item: ast.arg, default: ast.expr | None) -> str:
    text = f"{item.arg}: {written(item.annotation)}" if item.annotation else item.arg
    return text if default is None else f"{text} = {ast.unparse(default)}"
