"""Lists that a service gives in pages: a style says which page comes next, ``items`` gives what stands in them.

A style is data: it compares by value, and what cannot be meant is refused when it is made.
"""

from jackfield._answer_paths import value_at
from jackfield.paging.listing import items
from jackfield.paging.pages import Page, Paging, Turn
from jackfield.paging.styles import Cursor, LastId, LinkHeader, NextUrl, Offset, PageNumber

__all__ = [
    "Cursor",
    "LastId",
    "LinkHeader",
    "NextUrl",
    "Offset",
    "Page",
    "PageNumber",
    "Paging",
    "Turn",
    "items",
    "value_at",
]
