"""What Airflow learns of this distribution: its connection types, settings, operators."""

from typing import Any

from jackfield_airflow.connection_types import installed_types

_DOCS = "docs/howto/use-modules-in-airflow.md"


def get_provider_info() -> dict[str, Any]:
    """Give what Airflow's list of providers needs.

    Airflow asks in each of its processes. The connection types are those of the connectors that are installed; none of
    these is imported, unless something was installed or removed since Airflow asked last.
    """
    return {
        "package-name": "jackfield-airflow",
        "name": "Jackfield",
        "description": "Modules of Jackfield's connectors as tasks.",
        "integrations": [
            {"integration-name": "Jackfield", "external-doc-url": _DOCS, "tags": ["service"]},
        ],
        "operators": [{"integration-name": "Jackfield", "python-modules": ["jackfield_airflow.operators"]}],
        "sensors": [{"integration-name": "Jackfield", "python-modules": ["jackfield_airflow.sensors"]}],
        "hooks": [{"integration-name": "Jackfield", "python-modules": ["jackfield_airflow.hooks"]}],
        "triggers": [{"integration-name": "Jackfield", "python-modules": ["jackfield_airflow.triggers"]}],
        "connection-types": [
            {
                "connection-type": found.name,
                "hook-name": found.label,
                "hook-class-name": f"jackfield_airflow.hooks.{found.name}",
                **found.columns.form(),
            }
            for found in installed_types().values()
        ],
        "config": {"jackfield": {"description": "Modules of Jackfield as tasks.", "options": _OPTIONS}},
    }


def _option(kind: str, default: str, description: str) -> dict[str, Any]:
    return {
        "type": kind,
        "default": default,
        "description": description,
        "version_added": "0.1.0",
        "example": None,
    }


_OPTIONS = {
    "check_at_parse": _option(
        "boolean", "True", "Whether the fields of a ModuleOperator are checked when its Dag is parsed."
    ),
    "files": _option(
        "string",
        "",
        "Where files that modules make are kept: a directory that every worker has, or a URL of object storage. "
        "Empty: jackfield/files in AIRFLOW_HOME.",
    ),
    "max_result_bytes": _option(
        "integer", "1048576", "The most JSON that one task may push as its result; what is larger goes to a file."
    ),
}
