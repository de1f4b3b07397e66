"""The notebook of the docs, run by Jupyter's own client and kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "howto" / "notebook.ipynb"
RUN = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
nbformat.write(notebook, sys.argv[2])
"""
"""In a process of its own, since the client leaves sockets open."""


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Run it once; give its cells of code with what they show."""
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    place = tmp_path_factory.mktemp("notebook")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "JACKFIELD_"))}
    words = [sys.executable, "-c", RUN, str(NOTEBOOK), str(place / "run.ipynb")]
    subprocess.run(words, cwd=place, env={**environ, "JUPYTER_RUNTIME_DIR": str(place)}, check=True, timeout=180)
    notebook = json.loads((place / "run.ipynb").read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def html_of(cell: Any) -> str:
    """Give what a cell shows as HTML."""
    return "".join("".join(output.get("data", {}).get("text/html", "")) for output in cell["outputs"])


@pytest.mark.hosts
def test_each_thing_shows_itself(cells: list[Any]) -> None:
    """A module its fields, a result its bundle as text, a search its rows, a picture itself."""
    _, module, chat, search, picture, *_ = cells

    assert "Get Models" in html_of(module)
    assert "Hello, &lt;b&gt;notebook" in html_of(chat)
    assert "rows shown: max_rows=2" in html_of(search)
    assert 'src="data:image/png;base64,' in html_of(picture)


@pytest.mark.hosts
def test_many_inputs_have_a_bar_in_a_notebook(cells: list[Any]) -> None:
    """It stays, and says at the end that all are done."""
    bar, last = cells[5]["outputs"]

    assert "".join(bar["data"]["text/plain"]) == "5 of 5 done"
    assert "<progress" in "".join(bar["data"]["text/html"])
    assert "Hello" in "".join(last["data"]["text/plain"])


@pytest.mark.hosts
def test_a_failure_is_short_in_a_notebook(cells: list[Any]) -> None:
    """The line of the cell, what is wrong, and no line of ours."""
    (failed,) = cells[6]["outputs"]
    text = "\n".join(failed["traceback"])

    assert failed["ename"] == "InvalidInputError"
    assert "$.messages: is required" in text
    assert 'chat(model="stand-in-mini", connection=account)' in text
    assert "host.py" not in text
