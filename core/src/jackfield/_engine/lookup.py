"""Where core itself looks for a connection: in the environment, then in the stores of the host."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from jackfield._engine.resolve import variable_for
from jackfield.connections import ConnectionStore, ConnectionType, TokenStore
from jackfield.errors import InputError, StoreError
from jackfield.fields import FromText
from jackfield.forms import form_of
from jackfield.references import Reference
from jackfield.secrets import Secret


class Looked(NamedTuple):
    """A place that was looked into.

    Attributes:
        name: What it is called.
        values: What is there; empty if nothing is.
        details: What was seen, never a value.
    """

    name: str
    values: Mapping[str, object]
    details: tuple[str, ...]


class Lookup:
    """Looks for connections.

    Args:
        environ: Where variables are looked up.
        answers: Gives what the plugins of the host answered when they were asked for stores.
    """

    def __init__(self, environ: Mapping[str, str], answers: Callable[[], Iterable[Iterable[ConnectionStore]]]) -> None:
        self._environ = environ
        self._answers = answers
        self._known: tuple[ConnectionStore, ...] | None = None

    def find(self, name: str, type_id: str, kind: ConnectionType) -> Mapping[str, object] | None:
        """Give the values of a connection; those without a name come from the environment alone.

        Without a name, nobody's saved key is used in the place of one that is missing.
        """
        found = {
            key: FromText(text) for key, variable in _variables(name, kind) if (text := self._environ.get(variable))
        }
        if found or not name:
            return found
        values = (store.find(name, type_id) for store in self.stores())
        return next((value for value in values if value is not None), None)

    def keeper(self, name: str, type_id: str, kind: ConnectionType) -> TokenStore | None:
        """Give the store that ``find`` takes a connection from, if it can save new tokens."""
        if not name or any(self._environ.get(variable) for _, variable in _variables(name, kind)):
            return None
        found = next((store for store in self.stores() if store.find(name, type_id) is not None), None)
        return cast("TokenStore", found) if found is not None and hasattr(found, "renewing") else None

    def stores(self) -> tuple[ConnectionStore, ...]:
        """Give the stores, in the order in which they are asked."""
        if self._known is None:
            self._known = tuple(store for answer in self._answers() for store in answer)
        return self._known

    def places(self, name: str, type_id: str, kind: ConnectionType) -> Iterator[Looked]:
        """Look everywhere, and say what was seen."""
        variables = [variable for _, variable in _variables(name, kind)]
        told = tuple(f"{each} is {'set' if self._environ.get(each) else 'not set'}" for each in variables)
        held = {each: True for each in variables if self._environ.get(each)}
        yield Looked("the environment", held, told)
        for store in self.stores() if name else ():
            try:
                values = store.find(name, type_id)
            except (InputError, StoreError) as error:
                yield Looked(store.label, {}, (error.message,))
            else:
                told = (f"it has no connection {name!r}",) if values is None else tuple(_seen(values))
                yield Looked(store.label, values or {}, told)


def _variables(name: str, kind: ConnectionType) -> Iterator[tuple[str, str]]:
    for slot in form_of(kind.form).slots:
        variable = variable_for(name, slot)
        if variable:
            yield slot.key, variable


def _seen(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Reference):
            yield f"{key} is kept at {value.shown()}"
        else:
            yield f"{key} is {'a secret that is saved' if isinstance(value, Secret) else 'saved'}"
