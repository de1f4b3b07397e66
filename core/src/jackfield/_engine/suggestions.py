"""What somebody may have meant who asked for a module that is not there."""

import difflib
from collections.abc import Iterable, Sequence

MOST = 3
_READ = 100
"""How many characters of what was asked for are looked at: comparing takes the square of the length."""


def close_ids(wanted: str, module_ids: Sequence[str]) -> tuple[str, ...]:
    """Find ids that are spelt alike, whole or in their last part (``get_model``, ``GetModels``); closest first.

    Whoever names a connector alone is told the first of its modules.
    """
    wanted = wanted[:_READ]
    whole = {_letters(module_id): module_id for module_id in module_ids}
    found = [whole[match] for match in difflib.get_close_matches(_letters(wanted), whole, n=MOST)]
    names: dict[str, list[str]] = {}
    for module_id in module_ids:
        names.setdefault(_letters(module_id.rpartition(".")[2]), []).append(module_id)
    last = _letters(wanted.replace(":", ".").rpartition(".")[2])
    for match in difflib.get_close_matches(last, names, n=MOST, cutoff=0.75):
        found += names[match]
    found += [module_id for module_id in module_ids if module_id.partition(".")[0] == wanted]
    return tuple(dict.fromkeys(found))[:MOST]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def close_names(wanted: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Ask whether another name was meant: `` Did you mean module?``; empty if none is spelt alike."""
    found = difflib.get_close_matches(wanted[:_READ], [*known], n=MOST)
    return f" Did you mean {' or '.join(prefix + name for name in found)}?" if found else ""
