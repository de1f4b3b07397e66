"""Checks of connections: asking the service, and saying in one word what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

from jackfield._engine.lookup import Looked
from jackfield._engine.resolve import fetched
from jackfield._http.limits import Cancellation
from jackfield._runtime import Runtime
from jackfield.connections import ConnectionCheck, ConnectionSource, ConnectionView, SavedConnection
from jackfield.errors import JackfieldError
from jackfield.fields import FromText
from jackfield.modules import Context
from jackfield.operations import Operation
from jackfield.references import Reference
from jackfield.verdicts import Verdict, tiers_of, verdict_of

Given = str | Mapping[str, object] | None


class ConnectionMethods:
    """What a Host can do with connections."""

    _runtime: Runtime

    def check_connection(
        self,
        type_id: str,
        connection: str | Mapping[str, object] | None = None,
        *,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> ConnectionCheck:
        """Prove that a connection works, by asking its service.

        Args:
            type_id: The connection type: ``openai.openai``.
            connection: As in RunOptions.
            deadline_s: As in RunOptions.
            cancellation: As in RunOptions.

        Raises:
            NoConnectionError: There is nothing to check.
            CredentialsError: The service does not accept the credentials.
            JackfieldError: Any other error tells by its class what is wrong.
        """
        return _check(self._runtime, type_id, connection, deadline_s=deadline_s, cancellation=cancellation)

    def diagnose_connection(
        self,
        type_id: str,
        connection: str | Mapping[str, object] | None = None,
        *,
        offline: bool = False,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> ConnectionCheck:
        """Check a connection, and give what is wrong with it as data instead of raising it.

        Args:
            type_id: As in ``check_connection``.
            connection: As in RunOptions.
            offline: Whether to check the values alone, and send nothing.
            deadline_s: As in RunOptions.
            cancellation: As in RunOptions.

        Raises:
            JackfieldError: Something that says nothing of the connection: an unknown type, a defect, a cancellation.
        """
        return _diagnose(
            self._runtime,
            type_id,
            connection,
            offline=offline,
            deadline_s=deadline_s,
            cancellation=cancellation,
        )

    def explain_connection(self, type_id: str, name: str = "") -> tuple[ConnectionSource, ...]:
        """Say where a connection is looked for, in order, and what is there; never a value.

        Args:
            type_id: As in ``check_connection``.
            name: Of the connection; empty for the one without a name.

        Raises:
            InputError: There is no such type.
        """
        return _explain(self._runtime, type_id, name)

    def saved_connections(self) -> tuple[SavedConnection, ...]:
        """List the connections in the stores of this host, in the order in which they are asked; fetches no secret."""
        self._runtime.load_plugins()
        return tuple(saved for store in self._runtime.lookup.stores() for saved in store.saved())


def _check(
    runtime: Runtime, type_id: str, given: Given, *, deadline_s: float | None, cancellation: Cancellation | None
) -> ConnectionCheck:
    """Ask the service; arguments and errors as ``Host.check_connection``."""
    operation = runtime.check(type_id, connection=given, deadline_s=deadline_s, cancellation=cancellation)
    return _asked(runtime, operation)


def _diagnose(
    runtime: Runtime,
    type_id: str,
    given: Given,
    *,
    offline: bool,
    deadline_s: float | None,
    cancellation: Cancellation | None,
) -> ConnectionCheck:
    """Find out what is wrong; arguments and errors as ``Host.diagnose_connection``."""
    runtime.connection_type(type_id)  # that there is none says nothing of a connection
    view = _empty_view(type_id, given)
    try:
        operation = runtime.check(type_id, connection=given, deadline_s=deadline_s, cancellation=cancellation)
        assert operation.connection is not None  # noqa: S101  a check is made for a connection
        view = operation.connection.view()
        return _found(view, Verdict.UNPROVEN) if offline else _asked(runtime, operation)
    except JackfieldError as error:
        verdict = verdict_of(error)
        if verdict is None:
            raise
        return _found(view, verdict, error=error)


def _asked(runtime: Runtime, operation: Operation) -> ConnectionCheck:
    checked = operation.connection
    assert checked is not None  # noqa: S101  as above

    def ask(hooks: Any, context: Context) -> ConnectionCheck:
        label: str = hooks.check_connection(connection=checked, context=context)
        proven = bool(label or checked.type.check)
        return _found(checked.view(), Verdict.WORKS if proven else Verdict.UNPROVEN, label=label)

    return runtime.asked(operation, ask)


def _found(
    view: ConnectionView, verdict: Verdict, *, label: str = "", error: JackfieldError | None = None
) -> ConnectionCheck:
    return ConnectionCheck(label=label, view=view, verdict=verdict, passed=tiers_of(verdict, error), error=error)


def _empty_view(type_id: str, given: Given) -> ConnectionView:
    name = given if isinstance(given, str) else ""
    return ConnectionView(type_id=type_id, name=name, source="", base_url="", settings={}, secrets={})


def _explain(runtime: Runtime, type_id: str, name: str) -> tuple[ConnectionSource, ...]:
    """Say who was asked for a connection; arguments and errors as ``Host.explain_connection``."""
    kind = runtime.connection_type(type_id)
    hooks = runtime.hooks_for(type_id)
    places = [*runtime.lookup.places(name, type_id, kind)]
    own = _answer(runtime.lookup.find, name, type_id, kind)
    answer = _answer(hooks.find_connection, name=name, type_id=type_id, connection_type=kind)
    if answer and answer != own:
        places.insert(0, Looked("a plugin", answer, ("it answers before the others",)))
    claims = () if name else runtime.catalog.claims(type_id, type_id, kind)
    refused = [str(claim) for claim in claims if isinstance(answer.get(claim.key), FromText)]
    if refused:
        places = [place._replace(values={}, details=(*place.details, *refused)) for place in places]
    used = next((place.name for place in places if place.values), "")
    return tuple(_source(place, used, hooks) for place in places)


def _answer(find: Callable[..., Mapping[str, object] | None], *given: Any, **named: Any) -> Mapping[str, object]:
    try:
        return find(*given, **named) or {}
    except JackfieldError:  # what it says is among what was seen
        return {}


def _source(place: Looked, used: str, hooks: Any) -> ConnectionSource:
    details = [*place.details]
    for key, value in place.values.items():
        if isinstance(value, Reference):
            details.append(f"{key}: {_told(value, hooks)}")
    return ConnectionSource(name=place.name, found=bool(place.values), used=place.name == used, details=tuple(details))


def _told(reference: Reference, hooks: Any) -> str:
    try:
        fetched(reference, hooks)
    except JackfieldError as error:
        return error.message
    return f"{reference.shown()} is there"
