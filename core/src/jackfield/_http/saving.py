"""Bodies of answers that become files of the host: streamed to disk, counted, and named by whoever knows best."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from urllib.parse import unquote

from attrs import evolve
from requests import Response

from jackfield._filenames import UNKNOWN_TYPE, name_in_url, safe_name, type_flaw
from jackfield._http.answers import Answer
from jackfield._http.body import pieces, read_whole
from jackfield._http.limits import HttpSettings
from jackfield.storage import FileStore

_SLACK = 1 << 20
"""The store counts too, and says the name of the right setting; it shall be the first to be hit."""

_MOST_HELD = 1 << 20
"""A body of no stated type is held up to this size, for whoever asked may find that it is text."""

_EXTENDED = re.compile(r"filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BARE = re.compile(r"filename\s*=\s*([^\";\s]+)", re.IGNORECASE)


class Saver:
    """Writes the body of one answer into a store; or has it held in memory."""

    def __init__(
        self,
        store: FileStore,
        settings: HttpSettings,
        *,
        name: str = "",
        media_type: str = "",
        in_memory: bool = False,
    ) -> None:
        self._store = store
        self._in_memory = in_memory
        self._limits = settings
        largest = store.settings.max_file_bytes + _SLACK
        self._settings = evolve(
            settings,
            max_wire_bytes=max(largest, settings.max_wire_bytes),
            max_body_bytes=max(largest, settings.max_body_bytes),
        )
        self._name = name
        self._media_type = media_type

    def take_unless_text(self, answer: Answer, response: Response) -> Answer:
        """Read a body of text into memory, and a small one of no stated type; write any other."""
        if answer.is_text:
            return evolve(answer, body=read_whole(response, self._limits, in_memory=self._in_memory))
        if _stated_type(answer):
            return self.take(answer, response)
        body = self._body(response)
        start = b""
        for piece in body:
            start += piece
            if len(start) > _MOST_HELD:
                return self._written(answer, response, chain([start], body))
        response.close()
        return evolve(answer, body=start)

    def take(self, answer: Answer, response: Response) -> Answer:
        """Write the body, and give the answer with its file.

        Raises:
            LimitError: As ``FileStore.add``; also FileError, and what reading a body raises.
        """
        return self._written(answer, response, self._body(response))

    def _body(self, response: Response) -> Iterator[bytes]:
        allow = getattr(response.raw, "allow", None)
        if allow is not None:
            allow(self._settings.max_wire_bytes)
        return pieces(response, self._settings)

    def _written(self, answer: Answer, response: Response, body: Iterator[bytes]) -> Answer:
        kind = self._media_type or _stated_type(answer)
        name = self._name or stated_name(answer.headers.get("Content-Disposition", "")) or name_in_url(answer.url)
        try:
            announced = getattr(response.raw, "length_remaining", None) or 0
            self._store.check_room(announced, in_memory=self._in_memory)  # nobody waits for the end
            file = self._store.add(body, name=name, media_type=kind, in_memory=self._in_memory)
        finally:
            response.close()
        return evolve(answer, file=file)


def _stated_type(answer: Answer) -> str:
    kind = answer.media_type
    return "" if kind == UNKNOWN_TYPE or type_flaw(kind) else kind


def stated_name(disposition: str) -> str:
    """Read the name that a server suggests (RFC 6266), made safe; empty if it suggests none."""
    extended = _EXTENDED.search(disposition)
    if extended:
        return safe_name(unquote(extended[2], extended[1]))
    quoted = _QUOTED.search(disposition)
    found = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else ""
    bare = None if quoted else _BARE.search(disposition)
    found = found or (bare[1] if bare else "")
    # Headers are read as Latin-1; many servers write UTF-8.
    with suppress(UnicodeError):
        found = found.encode("latin-1").decode()
    return safe_name(found) if found else ""
