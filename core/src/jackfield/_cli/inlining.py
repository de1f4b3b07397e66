"""Files of a confidential run: no file may be written, so they are printed inside of the JSON."""

import base64
from collections.abc import Mapping
from typing import Any

import click

from jackfield import FileStore, ModuleHandle
from jackfield._cli.output import is_file
from jackfield.forms import holds_files

_JSON = ("json", "jsonl")


def check_files_printed(handle: ModuleHandle, form: str) -> None:
    """Go on if files that a confidential run gives can be printed.

    Raises:
        click.UsageError: They would be lost, and what they cost with them.
    """
    if form not in _JSON and holds_files(handle.module.signature.output):
        message = f"{handle.id} gives files, and --confidential writes none; add -o json, which prints them as base64."
        raise click.UsageError(message, click.get_current_context(silent=True))


def with_content(value: Any, store: FileStore) -> Any:
    """Give a JSON value with the content of each file in it that lies in memory, as an input takes it."""
    if is_file(value):
        return value if "path" in value else _inlined(value, store)
    if isinstance(value, Mapping):
        return {key: with_content(item, store) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_content(item, store) for item in value]
    return value


def _inlined(reference: Mapping[str, Any], store: FileStore) -> Mapping[str, Any]:
    file = store.find(str(reference["file"]))
    if file is None or file.pending:
        return reference
    data = base64.b64encode(b"".join(file.pieces())).decode()
    return {"data": data, "name": reference["name"], "media_type": reference["media_type"]}
