"""A body of type multipart/form-data (RFC 7578), read strictly: what is not exactly so is refused."""

import re
from collections.abc import Iterator
from typing import NoReturn

from attrs import field, frozen

from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["Part", "read_parts"]

_MOST_PARTS = 200
_LONGEST_HEAD = 8 * 1024
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))""")
_NAME = re.compile(r'[; ]name="((?:[^"\\]|\\.)*)"')
_FILE_NAME = re.compile(r'[; ]filename="((?:[^"\\]|\\.)*)"')


@frozen(kw_only=True)
class Part:
    """One part of a body.

    Attributes:
        name: Of the field.
        data: Its content.
        file_name: ``None`` for a part that is no file.
        media_type: As the part says, in lower case; empty if it does not say it.
    """

    name: str
    data: bytes = field(repr=False)
    file_name: str | None = None
    media_type: str = ""

    def text(self) -> str:
        """Give the content of a part that is no file.

        Raises:
            RefusalError: It is no UTF-8.
        """
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            message = f"Invalid '{self.name}': it is not encoded as UTF-8."
            raise RefusalError(message, code="invalid_value", param=self.name) from None


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Read a body.

    Args:
        content_type: The header, which says where parts end.
        body: As it came; its size has been checked.

    Raises:
        RefusalError: It is no such body, or has too many parts.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        _refuse("the content type has no boundary")
    parts: list[Part] = []
    for raw in _cut(body, (found[1] or found[2]).encode()):
        if len(parts) == _MOST_PARTS:
            _refuse(f"it has more than {_MOST_PARTS} parts")
        parts.append(_part(raw))
    return parts


def _cut(body: bytes, boundary: bytes) -> Iterator[bytes]:
    delimiter = b"\r\n--" + boundary
    if not body.startswith(delimiter[2:]):
        _refuse("it does not begin with its boundary")
    place = len(delimiter) - 2
    while body[place : place + 2] == b"\r\n":
        end = body.find(delimiter, place)
        if end < 0:
            _refuse("it ends without its boundary")
        yield body[place + 2 : end]
        place = end + len(delimiter)
    if body[place : place + 2] != b"--" or body[place + 2 :] not in (b"", b"\r\n"):
        _refuse("something stands after a boundary")


def _part(raw: bytes) -> Part:
    head, blank, data = raw.partition(b"\r\n\r\n")
    if not blank or len(head) > _LONGEST_HEAD:
        _refuse("a part has no head, or one that is too long")
    headers = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon or name.lower() in headers:
            _refuse("a part has a broken head")
        headers[name.lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    name_found, file_name = _NAME.search(disposition), _FILE_NAME.search(disposition)
    if not disposition.lower().startswith("form-data;") or name_found is None:
        _refuse("a part has no name")
    return Part(
        name=name_found[1],
        data=data,
        file_name=file_name[1] if file_name else None,
        media_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
    )


def _refuse(why: str) -> NoReturn:
    message = f"Could not parse multipart form: {why}."
    raise RefusalError(message, code="invalid_multipart_form_data")
