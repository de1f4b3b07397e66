"""Files as a caller names them: read into a File, whose content nobody has looked at yet."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from jackfield._engine.anyjson import NotJsonError, parse_typed
from jackfield._engine.bounds import checks_of
from jackfield._engine.coercion import Read
from jackfield._engine.file_schema import WAYS
from jackfield._engine.problems import describe, near_miss, refuse, refuse_type, step
from jackfield._filenames import guess_type, name_flaw, safe_name, type_flaw, url_flaw
from jackfield.fields import Field, FromText
from jackfield.files import File, Named

_EXPECTED = "a file"


def file_reader(word: Field, *, from_json: bool) -> Read:
    """Make the reader of a file.

    Args:
        word: Says what files are right. Of a file that has yet to be fetched or accepted, nothing is checked.
        from_json: Whether it may be named in JSON; else only a File is one.
    """
    checks = checks_of(word)

    def read(value: object, _: object = None) -> File:
        file = value if isinstance(value, File) else _named(value) if from_json else refuse_type(_EXPECTED, value)
        for check in checks:
            check(file)
        return file

    return read


def _named(value: object) -> File:
    given = _typed(value) if isinstance(value, FromText) else value
    if not isinstance(given, Mapping):
        refuse_type(f"a file, as an object with {_ways()}", given)
    way = next((way for way in WAYS if way in given), "")
    if not way:
        refuse("required", f"must say where the file is, by {_ways()}")
    for key in given:
        if key not in (way, *WAYS[way]):
            refuse("unknown_field", f"is no part of a file given by {way}{near_miss(key, WAYS[way])}", at=step(key))
    said = {key: _text(given, key) for key in given if key != "size"}
    _check_size(given.get("size", 0))
    _refuse_flaw("name", name_flaw(said["name"]) if "name" in said else "")
    _refuse_flaw("media_type", type_flaw(said["media_type"]) if "media_type" in said else "")
    return _file(way, said[way], said.get("name", ""), said.get("media_type", ""))


def _file(way: str, text: str, name: str, media_type: str) -> File:
    if way == "url":
        _refuse_flaw("url", url_flaw(text))
        return File.from_url(text, name=name, media_type=media_type)
    if way == "data":
        if not name:
            refuse("required", "is required where the content is given", at=step("name"))
        return File.from_bytes(_decoded(text), name=name, media_type=media_type)
    shown = name or (safe_name(text) if way == "path" else "file")
    kind = media_type or guess_type(shown)
    return File(name=shown, media_type=kind, source=Named(way, text, name, media_type))


def _ways() -> str:
    return ", ".join(WAYS)


def _text(given: Mapping[Any, object], key: Any) -> str:
    value = given[key]
    if not isinstance(value, str):
        refuse("type", f"must be text, was {describe(value)}", at=step(key))
    return str.__str__(value)


def _check_size(value: object) -> None:
    if isinstance(value, bool) or not (isinstance(value, int) and value >= 0):
        refuse("type", f"must be a whole number of at least 0, was {describe(value)}", at=step("size"))


def _refuse_flaw(key: str, flaw: str) -> None:
    if flaw:
        refuse("file", flaw, at=step(key))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):  # a letter beyond ASCII is a ValueError
        refuse("file", "must be base64", at=step("data"))


def _typed(text: FromText) -> object:
    """Read what a person typed: a URL, or a file named in JSON."""
    if text.startswith(("http://", "https://")):
        return {"url": str.__str__(text)}
    try:
        return parse_typed(text)
    except NotJsonError:
        refuse("file", "must be a file: a URL, an object with one of file, path, url, data, or @PATH at a command line")
