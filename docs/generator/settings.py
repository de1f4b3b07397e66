"""The pages of what can be set: limits in code, variables in the environment."""

from collections.abc import Iterator

from generator.markdown import code, docstring, table
from jackfield import Host, HttpSettings
from jackfield._cli.describe import type_words
from jackfield._engine.resolve import variable_for
from jackfield.forms import form_of
from jackfield.settings import SECTIONS, all_settings

_VARIABLES = {
    "JACKFIELD_HOME": "Where Jackfield keeps its files: `config`, `data` and `cache` below it. "
    "Without it they are where the operating system wants them.",
    "JACKFIELD_DEBUG": "For the command line: `1` shows the traceback of an error, secrets masked.",
    "JACKFIELD_KEY_FILE": "Where the key file of saved connections is, if a file protects their key.",
    "JACKFIELD_STORE_KEY": "The key of saved connections, if the environment protects it: 32 bytes in base64. "
    "Of several with commas between, the first is used from the next `connection rotate-key` on.",
    "JACKFIELD_PASSPHRASE": "The passphrase of saved connections, where nobody can be asked for it.",
    "JACKFIELD_POLICY": "For the plugin `jackfield-policy`: the file of its rules.",
    "JACKFIELD_OTEL_PROPAGATE": "For the plugin `jackfield-otel`: `true` sends the header `traceparent` to services.",
    "JACKFIELD_CONNECTION__NAME__FIELD": "One field of the connection that a caller names: "
    "`JACKFIELD_CONNECTION__MY_OPENAI__API_KEY` is the API key of the connection `my-openai`.",
}


def settings_page() -> str:
    """Write the page of limits."""
    return "\n\n".join([_HTTP, _settings_of(HttpSettings), *_for_users()]) + "\n"


_HTTP = """# Settings

::::{py:class} jackfield.HttpSettings

How a host goes out to the network: `Host(settings=HttpSettings(max_attempts=1))`.
An error that a limit causes names the setting that moves it.
::::"""


def _for_users() -> Iterator[str]:
    yield "## What a user sets\n\n`jackfield config` keeps these, and those above as `http.deadline_s` and so on."
    for section, cls in SECTIONS.items():
        if cls is not HttpSettings:
            yield f"### {section}\n\n{docstring(cls.__doc__).text}\n\n{_settings_of(cls)}"


def _settings_of(cls: type) -> str:
    rows = [(code(slot.key), type_words(slot), code(repr(slot.default)), slot.word.help) for slot in form_of(cls).slots]
    return table(["Setting", "Type", "Default", "Meaning"], rows)


def environment_page() -> str:
    """Write the page of environment variables."""
    ours = table(["Variable", "Meaning"], [(code(name), told) for name, told in _VARIABLES.items()])
    of_settings = [(code(setting.variable), code(setting.name), setting.slot.word.help) for setting in all_settings()]
    parts = [
        "# Environment variables",
        ours,
        "## Settings of the command line\n\nEach outranks what `jackfield config set` wrote to the file.",
        table(["Variable", "Setting", "Meaning"], of_settings),
    ]
    with Host(environ={}) as host:
        for connector in host.connectors():
            for type_id, kind in connector.connection_types.items():
                slots = [slot for slot in form_of(kind.form).slots if slot.word.env]
                rows = [(code(variable_for("", slot)), slot.label, slot.word.help) for slot in slots]
                parts.append(f"## Connection {type_id}\n\n{table(['Variable', 'Field', 'Meaning'], rows)}")
    return "\n\n".join(parts) + "\n"
