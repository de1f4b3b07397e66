"""Files of tasks: kept where every worker finds them, and named by a URL in what one task gives to the next."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote

from airflow.sdk import ObjectStoragePath
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException

from jackfield import File, FileError, FileStore, InputError, JackfieldError
from jackfield_airflow.connection_types import airflow_home

PIECE = 1024 * 1024


class Shelf:
    """The place for files that modules make.

    Args:
        root: A directory or a URL; the setting ``files`` without.
        store: Of the host that runs the module.

    Raises:
        InputError: There is no such storage, or what it needs is not installed.
    """

    def __init__(self, root: str, store: FileStore) -> None:
        named = root or conf.get("jackfield", "files", fallback="") or str(airflow_home() / "jackfield" / "files")
        try:
            self._root = ObjectStoragePath(_url(named))
            self._root.fs  # noqa: B018  it is made when it is first asked for
        except (ImportError, ValueError, AirflowException) as error:
            message = f"Files cannot be kept in {named}: {error}"
            hint = "The operator's files, or the setting files of [jackfield], names a directory or a URL of storage."
            raise InputError(message, hint=hint) from None
        self._store = store
        self._held: list[File] = []

    def __enter__(self) -> Self:
        """Hold files for one run."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have the host forget them: that of the triggerer works for weeks."""
        for file in self._held:
            self._store.remove(file)

    def keep(self, value: Any, folder: str) -> Any:
        """Copy each file to which a result refers, and have the reference name where it is now.

        Args:
            value: Bundles in JSON.
            folder: Below the root.

        Raises:
            FileError: The storage does not take them.
        """
        with self._keeping():
            return self._with_kept(value, folder)

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        try:
            yield
        except JackfieldError:
            raise
        except Exception as error:  # noqa: BLE001  storage raises what it likes: OSError, or botocore's
            why = (isinstance(error, OSError) and error.strerror) or type(error).__name__
            message = f"What the module made could not be kept in {self._root}: {why}."
            raise FileError(message, hint="See that it can be written to, and has room.") from None

    def _with_kept(self, value: Any, folder: str) -> Any:
        if isinstance(value, Mapping):
            found = self._store.find(value["file"]) if isinstance(value.get("file"), str) else None
            if found is not None:
                self._held.append(found)
                return self._kept(found, folder)
            return {key: self._with_kept(item, folder) for key, item in value.items()}
        return [self._with_kept(item, folder) for item in value] if isinstance(value, list | tuple) else value

    def write(self, text: str, name: str, folder: str) -> str:
        """Write a text, and say where.

        Raises:
            FileError: The storage does not take it.
        """
        with self._keeping():
            place = self._place(folder, name)
            with place.open("wb") as writer:
                writer.write(text.encode())
            return str(place)

    def take(self, value: Any) -> Any:
        """Give the host each file that an input names by URL, and have the input name it as the host does.

        Raises:
            InputError: It is not below the root, or not there.
        """
        if isinstance(value, Mapping):
            named = value.get("file")
            if isinstance(named, str) and "://" in named:
                self._held.append(self._taken(named, str(value.get("name") or "")))
                return {"file": self._held[-1].id}
            return {key: self.take(item) for key, item in value.items()}
        return [self.take(item) for item in value] if isinstance(value, list | tuple) else value

    def _kept(self, file: File, folder: str) -> dict[str, object]:
        place = self._place(folder, file.name)
        with file.open() as reader, place.open("wb") as writer:
            while piece := reader.read(PIECE):
                writer.write(piece)
        return {"file": str(place), "name": file.name, "media_type": file.media_type, "size": file.size}

    def _place(self, folder: str, name: str) -> ObjectStoragePath:
        at = self._root / folder
        at.mkdir(parents=True, exist_ok=True)
        return at / name

    def _taken(self, url: str, name: str) -> File:
        # A caller may name what tasks have kept, and nothing else of the machine.
        if not url.startswith(f"{self._root}/") or ".." in url.split("/"):
            message = "A file of the input is not one that a task has kept."
            raise InputError(message, hint=f"Name one below {self._root}; the setting files of [jackfield] moves that.")
        place = ObjectStoragePath(url)
        try:
            with place.open("rb") as reader:
                return self._store.add(iter(lambda: reader.read(PIECE), b""), name=name or place.name)
        except JackfieldError:
            raise
        except Exception as error:  # noqa: BLE001  as in _keeping
            why = (isinstance(error, OSError) and error.strerror) or type(error).__name__
            message = f"The file {url} cannot be read: {why}."
            raise InputError(message, hint="Run the task again that made it.") from None


def folder_of(task: Mapping[str, object]) -> str:
    """Give the folder of one try of a task, by what names it; each part made fit for a path."""
    return "/".join(quote(str(part), safe="") for part in task.values())


def spelled(value: object) -> str:
    """Write a result as XCom does."""
    return json.dumps(value, separators=(",", ":"))


def _url(root: str) -> str:
    return root.rstrip("/") if "://" in root else "file://" + os.path.abspath(root)  # noqa: PTH100
