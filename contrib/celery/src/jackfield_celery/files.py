"""Files on their way from one worker to the next: what travels is a reference, and the file lies where it was made."""

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from jackfield import File, FileError, Host, InputError
from jackfield_celery.failures import told_if_away
from jackfield_celery.settings import CelerySettings

_logger = logging.getLogger("jackfield_celery")


class FileNames:
    """Knows where the files are that workers gave out, by the ids that nobody can guess.

    Args:
        redis: Where that is kept.
        settings: For how long.
    """

    def __init__(self, redis: "Redis", settings: CelerySettings) -> None:
        self._redis = redis
        self._settings = settings

    def keep(self, bundles: Any) -> None:
        """Tell the other workers of the files in bundles."""
        for reference in _references(bundles):
            if "path" in reference:
                kept = {name: reference.get(name, "") for name in ("path", "name", "media_type")}
                name = self._name(reference["file"])
                try:
                    self._redis.set(name, json.dumps(kept), px=int(self._settings.keep_marks_s * 1000))
                except RedisError as error:  # what was done is not lost for it
                    _logger.warning("Other workers could not be told of a file: %s", type(error).__name__)

    def _name(self, file_id: str) -> str:
        return f"{self._settings.prefix}:file:{file_id}"

    @contextlib.contextmanager
    def known(self, fields: Mapping[str, Any], host: Host) -> Iterator[Any]:
        """Give an input in which the files of other workers are known to a host, as long as it is needed.

        Raises:
            InputError: A file is on another machine, or gone.
        """
        adopted: list[File] = []
        try:
            yield self._with_known(fields, host, adopted)
        finally:
            for file in adopted:
                host.files.remove(file)  # of the list; it was not written by this host, so it stays

    def _with_known(self, value: Any, host: Host, adopted: list[File]) -> Any:
        if isinstance(value, list):
            return [self._with_known(item, host, adopted) for item in value]
        if not isinstance(value, Mapping):
            return value
        changed = {name: self._with_known(item, host, adopted) for name, item in value.items()}
        file_id = value.get("file")
        if isinstance(file_id, str) and file_id and host.files.find(file_id) is None:
            file = self._found(file_id)
            if file is not None:
                adopted.append(host.files.adopt(file))
                changed["file"] = adopted[-1].id
        return changed

    def _found(self, file_id: str) -> File | None:
        with told_if_away("in which files are known", "See that it runs; the task comes again."):
            kept: Any = self._redis.get(self._name(file_id))
        if not kept:
            return None
        told = json.loads(kept)
        try:
            return File.from_path(Path(told["path"]), name=told["name"], media_type=told["media_type"])
        except FileError:
            message = f"The file {told['name']!r} lies with the worker that made it, and not here."
            hint = "Let all workers keep files in one directory on a shared disk: FileSettings(directory=...)."
            raise InputError(message, hint=hint) from None


def _references(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("file"), str) and "media_type" in value:
            yield value
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
