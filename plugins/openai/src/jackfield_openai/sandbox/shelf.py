"""The files that the stand-in keeps: some from the start, the same every time, and what is uploaded to it.

Names, types and bounds: openai-python 3.57.0, resources/files.py.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield_openai.sandbox.checks import Check, choice, integer, record
from jackfield_openai.sandbox.form_values import values_of
from jackfield_openai.sandbox.multipart import Part
from jackfield_openai.sandbox.replies import RefusalError, Reply
from jackfield_openai.sandbox.words import CREATED

__all__ = ["EXPIRES_AFTER", "Shelf", "page_of"]

_FILES = 25
_PAGE = 10
"""Files on a page where nobody says how many: fewer than OpenAI's 10,000, so that there is more than one page."""

_LONGEST_PAGE = 10_000
_MOST_BYTES = 32 * 1024 * 1024
"""Of all that is uploaded together; what is older makes room."""

_BATCH_DAYS_S = 30 * 86_400

EXPIRES_AFTER: Check = record({"anchor": choice("created_at"), "seconds": integer(3600, 2_592_000)})
_UPLOAD = record(
    {"purpose": choice("assistants", "batch", "fine-tune", "vision", "user_data", "evals")},
    {"expires_after": EXPIRES_AFTER},
)
_SECRET_PURPOSES = frozenset({"assistants", "vision", "user_data"})
"""What is uploaded for these is not given out again."""


@frozen(kw_only=True)
class _Kept:
    about: dict[str, Any]
    data: bytes = field(repr=False)


class Shelf:
    """Files by id. A new start brings back those of the start, and forgets the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, _Kept] = {}
        self._count = 0
        for number in range(1, _FILES + 1):
            line = json.dumps({"file": f"file-{number:04d}"})
            self.put(f"{line}\n".encode(), f"sample-{number}.jsonl", "batch")

    def put(self, data: bytes, name: str, purpose: str, expires_s: int | None = None) -> dict[str, Any]:
        """Keep a file; give what there is to say of it."""
        with self._lock:
            self._count += 1
            about: dict[str, Any] = {
                "id": f"file-{self._count:04d}",
                "object": "file",
                "bytes": len(data),
                "created_at": CREATED + self._count,
                "filename": name,
                "purpose": purpose,
                "status": "processed",
                "expires_at": None if expires_s is None else CREATED + self._count + expires_s,
            }
            self._files[about["id"]] = _Kept(about=about, data=data)
            while sum(len(kept.data) for kept in self._files.values()) > _MOST_BYTES and len(self._files) > 1:
                del self._files[next(iter(self._files))]
        return about

    def upload(self, parts: Sequence[Part]) -> Reply:
        """Keep what a form brings.

        Raises:
            RefusalError: OpenAI would refuse the form.
        """
        files = [part for part in parts if part.name == "file"]
        if len(files) != 1 or files[0].file_name is None:
            message = "Missing required parameter: 'file'." if not files else "Invalid 'file': expected one file."
            raise RefusalError(
                message, code="missing_required_parameter" if not files else "invalid_type", param="file"
            )
        said = values_of([part for part in parts if part.name != "file"])
        _UPLOAD(said, "")
        file, purpose = files[0], said["purpose"]
        if purpose in {"batch", "fine-tune"} and not str(file.file_name).endswith(".jsonl"):
            message = f"Invalid file format for {purpose}. Must be .jsonl"
            raise RefusalError(message, code="invalid_file_format", param="file")
        if not file.data:
            message = "File is empty."
            raise RefusalError(message, code="empty_file", param="file")
        usual = _BATCH_DAYS_S if purpose == "batch" else None
        expires_s = said.get("expires_after", {}).get("seconds", usual)
        return Reply.json(self.put(file.data, str(file.file_name), purpose, expires_s))

    def list(self, query: Mapping[str, str]) -> Reply:
        """Give a page of the list, by purpose if that is asked for."""
        with self._lock:
            files = [kept.about for kept in self._files.values()]
        if "purpose" in query:
            files = [file for file in files if file["purpose"] == query["purpose"]]
        choice("asc", "desc")(query.get("order", "desc"), "order")
        if query.get("order", "desc") == "desc":
            files.reverse()
        return page_of(files, query, usual=_PAGE, most=_LONGEST_PAGE)

    def about(self, file_id: str) -> dict[str, Any]:
        """Describe a file.

        Raises:
            RefusalError: There is none of that id.
        """
        return self._known(file_id).about

    def data(self, file_id: str) -> bytes:
        """Give what is in a file."""
        return self._known(file_id).data

    def content(self, file_id: str) -> Reply:
        """Give a file's content to whoever may have it; OpenAI names no type for it either."""
        kept = self._known(file_id)
        if kept.about["purpose"] in _SECRET_PURPOSES:
            message = f"Not allowed to download files of purpose: {kept.about['purpose']}"
            raise RefusalError(message)
        return Reply(media_type="application/octet-stream", body=kept.data)

    def delete(self, file_id: str) -> Reply:
        """Delete a file."""
        self._known(file_id)
        with self._lock:
            self._files.pop(file_id, None)
        return Reply.json({"id": file_id, "object": "file", "deleted": True})

    def _known(self, file_id: str) -> _Kept:
        with self._lock:
            found = self._files.get(file_id)
        if found is None:
            message = f"No such File object: {file_id}"
            raise RefusalError(message, status=404, param="id")
        return found


def page_of(entries: Sequence[dict[str, Any]], query: Mapping[str, str], *, usual: int, most: int) -> Reply:
    """Give a page of a list as the query wants it: how many, and after which.

    Raises:
        RefusalError: Of none can be told what comes after it, or the page would be too long.
    """
    limit = _limit(query.get("limit", str(usual)), most)
    if "after" in query:
        ids = [entry["id"] for entry in entries]
        if query["after"] not in ids:
            message = f"There is no '{query['after']}' to list after."
            raise RefusalError(message, param="after", code="invalid_value")
        entries = entries[ids.index(query["after"]) + 1 :]
    page = entries[:limit]
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return Reply.json({"object": "list", "data": page, **ends, "has_more": len(entries) > limit})


def _limit(said: str, most: int) -> int:
    limit = int(said) if said.isascii() and said.isdecimal() else 0
    if not 1 <= limit <= most:
        message = f"Invalid 'limit': must be an integer from 1 to {most}."
        raise RefusalError(message, code="invalid_value", param="limit")
    return limit
