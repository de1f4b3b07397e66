"""Core's own behavior behind the hooks, written as any plugin is. It comes last, so that others may answer first."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path

from requests import PreparedRequest, Response

from jackfield._answer_paths import value_at
from jackfield._engine.clients import Surroundings
from jackfield._engine.conversion import read_values
from jackfield._engine.dynamic import KnownFields
from jackfield._engine.execution import (
    Emit,
    Recorder,
    context_for,
    guarded,
    run_module,
    sending_by,
)
from jackfield._engine.file_flow import FileFlow
from jackfield._engine.lookup import Lookup
from jackfield._engine.offers import Offers, held_choices
from jackfield._engine.paths import choosing, declared_choices, places_at
from jackfield._engine.plugins import Hooks
from jackfield._engine.references import References
from jackfield._engine.renewal import Renewals
from jackfield._http.gate import Gates
from jackfield._http.reach import NamedBy
from jackfield._http.redirects import names_in
from jackfield._http.responses import WireResponse
from jackfield._http.transport import Transport
from jackfield._http.turns import Limiter, Turn
from jackfield._http.url import check_inside
from jackfield._oauth.endpoint import Way
from jackfield.connections import Connection, ConnectionType
from jackfield.errors import InputError, PluginError
from jackfield.fields import Choice, Dynamic, Select
from jackfield.forms import Form, Slot
from jackfield.hookspecs import hookimpl
from jackfield.modules import AnyModule, Context
from jackfield.operations import Execution, Operation, Purpose, TurnAwaited, WarningRaised
from jackfield.references import Reference
from jackfield.secrets import Secret

__all__ = ["Defaults"]


class Defaults:
    """What happens at each hook if no plugin does otherwise."""

    def __init__(
        self,
        *,
        around: Surroundings,
        environ: Mapping[str, str] | None,
        hooks_for: Callable[[str], Hooks],
        emit: Emit,
        choices_dir: Path | None = None,
    ) -> None:
        self._around = around
        self._environ = os.environ if environ is None else environ
        self._references = References(self._environ, allow_commands=around.allow_commands)
        self.lookup = Lookup(self._environ, lambda: hooks_for("").connection_stores())
        self._renewals = Renewals(self.lookup)
        self._hooks_for = hooks_for
        self._emit = emit
        self._offers = Offers(choices_dir)
        self._gates = Gates(around.settings, self._limiter)
        self._known_fields = KnownFields()
        self.transport = Transport(around.settings)

    @hookimpl(trylast=True)
    def find_connection(self, name: str, type_id: str, connection_type: ConnectionType) -> Mapping[str, object] | None:
        """Look into the environment, then into the stores; a name that none of them knows is nobody's."""
        return self.lookup.find(name, type_id, connection_type)

    @hookimpl(trylast=True)
    def resolve_reference(self, reference: Reference) -> Secret | None:
        """Answer ``env``, ``file``, ``keyring``, and ``command`` where it is allowed."""
        return self._references.fetch(reference)

    @hookimpl(tryfirst=True)
    def authorize(self, request: PreparedRequest, connection: Connection) -> None:
        """Apply what the connection type declares."""
        connection.authorize(request)

    @hookimpl(trylast=True)
    def check_connection(self, connection: Connection, context: Context) -> str:
        """Ask as the connection type says; without a word from it, nothing can be proven."""
        check = connection.type.check
        if callable(check):
            return check(context.client)
        if not check:
            return ""
        answer, place = context.client.request("GET", check), connection.type.account_at
        label = value_at(place, answer.json()) if place else None
        return str(label) if isinstance(label, str | int) else ""

    @hookimpl(trylast=True)
    def module_fields(self, module: AnyModule, values: Mapping[str, object], connection: Connection | None) -> Form:
        """Give the form as it is declared, or as its author has it fit the values."""
        return module.shown(values, connection.view() if connection else None)

    @hookimpl(trylast=True)
    def dynamic_fields(
        self, module: AnyModule, field: str, values: Mapping[str, object], context: Context
    ) -> Sequence[Slot] | None:
        """Ask the field's own function, if it was not asked a short while ago."""
        word = next(slot.word for slot in module.dynamic if slot.key == field)
        assert isinstance(word, Dynamic)  # noqa: S101  that is what makes it one
        return self._known_fields.get(word, values, context)

    @hookimpl(trylast=True)
    def field_choices(
        self, module: AnyModule, field: str, query: str, values: Mapping[str, object], context: Context
    ) -> Sequence[Choice]:
        """Give the choices that the field declares or asks for, and of these what fits the query."""
        places = [(form, slot, choosing(slot)) for form, slot in places_at(module.form, field)]
        if not any(chosen for _, _, chosen in places):
            slot = places[0][1]
            message = f"The field {slot.key!r} offers no choices."
            raise InputError(message)
        return [
            choice
            for form, _, chosen in places
            for slot in chosen
            for choice in self._offered(form, slot, query, values, context)
        ]

    def _offered(
        self, form: Form, slot: Slot, query: str, values: Mapping[str, object], context: Context
    ) -> Sequence[Choice]:
        word = slot.word
        if isinstance(word, Select) and callable(word.choices):
            given: dict[str, object] = {"query": query} if word.searches else {}
            if word.depends_on:
                # A service that is asked by them must get neither a secret nor its mask; as with Dynamic.
                names = [each.key for each in form.slots if each.key in word.depends_on and not each.is_secret]
                given["values"] = read_values(form, names, values)
            offered = held_choices(slot, self._offers.get(word.choices, context, word.keep_s, given))
            return offered if word.searches else _fitting(offered, query)
        return _fitting(declared_choices(slot), query)

    @hookimpl(trylast=True)
    def execute(self, operation: Operation) -> Execution:
        """Run the module."""
        hooks = self._hooks_for(operation.module_id)
        recorder = Recorder(operation, self._emit if hooks.listens else None, self._around.settings)
        context = context_for(operation, recorder, self._around, sending_by(hooks))
        files = FileFlow(context.fetch, self._around.store, operation.confidential)
        return guarded(operation, run_module(operation, context, recorder, hooks, files), recorder)

    @hookimpl(trylast=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Response:
        """Add the credentials to a request that stays inside the connection's origin, and send it."""
        if operation.purpose is Purpose.WEB:
            return self._fetched(request, operation)
        connection = operation.connection
        if connection is None:
            message = f"{operation.module_id} has no connection to send a request for."
            raise PluginError(message, stage="hook")
        check_inside(connection.base_url, request.url or "")
        gate, permit = self._gates.of(connection.counted_as, connection), None
        if not gate.is_open:
            permit = gate.enter(operation.deadline, operation.cancellation, partial(self._tell_wait, operation))
        try:
            response = self._authorized(request, operation, connection)
        except BaseException:
            if permit is not None:
                gate.leave(permit)
            raise
        busy = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        if busy or gate.counts:
            response.raw.turn = Turn(gate, permit)
        if not busy:
            gate.answered(response.raw.headers_by_name)
        # As it was before the credential came, which may be in the URL: the module reads that, and plugins may keep it.
        response.request, response.url = request, request.url or ""
        return response

    def _limiter(self, connection: Connection) -> Limiter | None:
        """Ask the plugins for what lets the requests of a connection out; ``None`` for a gate of this process."""
        given = self._hooks_for(connection.type_id).limit_requests(
            connection=connection, settings=self._around.settings
        )
        if given is not None and not isinstance(given, Limiter):
            message = f"A plugin answered the hook 'limit_requests' with {type(given).__name__}, not with a Limiter."
            raise PluginError(message, stage="hook")
        return given

    def way(self, operation: Operation) -> Way:
        """Give the way to an authorization server, within the time of an operation."""
        connection = operation.connection
        user = connection.type.user_of(connection.form) if connection else NamedBy.USER
        return Way(self.transport, self._around.settings, operation.deadline, operation.cancellation, user)

    def _authorized(self, request: PreparedRequest, operation: Operation, connection: Connection) -> WireResponse:
        oauth = connection.oauth
        if oauth is None:
            return self._sent(request, operation, connection)
        way = self.way(operation)
        warn = partial(self._warn, operation)
        current = self._renewals.current(connection, way, warn=warn)
        response = self._sent(request, operation, current)
        if response.status_code != HTTPStatus.UNAUTHORIZED or not oauth.can_renew(current.form):
            return response
        response.close()  # refused before its time: it was taken back, or a clock is wrong; nothing was done with it
        current = self._renewals.current(connection, way, warn=warn, refused=current)
        return self._sent(request, operation, current)

    def _sent(self, request: PreparedRequest, operation: Operation, connection: Connection) -> WireResponse:
        # A copy: plugins that wrapped this hook hold the request, and may keep it.
        authorized = request.copy()
        self._hooks_for(operation.module_id).authorize(request=authorized, connection=connection)
        moved = authorized.url != request.url
        if moved:
            check_inside(connection.base_url, authorized.url or "")
        response = self.transport.send(
            authorized,
            deadline=operation.deadline,
            cancellation=operation.cancellation,
            named_by=connection.named_by,
        )
        if moved:  # a service may send us on with the key that stands there
            before, after = (names_in(url.partition("?")[2]) for url in (request.url or "", authorized.url or ""))
            response.raw.own_names = after - before
        return response

    def _warn(self, operation: Operation, message: str) -> None:
        self._emit(WarningRaised(operation_id=operation.id, module_id=operation.module_id, message=message))

    def _tell_wait(self, operation: Operation, wait_s: float | None, reason: str) -> None:
        if self._hooks_for(operation.module_id).listens:
            self._emit(
                TurnAwaited(operation_id=operation.id, module_id=operation.module_id, wait_s=wait_s, reason=reason)
            )

    def _fetched(self, request: PreparedRequest, operation: Operation) -> Response:
        """Send a request that may go to anybody: nothing adds a credential to it."""
        deadline, cancellation = operation.deadline, operation.cancellation
        return self.transport.send(request, deadline=deadline, cancellation=cancellation, named_by=NamedBy.STRANGER)


def _fitting(choices: Sequence[Choice], query: str) -> Sequence[Choice]:
    wanted = query.casefold()
    return [choice for choice in choices if wanted in f"{choice.value}\n{choice.label}".casefold()]
