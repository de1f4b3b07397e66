"""What the form of the module does not say, and what a server answers: for ``jackfield connector check mcp``."""

from collections.abc import Mapping

from jackfield.testing import Answered, Case, Reply

__all__ = ["CASES"]

_COLOR = {"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}
_PICTURE = {"type": "image", "mimeType": "image/png", "data": "iVBORw0KGgo="}
_LINK = {"type": "resource_link", "uri": "file:///x", "name": "x"}
_IN_EVERY = "every message of the protocol has it"


def _result(result: Mapping[str, object]) -> Reply:
    return Reply(json={"jsonrpc": "2.0", "id": 1, "result": result})


def _case(connection: Mapping[str, object]) -> Case:
    return Case(
        connection=connection,
        least={"tool": "add"},
        answered=[
            Answered(
                input={"tool": "add", "extra": {"a": 1}},
                replies=[_result({"content": [{"type": "text", "text": "2"}], "structuredContent": {"result": 2}})],
            ),
            Answered(
                input={"tool": "paint", "arguments": {"color": "red"}},
                replies=[
                    _result({"tools": [{"name": "paint", "inputSchema": _COLOR}]}),
                    _result({"content": [_PICTURE, _LINK]}),
                ],
            ),
        ],
        inert={"effect": "says what may be repeated; the server is not told"},
        sent_as={"tool": ("params",)},
        always={"id": _IN_EVERY, "jsonrpc": _IN_EVERY, "method": _IN_EVERY},
    )


CASES = {
    "mcp.call_tool": _case({"base_url": "https://mcp.example.com/mcp", "token": "Canary7391JackfieldSecret"}),
    "mcp.call_local_tool": _case(
        {"program": "uvx", "secret": "Canary7391JackfieldSecret", "secret_variable": "SERVER_TOKEN"}
    ),
}
"""By module id; named in the entry points ``jackfield.cases``."""
