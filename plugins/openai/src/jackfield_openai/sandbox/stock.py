"""What the stand-in has in stock: models and files, the same after every start, and the last pictures that it drew."""

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from jackfield_openai.sandbox.pictures import MEDIA_TYPES
from jackfield_openai.sandbox.replies import RefusalError, Reply
from jackfield_openai.sandbox.words import CREATED

__all__ = ["Stock"]

_DAY_S = 86_400
_MODELS = (
    ("stand-in-large", 0, None),
    ("stand-in-mini", 30, None),
    ("stand-in-old", -400, "2027-01-14"),
    ("stand-in-embedding", 10, None),
    ("stand-in-image", 20, None),
)
_FILES = 25
_PAGE = 10
_LONGEST_PAGE = 100
_MOST_PICTURES = 100


class Stock:
    """Models, files and pictures. Files can be deleted; a new start brings them back, and forgets the pictures."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models = {name: _model(name, day, shutdown) for name, day, shutdown in _MODELS}
        self._files = {file["id"]: file for file in map(_file, range(1, _FILES + 1))}
        self._pictures: dict[str, bytes] = {}

    def models(self) -> Reply:
        """List the models."""
        return Reply.json({"object": "list", "data": list(self._models.values())})

    def model(self, name: str) -> Reply:
        """Describe one model."""
        if name not in self._models:
            message = f"The model '{name}' does not exist or you do not have access to it."
            raise RefusalError(message, status=404, code="model_not_found", param="model")
        return Reply.json(self._models[name])

    def files(self, query: Mapping[str, str]) -> Reply:
        """Give a page of the list of files."""
        limit = _limit(query.get("limit", str(_PAGE)))
        with self._lock:
            files = list(self._files.values())
        if query.get("order", "desc") == "desc":
            files.reverse()
        if "after" in query:
            ids = [file["id"] for file in files]
            if query["after"] not in ids:
                message = f"There is no file '{query['after']}' to list after."
                raise RefusalError(message, param="after", code="invalid_value")
            files = files[ids.index(query["after"]) + 1 :]
        page = files[:limit]
        ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        return Reply.json({"object": "list", "data": page, **ends, "has_more": len(files) > limit})

    def file(self, file_id: str) -> Reply:
        """Describe one file."""
        return Reply.json(self._known(file_id))

    def content(self, file_id: str) -> Reply:
        """Give a file's content; OpenAI names no type for it either."""
        self._known(file_id)
        line = json.dumps({"file": file_id})
        return Reply(media_type="application/octet-stream", body=f"{line}\n".encode())

    def delete(self, file_id: str) -> Reply:
        """Delete a file."""
        self._known(file_id)
        with self._lock:
            self._files.pop(file_id, None)
        return Reply.json({"id": file_id, "object": "file", "deleted": True})

    def keep(self, data: bytes, output_format: str) -> str:
        """Keep a picture until a hundred newer ones are there; give its name."""
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.{output_format}"
        with self._lock:
            self._pictures.pop(name, None)
            self._pictures[name] = data
            if len(self._pictures) > _MOST_PICTURES:
                del self._pictures[next(iter(self._pictures))]
        return name

    def picture(self, name: str) -> Reply:
        """Give a picture."""
        with self._lock:
            data = self._pictures.get(name)
        if data is None:
            message = f"There is no picture {name}; the stand-in keeps the last {_MOST_PICTURES}."
            raise RefusalError(message, status=404)
        return Reply(media_type=MEDIA_TYPES[name.rpartition(".")[2]], body=data)

    def _known(self, file_id: str) -> dict[str, Any]:
        with self._lock:
            found = self._files.get(file_id)
        if found is None:
            message = f"No such File object: {file_id}"
            raise RefusalError(message, status=404, param="id")
        return found


def _limit(text: str) -> int:
    limit = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= limit <= _LONGEST_PAGE:
        message = f"Invalid 'limit': must be an integer from 1 to {_LONGEST_PAGE}."
        raise RefusalError(message, code="invalid_value", param="limit")
    return limit


def _model(name: str, day: int, shutdown: str | None) -> dict[str, Any]:
    return {
        "id": name,
        "object": "model",
        "created": CREATED + day * _DAY_S,
        "owned_by": "stand-in",
        "shutdown_date": shutdown,
    }


def _file(number: int) -> dict[str, Any]:
    name = f"file-{number:04d}"
    return {
        "id": name,
        "object": "file",
        "bytes": len(json.dumps({"file": name})) + 1,
        "created_at": CREATED + number,
        "filename": f"sample-{number}.jsonl",
        "purpose": "batch",
        "status": "processed",
    }
