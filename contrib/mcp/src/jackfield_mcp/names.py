"""Names of tools that every client takes."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

LONGEST = 56
"""Clients put the name of the server before that of the tool, and APIs of models take 64 characters of both."""

_REFUSED = re.compile(r"[^A-Za-z0-9_-]")


def tool_names(module_ids: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
    """Name a tool for each module: ``openai.get_models`` becomes ``openai_get_models``.

    Returns:
        The names by id; and, in sentences, whose names had to differ since two modules would have had the same one.
    """
    plain = {module_id: _REFUSED.sub("_", module_id) for module_id in module_ids}
    counts = Counter(plain.values())
    names = {
        module_id: _marked(name, module_id) if counts[name] > 1 or len(name) > LONGEST else name
        for module_id, name in plain.items()
    }
    notes = [
        f"{module_id} is the tool {names[module_id]}, since another module would have the name {name}, too."
        for module_id, name in plain.items()
        if counts[name] > 1
    ]
    return names, notes


def _marked(name: str, module_id: str) -> str:
    """Tell a name from others by the id that it was made of."""
    return f"{name[: LONGEST - 9]}_{sha256(module_id.encode()).hexdigest()[:8]}"
