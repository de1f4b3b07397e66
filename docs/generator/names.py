"""The pages about public names: each described by its docstring, signature and attributes."""

import ast
import enum
import importlib
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

import jackfield
from generator.markdown import Doc, code, docstring, link, sections, signature, tree_of, type_text, written
from jackfield import JackfieldError, errors, paging, rest, testing
from jackfield._cli.exits import exit_code

_HOMES = {
    "host": ("host", "showing", "user", "tools", "settings", "integrity", "json_text", "programs", "_http.limits"),
    "files": ("files", "storage", "_http.uploading"),
    "stores": ("vault", "references", "verdicts"),
    "logins": ("oauth",),
    "runs": ("operations", "_processes", "polls", "_watch", "usage", "meter", "prices", "budget"),
    "connectors": (
        "modules",
        "genai",
        "triggers",
        "translations",
        "connections",
        "_authorizers",
        "_http.client",
        "_http.answers",
        "_http.sse",
        "_http.segments",
        "forms",
        "shapes",
    ),
    "requests": (),
    "fields": ("fields", "secrets"),
    "errors": ("errors", "error_json"),
    "hooks": ("hookspecs", "_http.turns", "_http.rates"),
}
"""Which page has the names of which file, in order."""
PACKAGES = {"connectors": (testing,), "requests": (rest, paging)}
"""Packages whose names are used with that of the package before them, and the page that has them."""
_LEADING = ("Host", "File", "RunOptions", "Result", "module", "ConnectionType", "Context", "JackfieldError")
_SETTINGS = "HttpSettings"
_HEADS = {
    "host": "# Host\n\nWhat a program that runs modules uses: `from jackfield import Host`.",
    "files": "# Files\n\nWhat goes into a module and comes out of it as a file: "
    "[how to use them](../howto/files-in-and-out.md), [who owns them](../explanation/files.md).",
    "stores": "# Saved connections\n\nWhere connections are kept, and secrets that are kept elsewhere.",
    "logins": "# Logins with OAuth 2\n\nWhat a connection type declares, and what a host needs: "
    "[how to log in](../howto/log-in-with-oauth.md), [how to declare it](../howto/declare-oauth.md).",
    "runs": "# Runs: results and events\n\nWhat a run gives, what happens on the way, and what it uses up: "
    "[how to watch that](../howto/watch-what-it-costs.md). "
    "What is new at a service: [how to watch for it](../howto/watch-for-what-is-new.md).",
    "connectors": "# Connectors\n\nWhat the author of a connector uses, beside the [words of a form](fields.md).",
    "requests": "# Declared modules, and paging\n\n`from jackfield import rest, paging`: "
    "[how to declare a module](../howto/declare-a-module.md), "
    "[how to page through a list](../howto/page-through-a-list.md).",
    "fields": "# The words of a form\n\nEach stands in an annotation: `Annotated[float, Number(minimum=0)]`. "
    "[What each takes](words.md) is shown by examples.",
    "errors": "# Errors\n\nEvery error of Jackfield, by what the caller should do about it.",
}
_UNTOLD = {
    "AnyModule": "Any [Module](#jackfield.Module), whatever it takes and gives.",
    "hookimpl": "`@hookimpl` marks what implements a hook; `@hookimpl(wrapper=True)` what wraps the others.",
    "testing.CHANGES": "Every [ChangeRule](#jackfield.testing.ChangeRule), by id; [the changes](changes.md) has each.",
    "testing.RULES": "Every [Rule](#jackfield.testing.Rule), by id; [the rules](rules.md) has what each is about.",
}
"""Data without a docstring in the code."""


def page(name: str) -> str:
    """Write one page."""
    parts = [_HEADS[name]]
    if name == "errors":
        parts.append(_tree())
    parts += [described(public) for public in names_on(name)]
    for package in PACKAGES.get(name, ()):
        short = package.__name__.removeprefix("jackfield.")
        parts += [_described(f"{short}.{public}", getattr(package, public)) for public in package.__all__]
    return "\n\n".join(parts) + "\n"


def names_on(page_name: str) -> list[str]:
    """Give the public names of a page, those first that matter most."""
    homes = jackfield._HOMES  # noqa: SLF001  the one table of public names and where they live
    found = [name for home in _HOMES[page_name] for name in homes.get(home, ()) if name != _SETTINGS]
    return [name for name in _LEADING if name in found] + [name for name in found if name not in _LEADING]


def described(name: str) -> str:
    """Describe one public name."""
    return _described(name, getattr(jackfield, name))


def _tree() -> str:
    text = errors.__doc__ or ""
    drawing, _, rest = text.partition("```text\n")[2].partition("```")
    return f"```text\n{drawing.replace('``', '')}```\n\n{docstring(rest).text}"


def _described(name: str, value: Any) -> str:
    if not inspect.isclass(value):
        if inspect.isfunction(value):
            return _block("function", f"jackfield.{name}", _function(name, value))
        return _block("data", f"jackfield.{name}", _data(name, value))
    kind = "exception" if issubclass(value, Exception) else "class"
    return _block(kind, f"jackfield.{name}", "\n\n".join(_class(name, value)), depth=5)


