"""Files that come and go over HTTP, a piece at a time."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, BinaryIO
from urllib.parse import quote

import anyio
import anyio.from_thread
import anyio.to_thread
from attrs import frozen
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from jackfield import File, FileStore, JackfieldError
from jackfield_web.operations import Operations, Underway
from jackfield_web.problems import problem_response
from jackfield_web.rendering import Json
from jackfield_web.settings import WebSettings
from jackfield_web.shelf import Shelf
from jackfield_web.visits import Visit, pieces_of, refuse_too_large, too_large, too_slow


class Files:
    """Answers what is asked about files.

    Args:
        store: Where the host keeps them.
        shelf: Whose they are.
        settings: How large they may be.
        operations: Where an upload has its room.
    """

    def __init__(self, store: FileStore, shelf: Shelf, settings: WebSettings, operations: Operations) -> None:
        self._store = store
        self._shelf = shelf
        self._settings = settings
        self._operations = operations
        self._downloads = Operations(settings, "downloads")

    async def list_files(self, visit: Visit) -> Response:
        """List those of whoever asks."""
        return await visit.json(lambda: {"files": self._shelf.listed(visit.owner)})

    async def upload(self, visit: Visit) -> Response:
        """Take one in; nothing of it is left if it does not come whole."""
        most = self._settings.max_upload_bytes
        refuse_too_large(visit.request, most, "max_upload_bytes")
        pieces = pieces_of(visit.request)

        def work() -> dict[str, Any]:
            named = {"name": visit.query["name"], "media_type": visit.query.get("media_type", "")}
            with self._shelf.room(visit.owner) as hold:
                return self._shelf.keep(visit.owner, self._store.add(self._counted(pieces, hold), **named))

        one = self._operations.begin(visit.owner, "upload")
        with anyio.move_on_after(self._settings.max_deadline_s) as time:
            told = await self._operations.in_thread(one, work)
        if time.cancelled_caught:
            raise too_slow(self._settings.max_deadline_s, "max_deadline_s")
        return Json(told, 201)

    def _counted(self, pieces: AsyncIterator[bytes], hold: Callable[[int], None]) -> Iterator[bytes]:
        most, size = self._settings.max_upload_bytes, 0
        while (piece := anyio.from_thread.run(_next, pieces)) is not None:
            size += len(piece)
            if size > most:
                raise too_large(most, "max_upload_bytes")
            hold(size)
            yield piece

    async def download(self, visit: Visit) -> ASGIApp:
        """Give one out."""
        file = await visit.blocking(lambda: self._shelf.get(visit.owner, visit.path["file"]))
        named = quote(file.name, safe="")
        headers = {"Content-Type": file.media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{named}"}
        if file.size is not None:
            headers["Content-Length"] = str(file.size)
        if visit.request.method == "HEAD":
            return Response(headers=headers)
        one = self._downloads.begin(visit.owner, "download")
        return _Download(file=file, headers=headers, downloads=self._downloads, one=one, settings=self._settings)

    async def remove_file(self, visit: Visit) -> Response:
        """Remove one."""
        await visit.blocking(lambda: self._shelf.remove(visit.owner, visit.path["file"]))
        return Response(status_code=204)


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


@frozen(kw_only=True, eq=False)
class _Download:
    """The answer with a file: open no longer than somebody reads it, and than ``max_stream_s``.

    Attributes:
        file: It.
        headers: Of the answer.
        downloads: Where it has its room.
        one: Its room.
        settings: How long it may take.
    """

    file: File
    headers: Mapping[str, str]
    downloads: Operations
    one: Underway
    settings: WebSettings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        opened = ExitStack()
        try:
            with anyio.move_on_after(self.settings.max_stream_s):
                content = await anyio.to_thread.run_sync(lambda: opened.enter_context(self.file.open()))
                answer = StreamingResponse(self._pieces(content), headers=self.headers)
                await answer(scope, receive, send)
        except JackfieldError as error:
            await problem_response(error)(scope, receive, send)
        finally:
            opened.close()
            self.downloads.end(self.one)

    async def _pieces(self, content: BinaryIO) -> AsyncIterator[bytes]:
        while piece := await anyio.to_thread.run_sync(self.file.next_piece, content):
            yield piece
