"""What distributions provide, in a few words."""

from collections import Counter
from collections.abc import Sequence

from jackfield._engine.index import Entry

_ORDER = ("jackfield.connectors", "jackfield.modules", "jackfield.plugins", "jackfield.commands")
_MOST_NAMED = 3


def said_provided(entries: Sequence[Entry]) -> str:
    """Say what entry points give, in a few words: ``connector openai, 6 modules, command demo``."""
    counts = Counter(entry.group for entry in entries)
    parts = []
    for group in _ORDER:
        names = sorted(entry.name for entry in entries if entry.group == group)
        word = group.removeprefix("jackfield.")
        if counts[group] > _MOST_NAMED or (group == "jackfield.modules" and len(names) > 1):
            parts.append(f"{len(names)} {word}")
        elif names:
            parts.append(f"{word.removesuffix('s') if len(names) == 1 else word} {', '.join(names)}")
    return ", ".join(parts)
