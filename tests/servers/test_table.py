"""What the docs say of servers that others wrote is what was found."""

from pathlib import Path

import pytest
from compatible_server import FOLDER, Server, known
from server_calls import CALLS

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "use-a-compatible-server.md"


def _cell(server: Server, call: str) -> str:
    gap = server.gaps.get(call)
    return gap.why if gap else "as OpenAI"


def _table() -> str:
    servers = known()
    rows = [["asked for", *(f"{server.title} {server.version}" for server in servers)], ["---"] * (len(servers) + 1)]
    rows += [[call.title, *(_cell(server, name) for server in servers)] for name, call in CALLS.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_docs_have_the_table_of_servers() -> None:
    """Each call and each gap, as the tests find them."""
    assert _table() in PAGE.read_text("utf-8"), f"the table is now:\n{_table()}"


@pytest.mark.parametrize("server", known(), ids=lambda server: server.name)
def test_what_is_said_of_a_server_can_be_tested(server: Server) -> None:
    """Its gaps are of calls that are made, and its version is the one that is installed."""
    pins = (FOLDER / "requirements" / f"{server.name}.txt").read_text("utf-8").splitlines()

    assert set(server.gaps) <= set(CALLS)
    assert f"{server.name}=={server.version}" in pins
