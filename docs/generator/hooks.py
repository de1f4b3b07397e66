"""The page of hooks, in the order of a run's life."""

import inspect
from collections.abc import Callable

from generator import names
from generator.markdown import docstring, sections, signature
from jackfield import hookspecs


def page() -> str:
    """Write the page."""
    parts = ["# Hooks", docstring(hookspecs.__doc__).text]
    parts += [names.described(name) for name in names.names_on("hooks")]
    parts += [_described(hook) for hook in all_hooks()]
    return "\n\n".join(parts) + "\n"


def all_hooks() -> list[Callable[..., object]]:
    """Give the specification of each hook."""
    return [
        value for value in vars(hookspecs).values() if inspect.isfunction(value) and hasattr(value, "jackfield_spec")
    ]


def _described(hook: Callable[..., object]) -> str:
    doc = docstring(hook.__doc__)
    first = getattr(hook, "jackfield_spec")["firstresult"]  # noqa: B009  pluggy puts it there, unknown to types
    parts = [signature(hook.__name__, hook), doc.text]
    parts.append("The first answer that is not `None` wins." if first else "Every plugin is called.")
    parts += sections(doc, "Args", "Returns", "Raises")
    body = "\n\n".join(parts)
    return f"## {hook.__name__}\n\n::::{{py:function}} jackfield.hookspecs.{hook.__name__}\n\n{body}\n::::"
