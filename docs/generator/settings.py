"""The pages of what can be set: limits in code, variables in the environment."""

import attrs

from generator.markdown import code, docstring, table, type_text
from jackfield import Host, HttpSettings
from jackfield._engine.resolve import variable_for
from jackfield.forms import form_of

_VARIABLES = {
    "JACKFIELD_HOME": "Where Jackfield keeps its files: `config`, `data` and `cache` below it. "
    "Without it they are where the operating system wants them.",
    "JACKFIELD_PROXY": "For the command line: the URL of a proxy for every request. "
    "`HTTPS_PROXY` and its like are ignored; `jackfield doctor` says so.",
    "JACKFIELD_CA_BUNDLE": "For the command line: certificates to trust instead of those that requests brings.",
    "JACKFIELD_DEBUG": "For the command line: `1` shows the traceback of an error, secrets masked.",
    "JACKFIELD_POLICY": "For the plugin `jackfield-policy`: the file of its rules.",
    "JACKFIELD_CONNECTION__NAME__FIELD": "One field of the connection that a caller names: "
    "`JACKFIELD_CONNECTION__MY_OPENAI__API_KEY` is the API key of the connection `my-openai`.",
}


def settings_page() -> str:
    """Write the page of limits."""
    told = docstring(HttpSettings.__doc__).sections["Attributes"]
    rows = [
        (code(field.name), code(type_text(field.type or "")), code(repr(field.default)), told[field.name])
        for field in attrs.fields(HttpSettings)
    ]
    return (
        "# Settings\n\n::::{py:class} jackfield.HttpSettings\n\n"
        "How a host goes out to the network: `Host(settings=HttpSettings(max_attempts=1))`.\n"
        "An error that a limit causes names the setting that moves it.\n::::\n\n"
        f"{table(['Setting', 'Type', 'Default', 'Meaning'], rows)}\n"
    )


def environment_page() -> str:
    """Write the page of environment variables."""
    ours = table(["Variable", "Meaning"], [(code(name), told) for name, told in _VARIABLES.items()])
    parts = ["# Environment variables", ours]
    with Host(environ={}) as host:
        for connector in host.connectors():
            for type_id, kind in connector.connection_types.items():
                slots = [slot for slot in form_of(kind.form).slots if slot.word.env]
                rows = [(code(variable_for("", slot)), slot.label, slot.word.help) for slot in slots]
                parts.append(f"## Connection {type_id}\n\n{table(['Variable', 'Field', 'Meaning'], rows)}")
    return "\n\n".join(parts) + "\n"
