"""Text that a person typed, which fields read the way a person means it."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Self


class FromText(str):
    """Text that a person typed for a field of any type: ``"0.2"`` for a number, ``"yes"`` for a switch.

    Input is checked strictly (``"1"`` is no number), except for values of this type, which the field reads the way a
    person means them. Hosts whose input is text (a command line, an HTML form, a CSV file) wrap it.

    Attributes:
        zone: Where the person is: the time zone of dates and times that name none. ``None``: that of this computer.
    """

    __slots__ = ("zone",)
    zone: tzinfo | None

    def __new__(cls, text: str, *, zone: tzinfo | None = None) -> Self:
        """Mark a text."""
        made = super().__new__(cls, text)
        made.zone = zone
        return made


def from_text(value: object, *, zone: tzinfo | None = None) -> object:
    """Mark every text in a JSON value as typed by a person, so that fields read numbers and switches from it.

    Args:
        value: A JSON value.
        zone: As in FromText.
    """
    if isinstance(value, str):
        return FromText(value, zone=zone)
    if isinstance(value, Mapping):
        return {key: from_text(item, zone=zone) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [from_text(item, zone=zone) for item in value]
    return value
