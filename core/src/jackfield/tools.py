"""Modules as tools of a language model: what it is told of them, and a toolbox that answers its calls.

A model's arguments are as untrusted as any input: the module's own form checks them before anything is sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, get_args

from attrs import field, frozen

from jackfield import _json
from jackfield._engine.conversion import load_form
from jackfield._engine.handles import ModuleHandle
from jackfield._engine.suggestions import close_names
from jackfield._engine.tool_answers import answer_text, error_text
from jackfield._engine.tool_langchain import structured_tool
from jackfield._engine.tool_schema import Dialect, check_name, field_names, filled, plain_parameters, tool_name
from jackfield.errors import InputError, InvalidInputError, JackfieldError, Problem, RefusedByPolicyError
from jackfield.host import Host
from jackfield.kinds import Effect

__all__ = ["Tool", "ToolAnswer", "ToolCall", "Toolbox"]

_WHOLE = "$"
_SHOWN = 80
_INSTEAD = "Ask the user what to do instead."


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
    fields: tuple[str, ...] = field(default=(), converter=field_names)
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
        approve: Asked before a call that may change something in a service (any effect but ``read``). Only ``True``
            approves; whatever else it gives or raises refuses the call, and the model is told so. Without, every tool
            in the box may be called.
        max_answer_chars: How much of an answer the model gets.
        deadline_s: How long one call may take; the host's setting without.

    Raises:
        InputError: Two tools have one name, or one cannot be told of; or the limit is none.
        InvalidInputError: What is given to a tool does not fit its module.
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
        if max_answer_chars < 1:
            message = f"max_answer_chars must be at least 1, was {max_answer_chars}."
            raise InputError(message)
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

    def definitions(self, dialect: Dialect | Literal["langchain"]) -> list[Any]:
        """Tell of all tools, as the service takes it under ``tools``.

        For ``langchain`` each is a ``StructuredTool`` that answers as ``answer`` does.
        """
        told = [usable.definition(dialect) for usable in self._tools.values()]
        if dialect != "langchain":
            return told
        return [structured_tool(**one, answer=partial(self._answered, one["name"])) for one in told]

    def _answered(self, name: str, arguments: Mapping[str, object]) -> str:
        return self.answer(ToolCall(name=name, arguments=arguments)).text

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

        Raises:
            InputError: This is nothing that a model says in that dialect; nothing was called.
        """
        spoken = _spoken(dialect)
        found: list[dict[str, Any]] = spoken.messages([self.answer(call) for call in spoken.calls(said)])
        return found

    def _run(self, call: ToolCall) -> str:
        usable = self._tools.get(call.name)
        if usable is None:
            message = f"There is no tool {call.name[:_SHOWN]!r}.{close_names(call.name, self._tools)}"
            raise InputError(message)
        tool = usable.tool
        values = filled(_object(call), usable.names, tool.given, subject=tool.module)
        self._check_approved(call, usable, values)
        result = self._host.run(tool.module, values, connection=tool.connection, deadline_s=self._deadline_s)
        return answer_text(usable.handle.kind, result, self._max_answer_chars)

    def _check_approved(self, call: ToolCall, usable: "_Usable", values: Mapping[str, object]) -> None:
        if self._approve is None:
            return
        module = usable.handle.module
        effect = module.effect_of(load_form(module.signature.form, values, subject=usable.tool.module))
        if effect is Effect.READ:
            return
        try:
            approved = self._approve(call, usable.handle)
        except Exception as error:
            message = f"Whether {call.name} may be called could not be asked: {type(error).__name__}."
            raise RefusedByPolicyError(message, hint=_INSTEAD) from error
        if approved is not True:
            message = f"The call of {call.name} was not approved."
            raise RefusedByPolicyError(message, hint=_INSTEAD)


