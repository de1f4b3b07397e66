"""What clients are told of modules, and what of a result they get."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import anyio
import click
import pytest
from attrs import frozen
from contract_connector import MODULES
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from jackfield import Context, Effect, Host, InputError, InvalidInputError, JackfieldError, module
from jackfield_mcp import Gateway, Offer
from jackfield_mcp.clients import CLIENTS
from jackfield_mcp.commands import mcp
from jackfield_mcp.names import LONGEST, tool_names
from jackfield_mcp.running import ApprovalNeededError, Call, run
from jackfield_mcp.trimming import fitted, selected, spelled


def test_every_installed_module_has_schemas_that_clients_take() -> None:
    """No words of our own, nothing at the top that APIs refuse, no reference but in what holds itself."""
    with Host() as host:
        served = Gateway(Offer(allow_universal=True)).served(host)

    assert served.tools
    for name, tool in served.tools.items():
        schema = tool.told.input_schema
        text = json.dumps([schema, tool.told.output_schema])
        Draft202012Validator.check_schema(schema)
        assert tool.told.output_schema is not None
        Draft202012Validator.check_schema(tool.told.output_schema)
        assert "x-jackfield" not in text, name
        assert schema["type"] == "object"
        assert not {"oneOf", "anyOf", "allOf", "$schema"} & schema.keys(), name


def test_a_module_that_can_call_anything_is_offered_only_if_that_is_allowed() -> None:
    """And a person who names it is told so."""
    with Host() as host:
        usual = Gateway(Offer(modules=["openai.create_custom_api_call"])).served(host)
        allowed = Gateway(Offer(modules=["openai.create_custom*"], allow_universal=True)).served(host)

    assert (dict(usual.tools), len(allowed.tools)) == ({}, 1)
    assert "--allow-universal" in usual.notes[0]


def test_annotations_come_from_the_effect() -> None:
    """What only reads is told as such, and what leaves something behind as perhaps destructive."""
    with Host(discover=False, modules=MODULES) as host:
        tools = Gateway().served(host).tools

    read, post = tools["contract_ask"].told.annotations, tools["contract_post"].told.annotations
    assert read is not None
    assert post is not None
    assert (read.read_only_hint, read.destructive_hint, read.idempotent_hint) == (True, False, True)
    assert (post.read_only_hint, post.destructive_hint, post.idempotent_hint) == (False, True, False)


def test_a_pattern_that_fits_nothing_is_told() -> None:
    """A misspelt module is an error, and no server without tools."""
    with Host(discover=False, modules=MODULES) as host, pytest.raises(InputError, match="No module fits 'contarct"):
        Gateway(Offer(modules=["contarct.*"])).served(host)


def test_wanted_parts_must_be_texts() -> None:
    """The argument of the server's own is checked as any other."""
    with Host(discover=False, modules=MODULES) as host:
        tool = Gateway().served(host).tools["contract_echo"]

    assert tool.split({"text": "x", "output_fields": ["length"]}) == ({"text": "x"}, ["length"])
    with pytest.raises(InvalidInputError, match="output_fields"):
        tool.split({"text": "x", "output_fields": "length"})


def test_more_tools_than_clients_take_are_told() -> None:
    """With how large they are, and how to offer fewer."""
    with Host() as host:
        all_of_them, one = Gateway().served(host), Gateway(Offer(modules=["openai.get_models"])).served(host)

    assert "tools are told in" in all_of_them.notes[-1]
    assert "--module offers fewer" in all_of_them.notes[-1]
    assert one.notes == []


def test_names_are_legal_and_differ() -> None:
    """Two modules never share a tool, however alike or long their ids are."""
    ids = ["a.b_c", "a_b.c", "a." + "x" * 90, "a." + "x" * 91, "b.c"]
    names, notes = tool_names(ids)

    assert len(set(names.values())) == len(ids)
    assert max(map(len, names.values())) <= LONGEST
    assert names["b.c"] == "b_c"
    assert len(notes) == 2


def test_parts_of_a_bundle_are_selected() -> None:
    """A step goes into each item of a list; what is not there is left out."""
    bundle = {"a": {"b": 1, "c": 2}, "list": [{"x": 1, "y": 2}, {"x": 3}], "d": 4}

    assert selected(bundle, ["a.b", "list.x", "nothing.there"]) == {"a": {"b": 1}, "list": [{"x": 1}, {"x": 3}]}
    assert selected(bundle, ["a.b", "a.c", "list.x", "list.y"]) == {key: bundle[key] for key in ("a", "list")}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=9), inner, max_size=9),
    max_leaves=40,
)


