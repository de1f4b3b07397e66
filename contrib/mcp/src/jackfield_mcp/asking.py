"""Asking the person at the client: whether a call may be run, and with which saved connection.

No secret is asked for: what a client's form takes passes the program of the model. Two ways to ask, by the version of
the protocol: until 2025-11-25 the server sends a request of its own, from 2026-07-28 on the call is answered with a
question, and made again with the answer.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequests,
    InputRequiredResult,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from jackfield import ConnectionType, JackfieldError, NoConnectionError, RefusedByPolicyError, SavedConnection
from jackfield_mcp.trimming import spelled

Context = ServerRequestContext[Any, Any]
_LONGEST_INPUT = 1000


@frozen(kw_only=True)
class Decisions:
    """What the person at the client decided so far about one call."""

    approved: bool = False
    connection: str = ""


@frozen(kw_only=True)
class Question:
    """Something to decide.

    Attributes:
        key: Which of the decisions.
        message: What the person reads.
        schema: What may be answered, as the protocol allows: an object of plain fields.
        unasked: What is raised where nobody can be asked, or the person declined.
    """

    key: str
    message: str
    schema: Mapping[str, Any]
    unasked: JackfieldError


class AskFirstError(Exception):
    """The call must be answered with a question."""

    def __init__(self, result: InputRequiredResult) -> None:
        super().__init__("a question is open")
        self.result = result


def about_approval(module_id: str, label: str, form: Mapping[str, Any]) -> Question:
    """Ask whether a module may be run that leaves something behind."""
    given = spelled(form)
    shown = given if len(given) <= _LONGEST_INPUT else f"{given[:_LONGEST_INPUT]}..."
    yes = {"type": "boolean", "title": "Run it", "description": "It may leave something behind that cannot be undone."}
    message = f"{module_id} leaves something behind that may not be undone, and nobody approved of this call."
    return Question(
        key="approved",
        message=f"May {module_id} ({label}) be run with {shown}?",
        schema={"type": "object", "properties": {"approved": yes}, "required": ["approved"]},
        unasked=RefusedByPolicyError(message, hint=f"Whoever starts the server may approve: --approve {module_id}"),
    )


def about_connection(
    error: NoConnectionError, type_id: str, kind: ConnectionType | None, saved: Sequence[SavedConnection]
) -> Question | None:
    """Ask which of the saved connections to use.

    Args:
        error: What lacked.
        type_id: The connection type that is needed.
        kind: The same, as the connector declares it.
        saved: What this host's stores have.

    Returns:
        The question; ``None`` if there is nothing to choose from.
    """
    names = [found.name for found in saved if found.type_id == type_id]
    if not names:
        return None
    label = kind.label if kind else type_id
    field = {"type": "string", "title": "Connection", "enum": names}
    return Question(
        key="connection",
        message=f"Which of the saved connections for {label} is to be used?",
        schema={"type": "object", "properties": {"connection": field}, "required": ["connection"]},
        unasked=without_connection(error, type_id, names),
    )


def without_connection(error: NoConnectionError, type_id: str, names: Sequence[str] = ()) -> NoConnectionError:
    """Say what to do about a connection that lacks, in commands that a person types elsewhere."""
    steps = [f"jackfield connection add NAME {type_id}"] if not names else []
    steps.append(f"jackfield mcp serve --connection {type_id}={names[0] if names else 'NAME'}")
    hint = "A person at a terminal: " + "; then: ".join(f"`{step}`" for step in steps)
    return NoConnectionError(error.message, name=error.name, tried=error.tried, hint=hint)


def decided_before(params: CallToolRequestParams) -> Decisions:
    """Read what was decided in earlier rounds of the same call; the state is sealed, so nobody else wrote it."""
    return Decisions(**json.loads(params.request_state)) if params.request_state else Decisions()


async def decide(question: Question, before: Decisions, context: Context, params: CallToolRequestParams) -> Decisions:
    """Get an answer.

    Raises:
        JackfieldError: Nobody can be asked, or the person declined.
        AskFirstError: The question must be given to the client as the result of this request.
    """
    answer = (params.input_responses or {}).get(question.key)
    if not isinstance(answer, ElicitResult):
        answer = await _asked(question, before, context)
    value = (answer.content or {}).get(question.key) if answer.action == "accept" else None
    names = question.schema["properties"][question.key].get("enum")
    if value is not True if names is None else value not in names:  # 1 is no yes
        declined = type(question.unasked)(f"The person at the client declined. {question.unasked.message}")
        raise declined
    return evolve(before, approved=True) if question.key == "approved" else evolve(before, connection=str(value))


async def _asked(question: Question, before: Decisions, context: Context) -> ElicitResult:
    capabilities = context.session.client_capabilities
    can = capabilities.elicitation if capabilities else None
    if can is None or (can.form is None and can.url is not None):
        raise question.unasked
    if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
        asked = ElicitRequestFormParams(message=question.message, requested_schema=dict(question.schema))
        state = json.dumps({"approved": before.approved, "connection": before.connection})
        requests: InputRequests = {question.key: ElicitRequest(params=asked)}
        raise AskFirstError(InputRequiredResult(input_requests=requests, request_state=state))
    if not context.session.can_send_request:
        raise question.unasked
    try:
        return await context.session.elicit_form(question.message, dict(question.schema), context.request_id)
    except MCPError:  # the client cannot ask, whatever it promised
        raise question.unasked from None
