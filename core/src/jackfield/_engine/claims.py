"""Whose environment variables are whose: a secret does not go to a service by the name of another connector."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from jackfield._engine.index import Entry
from jackfield.connections import ConnectionType
from jackfield.errors import NoConnectionError
from jackfield.fields import FromText
from jackfield.forms import form_of


@frozen(kw_only=True)
class Claim:
    """A secret field whose variable is named after the connector of another distribution.

    Attributes:
        key: Of the field.
        variable: That it declares: ``OPENAI_API_KEY``.
        connector: After which that is named: ``openai``.
        owner: The distribution of that connector.
        wanted_by: The distribution that declares the field.
    """

    key: str
    variable: str
    connector: str
    owner: str
    wanted_by: str

    def __str__(self) -> str:
        """Say what follows from it."""
        reason = f"it is named after the connector {self.connector!r} of {self.owner}"
        return f"{self.variable} is set, but not taken: {reason}, and {self.wanted_by} could send it elsewhere"


def claims_of(kind: ConnectionType, mine: Entry, connectors: Iterable[Entry]) -> tuple[Claim, ...]:
    """Find the secrets of a connection type whose variables are named after somebody else.

    Args:
        kind: The type.
        mine: An entry of the distribution that declares it.
        connectors: What is installed. A variable is named after the one whose id it begins with, the longest of them.
    """
    found = []
    for slot in form_of(kind.form).slots:
        variable = slot.word.env if slot.is_secret else ""
        named = [each for each in connectors if f"{variable}_".startswith(f"{each.name}_".upper())]
        owner = max(named, key=lambda each: len(each.name), default=mine)
        if variable and owner.distribution != mine.distribution:
            claim = Claim(
                key=slot.key,
                variable=variable,
                connector=owner.name,
                owner=owner.distribution,
                wanted_by=mine.distribution,
            )
            found.append(claim)
    return tuple(found)


def check_claims(values: Mapping[str, object], claims: Sequence[Claim], kind: ConnectionType, type_id: str) -> None:
    """Go on if no value comes from a variable that is another connector's.

    Raises:
        NoConnectionError: One does. Whoever means it says so, by a reference.
    """
    taken = [claim for claim in claims if isinstance(values.get(claim.key), FromText)]
    if taken:
        tried = tuple(f"{claim}." for claim in taken)
        references = " ".join(f"--reference {claim.key}=env:{claim.variable}" for claim in taken)
        way = (
            f"jackfield connection add NAME {type_id} {references}" if type_id else "give connection={...} in the call"
        )
        message = f"There are no credentials for {kind.label}: {' '.join(tried)}"
        raise NoConnectionError(message, tried=tried, hint=f"If you want it to be sent there: {way}")
