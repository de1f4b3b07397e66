"""Modules as tools of a language model: what it is told of them, and a toolbox that answers its calls.

A model's arguments are as untrusted as any input: the module's own form checks them before anything is sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from attrs import field, frozen

from jackfield import _json
from jackfield._engine.conversion import load_form
from jackfield._engine.handles import ModuleHandle
from jackfield._engine.suggestions import close_names
from jackfield._engine.tool_answers import answer_text, error_text
from jackfield._engine.tool_schema import Dialect, check_name, plain_parameters, tool_name
from jackfield.errors import InputError, InvalidInputError, JackfieldError, Problem, RefusedByPolicyError
from jackfield.host import Host
from jackfield.kinds import Effect

__all__ = ["Tool", "ToolAnswer", "ToolCall", "Toolbox"]

_WHOLE = "$"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen(kw_only=True)
class Tool:
    """A module that a model may call, and how much of it.

    Attributes:
        module: Its id.
        name: What the model calls it; made of the id without.
        description: What the model is told of it; what the module says of itself without.
        fields: What the model fills in; all that is neither advanced nor deprecated without.
        given: Values that it is not asked for, by name in JSON: ``{"model": "gpt-5.2"}``.
        connection: As in ``Host.run``.
        strict: Whether the service is to hold the model to the schema: ``True`` is an error if it cannot; ``None``
            asks for it where it can.
    """

    module: str
    name: str = ""
    description: str = ""
    fields: tuple[str, ...] = field(default=(), converter=_names)
    given: Mapping[str, object] = field(factory=dict)
    connection: str | Mapping[str, object] | None = field(default=None, repr=False)
    strict: bool | None = None

    @property
    def called(self) -> str:
        """What the model calls it."""
        return self.name or tool_name(self.module)


@frozen(kw_only=True)
class ToolCall:
    """What a model asks for.

    Attributes:
        id: The service's name for the call, which the answer repeats.
        name: Of the tool.
        arguments: A JSON object, or the text of one.
    """

    id: str = ""
    name: str
    arguments: str | Mapping[str, object]


@frozen(kw_only=True)
class ToolAnswer:
    """What a call gave, or what was wrong with it.

    Attributes:
        call: What was asked for.
        text: For the model: JSON.
        error: What went wrong; ``None`` if nothing did.
    """

    call: ToolCall
    text: str
    error: JackfieldError | None = None


class Toolbox:
    """Tells a model of modules, and runs those that it calls.

    Args:
        host: What runs them.
        tools: Module ids, or more about them.
        approve: Asked before a call that may change something in a service (any effect but ``read``); ``False``
            refuses it, and the model is told so. Without, every tool in the box may be called.
        max_answer_chars: How much of an answer the model gets.
        deadline_s: How long one call may take; the host's setting without.

    Raises:
        InputError: Two tools have one name, or one cannot be told of.
        UnknownModuleError: There is no such module.
    """

    def __init__(
        self,
        host: Host,
        tools: Iterable[str | Tool],
        *,
        approve: Callable[[ToolCall, ModuleHandle], bool] | None = None,
        max_answer_chars: int = 50_000,
        deadline_s: float | None = None,
    ) -> None:
        self._host = host
        self._approve = approve
        self._max_answer_chars = max_answer_chars
        self._deadline_s = deadline_s
        self._tools: dict[str, _Usable] = {}
        for tool in tools:
            usable = _Usable(host, Tool(module=tool) if isinstance(tool, str) else tool)
            name = usable.tool.called
            if name in self._tools:
                message = f"{self._tools[name].tool.module} and {usable.tool.module} are both called {name!r}."
                raise InputError(message, hint="Give one of them a name: Tool(module=..., name=...).")
            self._tools[name] = usable

    def definitions(self, dialect: Dialect) -> list[dict[str, Any]]:
        """Tell of all tools, as the service takes it under ``tools``."""
        return [usable.definition(dialect) for usable in self._tools.values()]

    def answer(self, call: ToolCall) -> ToolAnswer:
        """Check a call and run it; whatever goes wrong becomes an answer from which the model can learn."""
        try:
            return ToolAnswer(call=call, text=self._run(call))
        except JackfieldError as error:
            return ToolAnswer(call=call, text=error_text(error), error=error)

    def answers(self, dialect: Dialect, said: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answer every call in what a model said, one after the other, as messages for the next request.

        Args:
            dialect: Whose.
            said: The message of a choice (``openai``), or ``output`` (``responses``), or ``content`` (``anthropic``).

        Returns:
            One message for each call (for ``anthropic`` one with all of them), none where nothing was called.
        """
        spoken = _spoken(dialect)
        found: list[dict[str, Any]] = spoken.messages([self.answer(call) for call in spoken.calls(said)])
        return found

    def _run(self, call: ToolCall) -> str:
        usable = self._tools.get(call.name)
        if usable is None:
            message = f"There is no tool {call.name!r}.{close_names(call.name, self._tools)}"
            raise InputError(message)
        values = usable.filled(_object(call))
        self._check_approved(call, usable, values)
        tool = usable.tool
        result = self._host.run(tool.module, values, connection=tool.connection, deadline_s=self._deadline_s)
        return answer_text(usable.handle.kind, result, self._max_answer_chars)

    def _check_approved(self, call: ToolCall, usable: "_Usable", values: Mapping[str, object]) -> None:
        if self._approve is None:
            return
        module = usable.handle.module
        effect = module.effect_of(load_form(module.signature.form, values, subject=usable.tool.module))
        if effect is not Effect.READ and not self._approve(call, usable.handle):
            message = f"The call of {call.name} was not approved."
            raise RefusedByPolicyError(message, hint="Ask the user what to do instead.")