@settings(max_examples=40)
@given(value=st.dictionaries(st.text(max_size=9), VALUES, max_size=20))
def test_a_trimmed_result_is_small_enough(value: dict[str, object]) -> None:
    """Whatever it holds; and what is small already stays as it is."""
    shorter = fitted(value, 500)

    if shorter is None:
        assert len(spelled(value).encode()) <= 500
    else:
        assert len(spelled(shorter).encode()) <= 500
        assert set(shorter) <= set(value)


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_settings_are_json_that_names_this_python(client: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the options of the server as they were given."""
    mcp.main(["config", client, "--name", "mine", "--module", "openai.*"], standalone_mode=False)

    out, err = capsys.readouterr()
    (servers,) = json.loads(out).values()
    assert servers["mine"]["args"][:4] == ["-m", "jackfield", "mcp", "serve"]
    assert servers["mine"]["args"][4:] == ["--module", "openai.*"]
    assert err.startswith("Put it into ")


@pytest.mark.parametrize("client", sorted(name for name, told in CLIENTS.items() if told.http))
def test_settings_for_a_server_over_http_hold_no_token(client: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The client asks for it, or looks for it in its environment; no command line has it."""
    url = "http://127.0.0.1:8722/mcp"
    mcp.main(["config", client, "--http", url], standalone_mode=False)

    out, err = capsys.readouterr()
    server = json.loads(out)[CLIENTS[client].key]["jackfield"]
    assert url in server.values()
    assert server["headers"]["Authorization"].startswith("Bearer ")
    assert "command" not in server
    assert "token" in err.lower()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["config", "claude-desktop", "--http", "http://x/mcp"], "reads no server over HTTP"),
        (["config", "zed", "--http", "http://x/mcp", "--module", "a"], "--module belongs to the server"),
        (["config", "zed", "--module", "openai.get_model"], "No module fits 'openai.get_model'"),
        (["serve", "--allow-remote"], "means something over HTTP alone"),
        (["serve", "--module", "openai.get_models", "--http", "x"], "must be PORT or HOST:PORT"),
        (["serve", "--module", "openai.get_models", "--http", "::1:1"], "must be PORT or HOST:PORT"),
        (["serve", "--module", "openai.get_models", "--http", "1", "--token-env", "NOT_THERE"], "no such environment"),
        (["serve", "--connection", "openai=nope"], "There is no connection 'nope'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_served_is_told_before_anything_is(
    typed: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the option at fault."""
    monkeypatch.setenv("JACKFIELD_HOME", str(tmp_path))

    with pytest.raises(JackfieldError, match=says):
        mcp.main(typed, standalone_mode=False)


@pytest.mark.parametrize("effect", list(Effect))
def test_whatever_changes_something_needs_approval(effect: Effect) -> None:
    """An effect says what a repeat leaves behind: what is safe to repeat may well delete something."""

    @frozen(kw_only=True)
    class Made:
        """What was made."""

        text: str

    done: list[str] = []

    @module(label="Do", effect=effect)
    def do(form: Made, _context: Context) -> Made:
        """Do something."""
        done.append(form.text)
        return form

    gateway = Gateway()
    with Host(discover=False, modules={"some.do": do}, plugins=[gateway]) as host:

        async def run_it(*, approved: bool) -> object:
            limiter = anyio.CapacityLimiter(1)
            return await run(host, "some.do", {"text": "x"}, Call(approved=approved), limiter=limiter)

        if effect is not Effect.READ:
            with pytest.raises(ApprovalNeededError):
                anyio.run(partial(run_it, approved=False))
            assert done == []
        anyio.run(partial(run_it, approved=effect is not Effect.READ))

    assert done == ["x"]


def test_settings_hold_only_options_that_the_server_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And paths as a whole: clients start servers anywhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    with pytest.raises(click.NoSuchOption):
        mcp.main(["config", "zed", "--modul", "x"], standalone_mode=False)
    capsys.readouterr()
    mcp.main(["config", "zed", "--input-root", "in", "--approve", "a.*", "--allow-universal"], standalone_mode=False)

    (server,) = json.loads(capsys.readouterr().out)["context_servers"].values()
    assert server["args"][4:] == ["--approve", "a.*", "--allow-universal", "--input-root", str(tmp_path / "in")]


def test_help_and_settings_load_none_of_the_protocol() -> None:
    """It takes ten times as long to import as all the rest."""
    code = "import sys; from jackfield_mcp.commands import mcp; assert 'mcp.server' not in sys.modules, 'loaded'"

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
