"""Places in an answer, as authors write them: ``data.items``, ``results[0].hits``, ``["@odata.nextLink"]``."""

import re
from collections.abc import Mapping
from functools import lru_cache

from jackfield.errors import PluginError

_STEP = re.compile(r"""\.(?P<name>[^.\[\]"'\s$]+)|\[(?P<index>[0-9]{1,6})\]|\["(?P<key>[^"\\]+)"\]""")
_FORMS = 'Write names with dots between them, and [0] or ["a.b"] where a name will not do; $ is the whole answer.'


@lru_cache(maxsize=512)
def steps_of(path: str) -> tuple[str | int, ...]:
    """Take a path apart; ``$`` alone is the whole, and may stand before any other.

    Raises:
        PluginError: It is none.
    """
    rest = path.removeprefix("$")
    if rest and rest == path and not rest.startswith("["):
        rest = f".{rest}"
    steps: list[str | int] = []
    at = 0
    while match := _STEP.match(rest, at):
        steps.append(int(match["index"]) if match["index"] else match["name"] or match["key"])
        at = match.end()
    if at < len(rest) or not path:
        message = f"{path!r} is no path into an answer."
        raise PluginError(message, stage="object", hint=_FORMS)
    return tuple(steps)


def value_at(path: str, value: object) -> object:
    """Give what stands at a path; ``None`` if nothing does, as for null."""
    for step in steps_of(path):
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def shown(path: str) -> str:
    """Spell a path as messages do: from ``$`` on."""
    return path if path.startswith("$") else f"${path}" if path.startswith("[") else f"$.{path}"


def with_value(path: str, value: object, whole: Mapping[str, object]) -> dict[str, object]:
    """Give an object with a value at a path of names, and objects on the way where there are none."""
    return _with_value(steps_of(path), value, whole)


def _with_value(steps: tuple[str | int, ...], value: object, whole: object) -> dict[str, object]:
    name, others = str(steps[0]), steps[1:]
    outer = whole if isinstance(whole, Mapping) else {}
    return {**outer, name: _with_value(others, value, outer.get(name)) if others else value}