class _Usable:
    """A tool beside the module that it stands for."""

    def __init__(self, host: Host, tool: Tool) -> None:
        self.tool = tool
        self.handle = host.module(tool.module)

        check_name(tool.called)
        if tool.strict:
            self.definition("openai")  # what cannot be strict is told now, not when a model is asked
        self.names = [*plain_parameters(self.handle.schema(), fields=tool.fields, given=tool.given)["properties"]]
        self._check_given()

    def definition(self, dialect: str) -> dict[str, Any]:
        """Tell of it; for ``langchain`` what its tool is made of."""
        tool = self.tool
        return self.handle.tool_definition(
            dialect,
            name=tool.called,
            description=tool.description,
            fields=tool.fields,
            given=tool.given,
            strict=tool.strict,
        )

    def _check_given(self) -> None:
        """Go on if no call will fail for what the model did not give; what lacks, it may still give.

        Raises:
            InvalidInputError: A given value does not fit its field.
        """
        tool = self.tool
        wrong: list[Problem] = []
        try:
            load_form(self.handle.module.signature.form, tool.given, subject=tool.module)
        except InvalidInputError as error:
            wrong = [one for one in error.problems if _below(one.path, tool.given)]
        if wrong:
            raise InvalidInputError(wrong, subject=f"Tool(module={tool.module!r}, given=...)")


def _below(path: str, names: Iterable[str]) -> bool:
    """Tell whether a place is in one of some fields."""
    return any(path == f"$.{name}" or path.startswith((f"$.{name}.", f"$.{name}[")) for name in names)


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


def _items(said: object, meant: str) -> list[Mapping[str, Any]]:
    """Give the parts of what a model said.

    Raises:
        InputError: They are none.
    """
    if isinstance(said, str | Mapping) or not isinstance(said, Sequence):
        message = f"This is nothing that a model says: it must be {meant}."
        raise InputError(message)
    if not all(isinstance(one, Mapping) for one in said):
        message = f"This is nothing that a model says: not all in {meant} are objects."
        raise InputError(message)
    return [*said]


def _call(call_id: object, said: object, arguments: str) -> ToolCall:
    """Read one call.

    Args:
        call_id: The service's name for it.
        said: What has the name of the tool, and its arguments.
        arguments: Under which key.

    Raises:
        InputError: It could not be answered.
    """
    if not isinstance(call_id, str) or not isinstance(said, Mapping) or not isinstance(said.get("name"), str):
        message = "A call of a tool lacks its id or the name of the tool, so it cannot be answered."
        raise InputError(message)
    given = said.get(arguments)
    return ToolCall(id=call_id, name=said["name"], arguments="" if given is None else given)


class _Chat:
    """OpenAI's chat completions. Source: platform.openai.com/docs/guides/function-calling (2025-11)."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        if not isinstance(said, Mapping) or "choices" in said:
            message = "This is nothing that a model says: it must be the message of a choice."
            raise InputError(message)
        asked = _items(said.get("tool_calls") or [], "`tool_calls` of the message")
        return [
            _call(one.get("id"), one.get("function"), "arguments")
            for one in asked
            if one.get("type", "function") == "function"
        ]

    @staticmethod
    def messages(answers: Sequence[ToolAnswer]) -> list[dict[str, Any]]:
        return [{"role": "tool", "tool_call_id": answer.call.id, "content": answer.text} for answer in answers]


class _Responses:
    """OpenAI's Responses API. Source: as for _Chat."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        items = _items(said, "`output` of the response, a list")
        return [_call(one.get("call_id"), one, "arguments") for one in items if one.get("type") == "function_call"]

    @staticmethod
    def messages(answers: Sequence[ToolAnswer]) -> list[dict[str, Any]]:
        return [
            {"type": "function_call_output", "call_id": answer.call.id, "output": answer.text} for answer in answers
        ]


class _Anthropic:
    """Anthropic's Messages API. Source: docs.claude.com, "Tool use" (2025-11)."""

    @staticmethod
    def calls(said: Any) -> list[ToolCall]:
        parts = _items(said, "`content` of the message, a list")
        return [_call(one.get("id"), one, "input") for one in parts if one.get("type") == "tool_use"]

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
