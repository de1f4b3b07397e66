"""Bodies in chunks, read strictly.

http.client takes ``-5``, ``0x5`` and ``5_0`` for sizes, any two bytes for the end of a chunk, and anything at all for a
trailer: whoever stands in between may see another end of the body than it does.

Source: RFC 9112, section 7.1.
"""

import io
import re
from http.client import HTTPException, IncompleteRead

from jackfield._http.heads import FIELD

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00\r\n]*)?\r\n")
_LONGEST_SIZE = 4096
"""With its extensions, which mean nothing to us."""
_END = b"\r\n"
_NO_END = "one of its chunks does not end where it says"


class Chunks:
    """The body of one answer.

    Args:
        reader: Stands at the first size.
        longest: Of a trailer, in bytes; what all of them take counts as the body does.
    """

    def __init__(self, reader: io.BufferedReader, longest: int) -> None:
        self._reader = reader
        self._longest = longest
        self._left = 0
        self._owed = 0
        """How much of the end of a chunk was not read yet."""
        self._ended = False

    def read1(self, amount: int) -> bytes:
        """Give what is there of the current chunk, at most so much; waits for at least one byte. Nothing at the end.

        Raises:
            HTTPException: A size, the end of a chunk or a trailer is none.
            IncompleteRead: The connection ended first.
        """
        if not self._left and (self._ended or not self._next()):
            return b""
        left = self._left
        # The end of the chunk comes along where it is there already: nobody waits for it.
        data = self._reader.read1(left + len(_END) if left < amount or amount < 0 else amount)
        surplus = len(data) - left
        if surplus <= 0:
            if not data:
                raise IncompleteRead(data, left)
            self._left, self._owed = -surplus, len(_END)
            return data
        if not _END.startswith(data[left:]):
            raise HTTPException(_NO_END)
        self._left, self._owed = 0, len(_END) - surplus
        return data[:left]

    def _next(self) -> bool:
        """Begin the next chunk; tell whether there is one. Trailers are read past."""
        # What is owed of the last one's end is read with the next size: an event should not wait for it.
        if self._owed and self._line(self._owed) != _END[-self._owed :]:
            raise HTTPException(_NO_END)
        self._owed = 0
        line = self._reader.readline(_LONGEST_SIZE)
        if not line:
            raise IncompleteRead(line)
        size = _SIZE.fullmatch(line)
        if size is None:
            message = "the size of one of its chunks cannot be read"
            raise HTTPException(message)
        self._left = int(size[1], 16)
        if not self._left:
            self._ended = True
            self._skip_trailers()
        return not self._ended

    def _skip_trailers(self) -> None:
        while (line := self._line(self._longest)) != _END:
            if not FIELD.fullmatch(line.decode("latin-1")):
                message = "what follows its last chunk is no header"
                raise HTTPException(message)

    def _line(self, longest: int) -> bytes:
        line = self._reader.readline(longest)
        if not line:
            raise IncompleteRead(line)
        return line
