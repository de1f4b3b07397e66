"""The reference has everything that the code has."""

import inspect
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import click
import pytest

import jackfield
from jackfield import Host, JackfieldError, errors, fields, hookspecs, paging, rest, testing
from jackfield._cli.exits import EXIT_CODES, exit_code
from jackfield._cli.main import cli
from jackfield.forms import form_of
from jackfield.settings import SECTIONS, all_settings

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "core" / "src", ROOT / "contrib" / "otel" / "src", ROOT / "contrib" / "policy" / "src"]
HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "jackfield_spec")]


def section_of(page: str, directive: str) -> str:
    """Give what a page says about one name."""
    pattern = rf"^(:{{4,}}){{py:\w+}} {re.escape(directive)}\n(.*?)^\1$"
    found = re.findall(pattern, page, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, directive
    return str(found[0][1])


@pytest.mark.parametrize("name", jackfield.__all__)
def test_every_public_name_is_described_once(reference: dict[str, str], name: str) -> None:
    """With at least a sentence."""
    text = section_of("\n".join(reference.values()), f"jackfield.{name}")

    assert re.search(r"\w\.(\s|$)", text), text


@pytest.mark.parametrize("package", [paging, rest, testing], ids=lambda package: package.__name__)
def test_every_name_of_a_public_package_is_described_once(reference: dict[str, str], package: ModuleType) -> None:
    """Under the name that an import gives it, with all that can be said of it."""
    for name in package.__all__:
        value = getattr(package, name)
        text = section_of("\n".join(reference.values()), f"{package.__name__}.{name}")
        assert re.search(r"\w\.(\s|$)", text), name
        if attrs.has(value) and not issubclass(value, JackfieldError):
            assert all(f"- `{field.name}` (" in text for field in attrs.fields(value)), name


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_described(reference: dict[str, str], name: str) -> None:
    """With each of its arguments, and who answers."""
    text = section_of(reference["hooks.md"], f"jackfield.hookspecs.{name}")

    assert all(f"{argument}:" in text for argument in inspect.signature(getattr(hookspecs, name)).parameters)
    assert "The first answer" in text or "Every plugin" in text


def own(word: type, field: "attrs.Attribute[Any]") -> bool:
    """Tell whether a word adds a field to those that all have."""
    return word is fields.Field or field.name not in attrs.fields_dict(fields.Field)


def test_every_word_has_its_attributes(reference: dict[str, str]) -> None:
    """Those of its own; what all have stands with Field."""
    for name in fields.__all__:
        word = getattr(fields, name)
        if attrs.has(word):
            text = section_of(reference["fields.md"], f"jackfield.{name}")
            assert all(f"- `{field.name}` (" in text for field in attrs.fields(word) if own(word, field)), name


def test_every_word_is_shown_by_example(reference: dict[str, str]) -> None:
    """Its type, its JSON Schema, its line in ``module show``, and what a person may type; but those for outputs."""
    page = reference["words.md"]
    for name in fields.__all__:
        word = getattr(fields, name)
        if attrs.has(word) and issubclass(word, fields.Field) and word is not fields.Field:
            text = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
            assert str(word.__doc__).partition(".")[0].replace("``", "`") in text
            if word is not fields.Rest:
                assert all(part in text for part in ("```python", "```json", "| Field |", "| A person types |")), name
                picture = reference[f"word-{name.lower()}.svg"]
                assert f"![{name} at a terminal](word-{name.lower()}.svg)" in text
                assert "jackfield module run words.show --ask" in picture
                assert 'class="typed"' in picture


def test_every_error_has_its_exit_code_and_attributes(reference: dict[str, str]) -> None:
    """As the command line ends with it, and as the class keeps them."""
    for name in errors.__all__:
        kind = getattr(errors, name)
        if issubclass(kind, JackfieldError):
            text = section_of(reference["errors.md"], f"jackfield.{name}")
            told = re.findall(r"^ {4}(\w+): ", inspect.cleandoc(kind.__doc__), re.MULTILINE)
            assert f"Exit code of the command line: {exit_code(kind.__new__(kind))}." in text
            assert all(f"- `{attribute}`" in text for attribute in told), name


def test_every_setting_stands_with_its_default(reference: dict[str, str]) -> None:
    """One row each, with a meaning."""
    for cls in SECTIONS.values():
        for field in attrs.fields(cls):
            row = re.escape(f"| `{field.name}` |") + ".*" + re.escape(f"| `{field.default!r}` |") + r" \w+"
            assert re.search(row, reference["settings.md"]), field.name


def test_every_command_and_option_is_there(reference: dict[str, str]) -> None:
    """As the command line's own help has them."""

    def walk(context: click.Context) -> None:
        assert f"## {context.command_path}\n" in reference["command-line.md"]
        for parameter in context.command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else []:
                assert option in reference["command-line.md"]
        if isinstance(context.command, click.Group):
            for name in context.command.list_commands(context):
                command = context.command.get_command(context, name)
                assert command is not None
                walk(click.Context(command, info_name=name, parent=context))

    walk(click.Context(cli, info_name="jackfield"))


def test_every_exit_code_has_a_row(reference: dict[str, str]) -> None:
    """Also those of success and of anything else."""
    rows = re.findall(r"^\| (\d+) \|", reference["command-line.md"], re.MULTILINE)

    assert sorted(map(int, rows)) == sorted({0, 1, *EXIT_CODES.values()})


def test_every_variable_that_the_code_reads_is_there(reference: dict[str, str]) -> None:
    """Searched for in the sources, since each is read where it is needed."""
    texts = [path.read_text("utf-8") for folder in SOURCES for path in folder.rglob("*.py")]
    read = {setting.variable for setting in all_settings()}
    read |= {name for text in texts for name in re.findall(r"\"(JACKFIELD_[A-Z_]+?)\"", text)}

    assert read == set(re.findall(r"^\| `(JACKFIELD_[A-Z_]+?)` \|", reference["environment.md"], re.MULTILINE)) - {
        "JACKFIELD_CONNECTION__NAME__FIELD"
    }


def test_every_module_has_its_fields_and_outputs(reference: dict[str, str]) -> None:
    """By their names in JSON; and the connection its own, with the variables."""
    page = reference["openai.md"]
    with Host(environ={}) as host:
        connector = host.connector("openai")
        for handle in host.modules():
            if handle.id in connector.module_ids:
                text = page.partition(f"`{handle.id}`")[2].partition("\n## ")[0]
                assert handle.description in text
                assert all(f"`{slot.key}` |" in text for slot in [*handle.form.slots, *handle.output.slots])
        for type_id, kind in connector.connection_types.items():
            assert f"`{type_id}`" in page
            for slot in form_of(kind.form).slots:
                assert f"| `{slot.key}` |" in page
                assert slot.word.env in reference["environment.md"]


def test_what_the_openai_connector_rests_on_is_told(reference: dict[str, str]) -> None:
    """Every field with its source, every endpoint, difference and claim, and tests that there are."""
    page, folder = reference["openai-proof.md"], ROOT / "plugins" / "openai"
    facts = {path.stem: json.loads(path.read_text("utf-8")) for path in (folder / "facts").glob("*.json")}
    with Host(environ={}) as host:
        for handle in host.modules():
            if handle.id in host.connector("openai").module_ids:
                rows = page.partition(f"\n### {handle.label}\n")[2].partition("\n#")[0]
                assert all(
                    re.search(rf"^\| `{slot.key}` \| .+ \| \S.* \|$", rows, re.MULTILINE) for slot in handle.form.slots
                )
    for path in facts["endpoints"]["endpoints"]:
        assert f"\n| `{path}` |" in page
    for entry in facts["sdk_differences"]["differences"]:
        assert f"| {entry['sdk']} | {entry['ours']} | {entry['why']} |" in page
    for check in facts["checks"]["checks"]:
        assert f"`{check['test']}`" in page
        assert (ROOT / "tests" / "plugins" / "openai" / check["test"]).is_file()
    for rules in ("model_rules", "response_rules", "image_rules", "sound_rules"):
        said = json.loads((folder / "src" / "jackfield_openai" / f"{rules}.json").read_text("utf-8"))
        assert all(f"\n| `{source}` |" in page for source in said["sources"])


def test_every_rule_has_its_place(reference: dict[str, str]) -> None:
    """With a reason, a bad example and a good one; the table leads there."""
    page = reference["rules.md"]
    for rule in testing.RULES:
        text = page.partition(f"\n### {rule.id}: {rule.name}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
        assert rule.reason in text
        assert rule.bad.rstrip() in text
        assert rule.good.rstrip() in text
        assert f"](#{rule.id.lower()}-{rule.name.replace(' ', '-')})" in page
