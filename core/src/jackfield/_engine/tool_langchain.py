"""A module as a tool of LangChain, which is not installed with us."""

from collections.abc import Callable, Mapping
from typing import Any

from jackfield._engine.tool_schema import Schema
from jackfield.errors import InputError


def structured_tool(
    name: str, description: str, parameters: Schema, answer: Callable[[Mapping[str, object]], str]
) -> Any:
    """Make a ``StructuredTool`` of ``langchain_core``, which hands over its arguments unchecked.

    Args:
        name: Of the tool.
        description: For the model.
        parameters: JSON Schema of its arguments.
        answer: Checks the arguments, and gives what the model is to read.

    Raises:
        InputError: LangChain is not installed.
    """
    try:
        from langchain_core.tools import StructuredTool  # noqa: PLC0415  only who asks for it has it
    except ImportError:
        message = "LangChain is not installed."
        raise InputError(message, hint="pip install langchain-core") from None

    def call(**arguments: object) -> str:
        return answer(arguments)

    return StructuredTool(name=name, description=description, args_schema=parameters, func=call)