class _Usable:
    """A tool beside the module that it stands for."""

    def __init__(self, host: Host, tool: Tool) -> None:
        self.tool = tool
        self.handle = host.module(tool.module)

        check_name(tool.called)
        if tool.strict:
            self.definition("openai")  # what cannot be strict is told now, not when a model is asked
        self._names = plain_parameters(self.handle.schema(), fields=tool.fields, given=tool.given)["properties"]

    def definition(self, dialect: Dialect) -> dict[str, Any]:
        tool = self.tool
        return self.handle.as_tool(  # type: ignore[no-any-return]  # a langchain tool is asked for elsewhere
            dialect,
            name=tool.called,
            description=tool.description,
            fields=tool.fields,
            given=tool.given,
            strict=tool.strict,
        )

    def filled(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """Join what the model gave with what was given before.

        Raises:
            InvalidInputError: It gave something else than it was asked for.
        """
        there_is = f"is no argument; there is {', '.join(self._names) or 'none'}"
        problems = [
            Problem(path=f"$.{name}", rule="unknown", message=there_is) for name in arguments if name not in self._names
        ]
        if problems:
            raise InvalidInputError(problems, subject=self.tool.module)
        return {**arguments, **self.tool.given}


def _object(call: ToolCall) -> Mapping[str, object]:
    given: object = call.arguments
    if isinstance(given, str):
        fault = None
        try:
            given = _json.parse(given or "{}", unique=True)
        except _json.JsonError as error:
            fault = _json.invalid(_WHOLE, error)
        if fault:
            raise fault
    if not isinstance(given, Mapping):
        raise InvalidInputError([Problem(path=_WHOLE, rule="type", message="must be a JSON object")], subject=call.name)
    return given


class _Chat:
    """OpenAI's chat completions. Source: platform.openai.com/docs/guides/function-calling (2025-11)."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        asked = [call for call in said.get("tool_calls") or () if call.get("type") == "function"]
        return [
            ToolCall(id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"])
            for call in asked
        ]

    @staticmethod
    def messages(answers: Sequence[ToolAnswer]) -> list[dict[str, Any]]:
        return [{"role": "tool", "tool_call_id": answer.call.id, "content": answer.text} for answer in answers]


class _Responses:
    """OpenAI's Responses API. Source: as for _Chat."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        asked = [item for item in said if item.get("type") == "function_call"]
        return [ToolCall(id=item["call_id"], name=item["name"], arguments=item["arguments"]) for item in asked]

    @staticmethod
    def messages(answers: Sequence[ToolAnswer]) -> list[dict[str, Any]]:
        return [
            {"type": "function_call_output", "call_id": answer.call.id, "output": answer.text} for answer in answers
        ]


class _Anthropic:
    """Anthropic's Messages API. Source: docs.claude.com, "Tool use" (2025-11)."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        asked = [part for part in said if part.get("type") == "tool_use"]
        return [ToolCall(id=part["id"], name=part["name"], arguments=part["input"]) for part in asked]

    @staticmethod
    def messages(answers: Sequence[ToolAnswer]) -> list[dict[str, Any]]:
        parts = [
            {
                "type": "tool_result",
                "tool_use_id": answer.call.id,
                "content": answer.text,
                **({"is_error": True} if answer.error else {}),
            }
            for answer in answers
        ]
        return [{"role": "user", "content": parts}] if parts else []


_DIALECTS: Mapping[str, Any] = {"openai": _Chat, "responses": _Responses, "anthropic": _Anthropic}


def _spoken(dialect: str) -> Any:
    found = _DIALECTS.get(dialect)
    if found is None:
        message = f"There is no dialect {dialect!r}; there is {', '.join(get_args(Dialect))}."
        raise InputError(message)
    return found
