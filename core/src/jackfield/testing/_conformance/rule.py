"""What a rule is, as data."""

from collections.abc import Callable, Iterator

from attrs import frozen

from jackfield.host import ConnectorHandle
from jackfield.testing._conformance.subject import Subject

__all__ = ["Rule"]


@frozen(kw_only=True, eq=False)
class Rule:
    """One thing that every connector keeps.

    Attributes:
        id: ``JF`` and three digits; the first says what it is about. An id never gets another meaning.
        name: The same in a few words, for lists and for names of tests.
        reason: What goes wrong for somebody where it is broken.
        bad: Code that breaks it.
        good: The same code as it should be.
        of_module: Finds what is wrong with a module: a line for each thing; ``None`` if it is about connectors alone.
        of_connector: The same for what belongs to the connector as a whole.
    """

    id: str
    name: str
    reason: str
    bad: str
    good: str
    of_module: Callable[[Subject], Iterator[str]] | None = None
    of_connector: Callable[[ConnectorHandle], Iterator[str]] | None = None
