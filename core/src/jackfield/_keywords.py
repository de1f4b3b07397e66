"""How names of forms and modules are said in Python, where they would clash with something: with ``_`` behind them."""

import keyword
import re
from collections.abc import Collection, Iterable

from jackfield.operations import RunOptions

OPTIONS = tuple(RunOptions.__annotations__)
"""What is said of a run beside its fields: ``connection``, ``deadline_s``..."""
_RESERVED = {*OPTIONS, "self", "streaming"}
"""What no field can be called: options, what a method calls its object, and the option of ``preview``."""


def spelt(name: str, taken: Collection[str] = ()) -> str:
    """Give the Python name for a name: the same, or with ``_`` behind it if that is no name in Python, or taken.

    ``from`` is ``from_``, ``content-type`` is ``content_type_``, ``2fa`` is ``_2fa_``.
    """
    found = re.sub(r"\W", "_", name)
    if not found.isidentifier():
        found = f"_{found}"
    clashes = found != name or keyword.iskeyword(found) or found in taken
    return f"{found}_" if clashes else found


def keyword_of(key: str) -> str:
    """Give the keyword of a call that stands for a field."""
    return spelt(key, _RESERVED)


def fields_by_keyword(keys: Iterable[str]) -> dict[str, str]:
    """Give, for each keyword of a call, the field that it stands for."""
    return {keyword_of(key): key for key in keys}
