"""What there is to see of an object in a notebook, as data."""

from collections.abc import Callable, Sequence

from attrs import Attribute, field, frozen


def _check(_limits: object, limit: "Attribute[int]", value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        message = f"{limit.name} must be a whole number of at least 0, was {value!r}."
        raise ValueError(message)


def _limit(default: int) -> int:
    return field(default=default, validator=_check)


@frozen(kw_only=True)
class Limits:
    """How much is shown; what is left out says by which of these.

    Attributes:
        max_rows: Of a table.
        max_columns: Of a table.
        max_chars: Of one value.
        max_files: How many pictures and sounds are inside.
        max_file_bytes: How large one may be to be inside.
        max_text_chars: Of the text that stands beside it, for what shows no HTML.
    """

    max_rows: int = _limit(50)
    max_columns: int = _limit(12)
    max_chars: int = _limit(2000)
    max_files: int = _limit(8)
    max_file_bytes: int = _limit(4 * 1024 * 1024)
    max_text_chars: int = _limit(10_000)


@frozen(kw_only=True)
class Media:
    """A file that may be seen or heard.

    Attributes:
        name: What it is called.
        media_type: What it says it is.
        size: In bytes; ``None`` while that is unknown.
        read: Gives its content, up to so many bytes; ``None`` if it cannot be read.
    """

    name: str
    media_type: str
    size: int | None
    read: Callable[[int], bytes | None]


@frozen(kw_only=True)
class Table:
    """Rows of values; a value may be anything that JSON can be."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@frozen(kw_only=True)
class Card:
    """What is to be seen of an object.

    Attributes:
        title: In a few words.
        about: In sentences.
        facts: Names and values; what is empty or ``None`` is not shown.
        notes: What should be noticed, such as warnings.
        tables: What there is a list of.
        files: Pictures and sounds, and other files, which are named.
        failed: Whether it tells of a failure.
    """

    title: str
    about: str = ""
    facts: Sequence[tuple[str, object]] = ()
    notes: Sequence[str] = ()
    tables: Sequence[Table] = ()
    files: Sequence[Media] = ()
    failed: bool = False
