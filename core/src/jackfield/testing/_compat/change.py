"""What a change is, as data."""

from attrs import frozen

__all__ = ["Change", "ChangeRule"]


@frozen(kw_only=True)
class ChangeRule:
    """One way in which a connector can change.

    Attributes:
        id: ``JC`` and three digits; the first says what it is about. An id never gets another meaning.
        name: The same in a few words.
        breaking: Whether somebody who uses the connector may have to change something.
        reason: What goes wrong for whom; or why nothing does.
        was: Code before such a change.
        now: The same code after it.
    """

    id: str
    name: str
    breaking: bool
    reason: str
    was: str
    now: str


@frozen(kw_only=True)
class Change:
    """One thing in which two versions differ.

    Attributes:
        rule: Which way.
        subject: The id of the module, connection type or connector.
        place: Of the field or key in it, such as ``$.messages[].role``; empty if it is about the whole.
        detail: What it was and what it is.
    """

    rule: ChangeRule
    subject: str
    place: str
    detail: str

    @property
    def breaking(self) -> bool:
        """Whether somebody who uses the connector may have to change something."""
        return self.rule.breaking