def _block(kind: str, name: str, body: str, depth: int = 4) -> str:
    fence = ":" * depth
    return f"{fence}{{py:{kind}}} {name}\n\n{body}\n{fence}"


def _data(name: str, value: object) -> str:
    told = _UNTOLD.get(name)
    if told is None:
        home = next(home for home, names in jackfield._HOMES.items() if name in names)  # noqa: SLF001  as above
        tree = ast.parse(inspect.getsource(importlib.import_module(f"jackfield.{home}")))
        told = docstring(_doc_after(tree.body, name)).text
        told += f"\n\n```python\n{name} = {type_text(value)}\n```"
    return told


def _doc_after(body: list[ast.stmt], name: str) -> str:
    """Give the text that stands below an assignment, as Python itself does not keep it."""
    for statement, following in itertools.pairwise(body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if named and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            return str(following.value.value)
    return ""


def _function(name: str, value: Callable[..., object]) -> str:
    doc = docstring(value.__doc__)
    return "\n\n".join([signature(name, value), doc.text, *sections(doc, "Args", "Returns", "Raises")])


def _class(name: str, cls: type) -> Iterator[str]:
    doc = docstring(cls.__doc__)
    if issubclass(cls, JackfieldError):
        yield _lineage(cls)
    elif "Args" in doc.sections:
        yield signature(name, cls.__init__)
    yield doc.text
    base = cls.__bases__[0]
    if attrs.has(cls) and base.__name__ in jackfield.__all__:
        yield f"A {link(base.__name__)}, with all that this one can say."
    yield from sections(doc, "Args")
    if issubclass(cls, enum.Enum):
        yield from _members(cls)
    attributes = [*_attributes(cls, doc)]
    if attributes:
        yield "\n".join(attributes)
    yield from sections(doc, "Raises")
    yield from _methods(cls)


def _lineage(cls: type[JackfieldError]) -> str:
    base = cls.__bases__[0].__name__
    comes_from = f"A {link(base)}. " if base in jackfield.__all__ else ""
    return f"{comes_from}Exit code of the command line: {exit_code(cls.__new__(cls))}."


def _members(cls: type[enum.Enum]) -> Iterator[str]:
    tree = tree_of(cls)
    lines = [f"- `{cls.__name__}.{item.name}` (`{item.value}`): {_doc_after(tree.body, item.name)}" for item in cls]
    yield "\n".join(line.removesuffix(": ") for line in lines)


def _attributes(cls: type, doc: Doc) -> Iterator[str]:
    parts = _with_hidden(cls)
    told = {
        name: text for part in parts for name, text in docstring(part.__doc__).sections.get("Attributes", {}).items()
    } | doc.sections.get("Attributes", {})
    own = {name: details for part in parts for name, details in _own_attributes(part, cls).items()}
    for name in {**own, **told}:
        details = f" ({own[name]})" if name in own else ""
        text = f": {told[name]}" if name in told else ""
        yield f"- `{name}`{details}{text}"


def _with_hidden(cls: type) -> list[type]:
    """Give a class, and before it those that it inherits from and that have no public name."""
    return [base for base in reversed(cls.__mro__) if base is cls or (base.__name__[0] == "_" and attrs.has(base))]


def _own_attributes(part: type, cls: type) -> Mapping[str, str]:
    annotated = [item for item in tree_of(part).body if isinstance(item, ast.AnnAssign)]
    types = {written(item.target): written(item.annotation) for item in annotated}
    if attrs.has(cls):
        # A plain subclass of an attrs class has its fields, and writes none of them.
        fields = [field for field in attrs.fields(cls) if field.name in types and not field.name.startswith("_")]
        return {field.name: f"{code(types[field.name])}{_default(field)}" for field in fields}
    return {name: code(text) for name, text in types.items()} if issubclass(cls, dict) else {}


def _default(field: "attrs.Attribute[Any]") -> str:
    default = field.default
    if default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return ""
    return f", default {code(str(default) if isinstance(default, enum.Enum) else repr(default))}"


def _own_members(cls: type) -> Mapping[str, object]:
    """Give what stands in a class, and in those below it that have no public name of their own."""
    hidden = [base for base in cls.__mro__ if base.__module__.startswith("jackfield._")]
    return {name: value for part in (*reversed(hidden), cls) for name, value in vars(part).items()}


def _methods(cls: type) -> Iterator[str]:
    for name, value in _own_members(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property | cached_property):
            getter = value.fget if isinstance(value, property) else value.func
            doc = docstring(value.__doc__)
            hint = written(tree_of(getter).returns)
            yield _block("property", name, "\n\n".join([f"{code(hint)}: {doc.text}", *sections(doc, "Raises")]))
        elif inspect.isfunction(value) or isinstance(value, classmethod | staticmethod):
            yield _block("method", name, _function(name, getattr(cls, name)))
