"""Whether a compiled file is what its source compiles to, found out without running or unmarshalling it.

Python takes ``__pycache__/x.cpython-311.pyc`` instead of ``x.py`` if the head of the one names the time and size of the
other. No installer records what is in it, so whoever may write there can plant code beside a source that stays as it
was. Here the source is compiled again, and both are compared.

They cannot be compared byte by byte: what ``marshal`` writes depends on how many references a constant happens to have.
``marshal.loads`` is not made for data that means harm ("Warning" in its documentation). So the few types that code
consists of are read here, and each becomes a digest of its own and its parts'; the format is that of ``marshal.c`` of
CPython 3.11 to 3.13. What a reader does not know counts as different.
"""

import hashlib
import marshal
import struct
import threading
import warnings
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from types import CodeType

_HEAD = 16
_REFERABLE = 0x80
_LEVELS: tuple[tuple[str, int], ...] = (("", 0), ("1", 1), ("2", 2))
"""What a compiled file's name says of optimization, and what ``compile`` is told then."""

_NUMBERS = {"argcount", "posonlyargcount", "kwonlyargcount", "stacksize", "flags", "firstlineno"}
_CODE = (
    *("argcount", "posonlyargcount", "kwonlyargcount", "stacksize", "flags"),
    *("code", "consts", "names", "localsplusnames", "localspluskinds", "filename", "name", "qualname"),
    *("firstlineno", "linetable", "exceptiontable"),
)

_CONTAINERS = {"(": b"tuple ", ")": b"tuple ", ">": b"frozenset ", "c": b"code "}
_TEXTS = {"u": "utf-8", "t": "utf-8", "a": "ascii", "A": "ascii", "z": "ascii", "Z": "ascii"}

_warnings_are_everybodys = threading.Lock()


def planted_beside(source: Path) -> Iterator[Path]:
    """Give the compiled files that this Python would take for a source, and that are not what it compiles to.

    Raises:
        OSError: The source, or a compiled file that is there, cannot be read.
    """
    for suffix, level in _LEVELS:
        try:
            compiled = Path(cache_from_source(str(source), optimization=suffix))
        except NotImplementedError:  # this Python keeps none
            return
        if compiled.is_file() and not _is_compiled_from(compiled.read_bytes(), source, level):
            yield compiled


def _is_compiled_from(compiled: bytes, source: Path, level: int) -> bool:
    text = source.read_bytes()
    if not _would_be_taken(compiled[:_HEAD], source, text):
        return True
    try:
        fresh = marshal.dumps(_compile(text, source, level))
        return compiled[_HEAD:] == fresh or code_digest(compiled[_HEAD:]) == code_digest(fresh)
    except (ValueError, RecursionError):  # a source that does not compile has no compiled file of its own
        return False


def _would_be_taken(head: bytes, source: Path, text: bytes) -> bool:
    """Do what importlib does before it believes a compiled file (PEP 552)."""
    if len(head) < _HEAD or head[:4] != MAGIC_NUMBER:
        return False
    (flags,) = struct.unpack("<I", head[4:8])
    if flags & 0b01:
        return not flags & 0b10 or head[8:] == source_hash(text)
    stat = source.stat()
    return head[8:] == struct.pack("<II", int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)


def _compile(text: bytes, source: Path, level: int) -> CodeType:
    try:
        # What a compiler warns of was told when the file was first compiled. The filters are the whole process's.
        with _warnings_are_everybodys, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code: CodeType = compile(text, str(source), "exec", dont_inherit=True, optimize=level)
            return code
    except SyntaxError as error:
        message = f"{source} cannot be compiled"
        raise ValueError(message) from error


def code_digest(data: bytes) -> bytes:
    """Give what two marshalled values have in common if and only if they are equal, file names of code aside.

    Raises:
        ValueError: It is cut, goes on behind its end, or has what code never has.
        RecursionError: It is nested deeper than any code.
    """
    reader = _Reader(data)
    found = reader.read()
    if reader.place != len(data):
        message = "something follows"
        raise ValueError(message)
    return found


class _Reader:
    """Reads one marshalled value; digests of a fixed size keep what refers to itself many times from growing."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._seen: list[bytes | None] = []
        self.place = 0

    def read(self) -> bytes:
        """Give the digest of the value that comes next."""
        (kind,) = self._take(1)
        letter = chr(kind & ~_REFERABLE)
        if letter == "r":
            return self._earlier(self._number())
        number = len(self._seen)
        if kind & _REFERABLE:
            self._seen.append(None)  # it has its number before its parts have theirs
        found = hashlib.sha256(self._told(letter)).digest()
        if kind & _REFERABLE:
            self._seen[number] = found
        return found

    def _told(self, letter: str) -> bytes:
        """Give a text that only equal values have."""
        if letter in "NFTS.":
            return letter.encode()
        if letter in _CONTAINERS:
            parts = [*self._parts(letter)]
            return _CONTAINERS[letter] + b"".join(sorted(parts) if letter == ">" else parts)
        if letter in _TEXTS:
            size = self._take(1)[0] if letter in "zZ" else self._number()
            # Equal texts have equal bytes, whichever of its ways of writing them marshal chose.
            text = self._take(size).decode(_TEXTS[letter], "surrogatepass")
            return b"str " + text.encode("utf-8", "surrogatepass")
        return self._told_plain(letter)

    def _told_plain(self, letter: str) -> bytes:
        if letter in "il":
            return b"int %d" % (self._number() if letter == "i" else self._long())
        if letter in "gy":
            return letter.encode() + self._take(8 if letter == "g" else 16)
        if letter == "s":
            return b"bytes " + self._take(self._number())
        message = f"no code has a {letter!r}"
        raise ValueError(message)

    def _parts(self, letter: str) -> Iterator[bytes]:
        if letter == "c":
            yield from self._code()
            return
        count = self._take(1)[0] if letter == ")" else self._number()
        for _ in range(count):
            yield self.read()

    def _code(self) -> Iterator[bytes]:
        for name in _CODE:
            if name in _NUMBERS:
                yield self._take(4)
            else:
                found = self.read()
                if name != "filename":
                    yield found

    def _earlier(self, number: int) -> bytes:
        found = self._seen[number] if 0 <= number < len(self._seen) else None
        if found is None:
            message = "it refers to what is not there yet"
            raise ValueError(message)
        return found

    def _number(self) -> int:
        return int.from_bytes(self._take(4), "little", signed=True)

    def _long(self) -> int:
        size = self._number()
        digits = struct.unpack(f"<{abs(size)}H", self._take(2 * abs(size)))
        value: int = sum(digit << (15 * position) for position, digit in enumerate(digits))
        return -value if size < 0 else value

    def _take(self, size: int) -> bytes:
        found = self._data[self.place : self.place + size]
        if size < 0 or len(found) != size:
            message = "it is cut"
            raise ValueError(message)
        self.place += size
        return found
