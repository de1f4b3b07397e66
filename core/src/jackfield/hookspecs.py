"""Every hook, in the order of a run's life.

A plugin implements the ones that it needs with ``@jackfield.hookimpl``. It may leave out arguments that it does not
use, and must not give them defaults (pluggy 1.6 and 1.7 treat those differently). ``@hookimpl(wrapper=True)`` wraps
all others; ``tryfirst`` and ``trylast`` order them. Core's own behavior stands behind each hook and comes
last.

A plugin of the host (``jackfield.plugins``, ``Host(plugins=[...])``) sees every module and connection. A connector
(``jackfield.connectors``) sees only its own.
"""

from collections.abc import Collection, Mapping, Sequence

import pluggy
from requests import PreparedRequest, Response

from jackfield._http.limits import HttpSettings
from jackfield._http.turns import Limiter
from jackfield.connections import Connection, ConnectionStore, ConnectionType
from jackfield.fields import Choice
from jackfield.forms import Form, Slot
from jackfield.modules import AnyModule, Context
from jackfield.operations import Event, Execution, Operation
from jackfield.references import Reference
from jackfield.secrets import Secret
from jackfield.usage import Money, Usage

__all__ = ["hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("jackfield")
hookimpl = pluggy.HookimplMarker("jackfield")


# What there is.


@hookspec
def hide_modules(module_ids: Sequence[str]) -> Collection[str]:  # type: ignore[empty-body]  # pluggy calls no body
    """Say which modules this host does not have.

    Called once, when the modules are first listed or run; no module is imported for it. A module that any plugin hides
    is hidden: it is not listed, and running it is refused as if it did not exist.

    Args:
        module_ids: Every id that is installed, sorted.

    Returns:
        The ids to hide; empty for none.
    """


@hookspec
def stand_aside() -> bool:  # type: ignore[empty-body]  # pluggy calls no body
    """Say whether this plugin has nothing to do at the moment: then none of its other hooks is called.

    Called for plugins of the host at the beginning of each run, check and question, so it must be quick. A run that is
    under way when the answer changes may call some hooks of the plugin and not others. A plugin that only watches
    implements it, to cost nothing where nobody looks; a policy never does.

    Returns:
        Whether to be left out. A plugin that fails at it is not.
    """


# Connections.


@hookspec(firstresult=True)
def find_connection(name: str, type_id: str, connection_type: ConnectionType) -> Mapping[str, object] | None:
    """Find the values of a connection.

    Called once for each operation whose caller gave a name or nothing. First answer wins; a host brings its own
    credentials in here. Core looks into the environment, then into the stores (``connection_stores``).

    Args:
        name: As the caller gave it; empty if the caller gave none.
        type_id: The connection type that the module needs: ``openai.openai``.
        connection_type: The same, as the connector declares it.

    Returns:
        Values for the type's form, secrets as text, Secret or Reference; they are checked as any input. ``None`` if
        not yours.
    """


@hookspec
def connection_stores() -> Sequence[ConnectionStore]:  # type: ignore[empty-body]  # pluggy calls no body
    """Give more places where connections are kept.

    Called once, when a connection is first looked up by its name, or when they are listed. A host has no store but
    those that are given so: ``Host(plugins=[Store.default()])``.

    Returns:
        Stores in the order in which to ask them; empty for none.
    """


@hookspec(firstresult=True)
def resolve_reference(reference: Reference) -> Secret | str | None:
    """Fetch a secret that is kept elsewhere.

    Called when a connection that has a reference is used; what is found is never saved. Core answers ``env``, ``file``,
    ``keyring`` and, if this host allows it, ``command``.

    Raises:
        NoConnectionError: The place is yours, and there is nothing; say what is missing, never a value.

    Returns:
        The secret; ``None`` if the scheme is not yours.
    """


@hookspec
def authorize(request: PreparedRequest, connection: Connection) -> None:
    """Add credentials to a request that is about to leave.

    Called once for each attempt and redirect, after the request's final URL was found to be inside the connection's
    origin. Core applies what the connection type declares, first; a plugin may add to it or change it.
    """


@hookspec(firstresult=True)
def check_connection(connection: Connection, context: Context) -> str | None:
    """Prove that a connection works, by asking the service.

    Called when somebody asks for it. Raise the error that tells what is wrong.

    Returns:
        A label for the account, which may be empty; ``None`` if not yours.
    """


# Field schemas.


@hookspec(firstresult=True)
def module_fields(
    module: AnyModule, module_id: str, values: Mapping[str, object], connection: Connection | None
) -> Form | None:
    """Narrow the form of a module for the values that it has so far.

    Called when a form is shown or exported for given values; may not do I/O. A wrapper gets the form of all others
    and may hide, require or bound its slots.

    Args:
        module: Whose form it is.
        module_id: The same, by name.
        values: As JSON, by name; ``***`` for a secret that is set.
        connection: The one that will be used; ``None`` if that is not known yet, or the module needs none.

    Returns:
        The form to show; ``None`` if not yours. Core gives the form as declared, or as ``@module(refine=...)`` has it.
    """


@hookspec(firstresult=True)
def dynamic_fields(
    module: AnyModule, module_id: str, field: str, values: Mapping[str, object], context: Context
) -> Sequence[Slot] | None:
    """List the fields of a field that is declared Dynamic.

    Called when somebody wants to see them, and when a module runs with a value for that field, which is checked
    against them; may do I/O through ``context.client``. First answer wins. Core asks the field's own function, if it
    has one and was not asked a short while ago.

    Args:
        module: Whose field it is.
        module_id: The same, by name.
        field: Its name in JSON.
        values: What the fields hold that it depends on, by name in JSON.
        context: With a client for the connection that the user chose.

    Returns:
        Fields in the order to show them, each made with ``named_field``; ``None`` if not yours: any JSON object is
        accepted then.
    """


@hookspec(firstresult=True)
def field_choices(  # noqa: PLR0917  hooks are called by name
    module: AnyModule, module_id: str, field: str, query: str, values: Mapping[str, object], context: Context
) -> Sequence[Choice] | None:
    """List what a field offers.

    Called whenever a user opens the field; may do I/O through ``context.client``. First answer wins. Core asks the
    field's own function, unless it has a list that is young enough. Whoever gives a list that is not of this moment
    says so with ``context.record_age``.

    Args:
        module: Whose field it is.
        module_id: The same, by name.
        field: Its path in the form: ``model``, ``messages.role``.
        query: What the user typed so far; empty for everything.
        values: What stands beside the field already, by name in JSON.
        context: With a client for the connection that the user chose.

    Returns:
        Choices in the order to show them, best first; ``None`` if not yours.
    """


# Execution.


@hookspec(firstresult=True)
def execute(operation: Operation) -> Execution | None:
    """Run one operation.

    Called once for each. Gives a generator that has not started: it yields the pieces of a streaming module and
    returns the result. Wrappers are the middleware: they may start the generator that they get, wrap it
    (``result = yield from execution``), or drop it unstarted and answer themselves. If ``operation.confidential``,
    nothing of its input and output may be kept or passed on.
    """


@hookspec(firstresult=True)
def send(request: PreparedRequest, operation: Operation) -> Response | None:
    """Send one attempt of a request.

    Called before the credential is added, so that a recorder never holds a key. First answer wins: tests answer from
    memory here. Core authorizes the request and sends it over the network. Whoever records what is sent leaves out what
    is confidential: ``operation.confidential``.

    Returns:
        A response whose body has not been read; ``None`` if not yours.
    """


@hookspec(firstresult=True)
def limit_requests(connection: Connection, settings: HttpSettings) -> Limiter | None:
    """Say what lets the requests of a connection leave in turn.

    Called once in each host for all connections with the same values, before the first of their requests leaves; may
    not do I/O. First answer wins. Core keeps to the settings, and to what the service says of its limits, in each
    process by itself; a plugin may have several processes share a limit.

    Args:
        connection: Whose requests they are; its name and type tell it from others, its values are not to be kept.
        settings: Of the host: ``max_requests_per_s``, ``max_in_flight``, ``heed_rate_limits``, ``max_retry_after_s``.

    Returns:
        What is asked before each request and told of each answer; ``None`` if not yours.
    """


@hookspec(firstresult=True)
def price_usage(usage: Usage, module_id: str, connection: str) -> Money | None:
    """Say what a usage costs.

    Called for each usage that a run told, and by a budget for the most that a run could use, before it runs. May not do
    I/O. First answer wins; core knows no price.

    Args:
        usage: Of one model; what is not counted in it is unknown, or not used.
        module_id: Who used it.
        connection: The name of the connection; empty for the one without a name.

    Returns:
        All that it costs, for a host always in the same currency; ``None`` if you do not know the price of all of it.
    """


@hookspec
def on_event(event: Event) -> None:
    """Learn what happens during operations.

    Called in the thread in which it happens; an error raised here is logged and changes nothing.
    """
