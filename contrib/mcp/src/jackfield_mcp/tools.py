"""A module as a tool: its name, its schemas, and what its kind and effect say to a client."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from mcp_types import Tool, ToolAnnotations

from jackfield import Effect, InvalidInputError, Kind, ModuleHandle, Problem
from jackfield_mcp.schemas import input_schema, output_schema

SELECTS = "output_fields"
"""The argument by which a caller says which parts of the output it wants."""

_SELECTS_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Only these parts of each bundle are given, as dotted paths such as result or usage.total_tokens; "
    "everything without. What stands in a list is chosen in each of its items.",
}


@frozen(kw_only=True, eq=False)
class OfferedTool:
    """A module as a tool.

    Attributes:
        handle: The module.
        several: Whether it gives any number of bundles.
        selects: Whether it has the argument SELECTS; not if the module's form has a field of that name.
        told: What clients are told of it.
    """

    handle: ModuleHandle
    several: bool
    selects: bool
    told: Tool

    def split(self, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Part the input of the module from what only the server goes by.

        Returns:
            The input, which nobody has checked, and the wanted parts of the output; all of it if there are none.

        Raises:
            InvalidInputError: The wanted parts are no list of texts.
        """
        form = dict(arguments)
        wanted = form.pop(SELECTS, []) if self.selects else []
        if not isinstance(wanted, list) or not all(isinstance(path, str) and path for path in wanted):
            problem = Problem(path=f"$.{SELECTS}", rule="type", message="must be a list of texts, each a dotted path")
            raise InvalidInputError([problem], subject=self.handle.id)
        return form, wanted


def offered_tool(handle: ModuleHandle, name: str, *, paths: bool) -> OfferedTool:
    """Make a tool of a module.

    Args:
        handle: The module; it is imported for this.
        name: Of the tool.
        paths: Whether a caller may name files of this machine.
    """
    several = handle.kind in {Kind.SEARCH, Kind.TRIGGER}
    schema = input_schema(handle.schema(), paths=paths)
    selects = SELECTS not in schema["properties"]
    if selects:
        schema = {**schema, "properties": {**schema["properties"], SELECTS: _SELECTS_SCHEMA}}
    told = Tool(
        name=name,
        title=handle.label,
        description=_description(handle),
        input_schema=schema,
        output_schema=output_schema(handle.output_schema(), several=several),
        annotations=_annotations(handle),
        _meta={"jackfield/module": handle.id},
    )
    return OfferedTool(handle=handle, several=several, selects=selects, told=told)


def _description(handle: ModuleHandle) -> str:
    parts = [handle.label if handle.label.endswith(".") else f"{handle.label}.", handle.description]
    if handle.sunset:
        parts.append(handle.sunset.words)
    return "\n\n".join(filter(None, parts))


def _annotations(handle: ModuleHandle) -> ToolAnnotations:
    # Nobody says of a module whether it only adds, so what changes something counts as what may destroy something.
    effect = handle.effect
    return ToolAnnotations(
        title=handle.label,
        read_only_hint=effect is Effect.READ,
        destructive_hint=effect is not Effect.READ,
        idempotent_hint=effect in {Effect.READ, Effect.IDEMPOTENT},
        open_world_hint=True if handle.connection_type else None,
    )
