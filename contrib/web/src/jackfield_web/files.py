"""Files that come and go over HTTP, a piece at a time."""

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO
from urllib.parse import quote

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from jackfield import File, FileStore, OperationCancelledError
from jackfield_web.operations import Operations
from jackfield_web.settings import WebSettings
from jackfield_web.shelf import Shelf
from jackfield_web.visits import Visit, refuse_too_large, too_large, too_slow


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

    async def list_files(self, visit: Visit) -> Response:
        """List those of whoever asks."""
        return JSONResponse({"files": await visit.blocking(lambda: self._shelf.listed(visit.owner))})

    async def upload(self, visit: Visit) -> Response:
        """Take one in; nothing of it is left if it does not come whole."""
        most = self._settings.max_upload_bytes
        refuse_too_large(visit.request, most, "max_upload_bytes")
        pieces = aiter(visit.request.stream())

        def work() -> File:
            named = {"name": visit.query["name"], "media_type": visit.query.get("media_type", "")}
            return self._store.add(self._counted(visit.owner, pieces), **named)

        one = self._operations.begin(visit.owner, "upload")
        with anyio.move_on_after(self._settings.max_deadline_s) as time:
            file = await self._operations.in_thread(one, work)
        if time.cancelled_caught:
            raise too_slow(self._settings.max_deadline_s, "max_deadline_s")
        return JSONResponse(await visit.blocking(lambda: self._shelf.keep(visit.owner, file)), 201)

    def _counted(self, owner: str, pieces: AsyncIterator[bytes]) -> Iterator[bytes]:
        most, size = self._settings.max_upload_bytes, 0
        while (piece := anyio.from_thread.run(_next, pieces)) is not None:
            size += len(piece)
            if size > most:
                raise too_large(most, "max_upload_bytes")
            self._shelf.check_room(owner, size)
            yield piece

    async def download(self, visit: Visit) -> Response:
        """Give one out."""
        file = await visit.blocking(lambda: self._shelf.get(visit.owner, visit.path["file"]))
        content = await visit.blocking(file.open)
        named = quote(file.name, safe="")
        headers = {"Content-Type": file.media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{named}"}
        if file.size is not None:
            headers["Content-Length"] = str(file.size)
        return StreamingResponse(_pieces(file, content), headers=headers)

    async def remove_file(self, visit: Visit) -> Response:
        """Remove one."""
        await visit.blocking(lambda: self._shelf.remove(visit.owner, visit.path["file"]))
        return Response(status_code=204)


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        return await anext(pieces, None)
    except ClientDisconnect:
        message = "The caller went away in the middle of an upload."
        raise OperationCancelledError(message) from None


async def _pieces(file: File, content: BinaryIO) -> AsyncIterator[bytes]:
    with content:
        while piece := await anyio.to_thread.run_sync(file.next_piece, content):
            yield piece
