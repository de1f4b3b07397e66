"""Markdown from values: tables, links, signatures, and docstrings in Google's style."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import jackfield

_SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields):")
_ITEM = re.compile(r"(\*{0,2}\w+): (.*)")
_PACKAGE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")
_LONGEST_SIGNATURE = 90


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
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def code(text: str) -> str:
    """Give a text as code in a sentence."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def link(name: str) -> str:
    """Give the name of something public, linked to where it is described."""
    return f"[`{name}`](#jackfield.{name})" if name in jackfield.__all__ else code(name)


def type_text(annotation: object) -> str:
    """Give an annotation as a reader would write it."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _PACKAGE.sub("", text).replace("'", "").replace('"', "")


def signature(name: str, function: Callable[..., object]) -> str:
    """Give how something is called, as a block of code."""
    whole = inspect.signature(function)
    shown = [item for item in whole.parameters.values() if item.name not in ("self", "cls")]
    parts = []
    for number, item in enumerate(shown):
        before = shown[number - 1].kind if number else None
        if item.kind is item.KEYWORD_ONLY and before not in (item.KEYWORD_ONLY, item.VAR_POSITIONAL):
            parts.append("*")
        parts.append(_PACKAGE.sub("", str(item)))
    result = "" if whole.return_annotation is whole.empty else f" -> {type_text(whole.return_annotation)}"
    text = f"{name}({', '.join(parts)}){result}"
    if len(text) > _LONGEST_SIGNATURE:
        text = f"{name}(\n    " + ",\n    ".join(parts) + f",\n){result}"
    return f"```python\n{text}\n```"
