"""What type checkers say with the stubs: mypy and pyright, strict."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jackfield._cli.main import run

PROGRAM = """\
from jackfield_typed import Host, user_host
from jackfield_openai.messages import UserMessage

HELLO = [UserMessage(content="Hello")]


async def later(host: Host) -> None:
    reveal_type(await host.openai.create_chat_completion.arun(model="m", messages=HELLO))


with Host() as host:
    chat = host.openai.create_chat_completion
    said = chat(model="m", messages=[{"role": "user", "content": "Hi"}], temperature=1, connection="work")
    reveal_type(said.output)
    reveal_type(chat.stream(model="m", messages=HELLO, deadline_s=5))
    for outcome in chat.map([{"model": "m", "messages": HELLO}], concurrency=2):
        reveal_type(outcome)
    reveal_type(host.github.list_issues(repository="o/r").outputs)

    chat(model="m")  # E: Missing named argument "messages"
    chat(model=5, messages=HELLO)  # E: incompatible type "int"; expected "str"
    chat(model="m", messages=HELLO, temprature=1)  # E: Unexpected keyword argument "temprature"
    chat(model="m", messages=[{"role": "usr", "content": "Hi"}])  # E: List item 0 has incompatible type
    chat(model="m", messages=[{"role": "user", "contnt": "Hi"}])  # E: List item 0 has incompatible type
    host.openai.create_chat(model="m")  # E: "Modules" has no attribute "create_chat"
    host.opnai  # E: "Host" has no attribute "opnai"
    host.openai.get_models(deadline_s="soon")  # E: expected "float | None"
    host.openai.create_edit  # D

with user_host() as mine:
    mine.openai.get_models()
"""
CHAT = "jackfield_openai.chat_answer.ChatCompletion"
REVEALED = [
    f"jackfield.operations.Result[{CHAT}]",
    CHAT,
    f"jackfield._engine.stream.Stream[{CHAT}, jackfield_openai.chat_stream.ChatPiece]",
    f"jackfield.operations.Result[{CHAT}] | jackfield.operations.Failure",
    "tuple[jackfield_github.outputs.Issue, ...]",
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with the stubs, and a program that uses them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JACKFIELD_HOME", str(tmp_path / "home"))
    assert run(["stubs", "github.*", "openai.*"]) == 0
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


@pytest.mark.wheels
def test_a_type_checker_knows_the_modules(project: Path) -> None:
    """Good calls pass, each bad one is an error with what is wrong, and results have the connector's classes."""
    api = pytest.importorskip("mypy.api")

    out, err, _ = api.run(["--strict", "--config-file=", "--cache-dir", str(project / "kept"), "program.py"])

    assert err == ""
    wanted = {
        number: line.partition("# E: ")[2] for number, line in enumerate(PROGRAM.splitlines(), 1) if "# E" in line
    }
    found = {int(number): told for number, told in re.findall(r"^program.py:(\d+): error: (.*)$", out, re.MULTILINE)}
    assert found.keys() == wanted.keys(), out
    assert [number for number, text in wanted.items() if text not in found[number]] == []
    assert re.findall(r'Revealed type is "(.*)"', out) == REVEALED
    assert ".pyi" not in out


@pytest.mark.hosts
def test_what_checks_in_editors_knows_the_modules(project: Path) -> None:
    """Pyright, which VS Code has, finds each bad call, says what is deprecated, and nothing against the stubs."""
    pytest.importorskip("basedpyright")
    settings = {
        "include": ["program.py", "jackfield_typed"],
        "typeCheckingMode": "strict",
        "reportUnusedExpression": "none",
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    words = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]

    found = subprocess.run(words, cwd=project, capture_output=True, check=False, encoding="utf-8", timeout=120)

    told = json.loads(found.stdout)["generalDiagnostics"]
    lines = PROGRAM.splitlines()
    wrong = {number for number, line in enumerate(lines) if "# E" in line or "# D" in line}
    errors = [one for one in told if one["severity"] == "error"]
    assert {(Path(one["file"]).name, one["range"]["start"]["line"]) for one in errors} == {
        ("program.py", number) for number in wrong
    }, [one["message"] for one in errors]
    revealed = {one["range"]["start"]["line"]: one["message"] for one in told if one["severity"] == "information"}
    assert [text.rpartition('is "')[2].rstrip('"') for _, text in sorted(revealed.items())] == [
        "Result[ChatCompletion]",
        "ChatCompletion",
        "Stream[ChatCompletion, ChatPiece]",
        "Result[ChatCompletion] | Failure",
        "tuple[Issue, ...]",
    ]
