"""Texts that a server sent, read as what they are: XML and CSV, within limits."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes
from xml.sax.xmlreader import AttributesImpl, InputSource

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from jackfield import Answer, AnswerError, LimitError

__all__ = ["read_csv", "read_xml", "refuse_entities", "text_of"]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ENTITIES = "It declares entities, which may grow without end or name files; such XML is not read."


def text_of(answer: Answer) -> str:
    """Give an answer as text: by its byte order mark, else in the charset that the server names."""
    codec = next((codec for mark, codec in _MARKS.items() if answer.body.startswith(mark)), "")
    return answer.body.decode(codec, "replace") if codec else answer.text()


def read_xml(answer: Answer) -> object:
    """Read XML as JSON has it.

    An element is its text; with attributes or elements inside, an object: attributes are ``@name``, elements that come
    several times are lists, and text beside them is ``#text``. Names keep their prefix.

    Raises:
        AnswerError: It is no XML, or declares entities.
        LimitError: Elements stand in each other deeper than the setting ``max_json_depth`` allows.
    """
    handler = _Tree(answer.max_json_depth)
    try:
        _parse(answer, handler)
    except DefusedXmlException:
        raise AnswerError(_ENTITIES, request_id=answer.request_id) from None
    except (SAXException, ValueError, LookupError) as error:
        where = f" (line {line})" if (line := getattr(error, "getLineNumber", lambda: None)()) else ""
        message = f"The server answered {answer.status} with {answer.described} where XML was expected{where}."
        raise AnswerError(message, request_id=answer.request_id) from None
    return handler.root


def refuse_entities(answer: Answer) -> None:
    """See that XML declares no entities; whether it is well-formed is of no interest.

    Raises:
        AnswerError: It does.
    """
    try:
        _parse(answer, ContentHandler())
    except DefusedXmlException:
        raise AnswerError(_ENTITIES, request_id=answer.request_id) from None
    except (SAXException, ValueError, LookupError):
        return


def _parse(answer: Answer, handler: ContentHandler) -> None:
    # Old feeds name a document type elsewhere, which is passed over; entities, of whatever kind, are not.
    parser = DefusedExpatParser(forbid_dtd=False, forbid_entities=True, forbid_external=False)
    parser.setContentHandler(handler)
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_external_pes, False)
    source, data = InputSource(), answer.body
    if "charset" in answer.headers.get("Content-Type", "").lower():
        source.setEncoding("utf-8")  # what the server says counts more than what the document says (RFC 7303)
        data = text_of(answer).encode()
    source.setByteStream(io.BytesIO(data))
    parser.parse(source)


class _Tree(ContentHandler):
    """Makes JSON values of elements as they come."""

    def __init__(self, most_deep: int) -> None:
        super().__init__()
        self.root: dict[str, object] = {}
        self._open: list[dict[str, Any]] = [self.root]
        self._texts: list[list[str]] = [[]]
        self._most_deep = most_deep

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002, N802  as the library calls it
        if len(self._open) > self._most_deep:
            message = f"Elements stand in each other more than {self._most_deep} deep."
            raise LimitError(message, limit="max_json_depth", maximum=self._most_deep)
        self._open.append({f"@{key}": value for key, value in attrs.items()})
        self._texts.append([])

    def characters(self, content: str) -> None:
        self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802  as above
        inside, text = self._open.pop(), "".join(self._texts.pop()).strip()
        if inside and text:
            inside["#text"] = text
        value: object = inside or text or None
        outer = self._open[-1]
        if name not in outer:
            outer[name] = value
        elif isinstance(outer[name], list):
            outer[name].append(value)
        else:
            outer[name] = [outer[name], value]


def read_csv(answer: Answer, *, delimiter: str, has_header: bool, max_cells: int) -> list[object]:
    """Read CSV: an object for each row by the names in the first one, or a list for each without such.

    A cell behind the last name is called by its place, ``column_4``, and a name that comes again ``name_2``. Empty
    lines are no rows.

    Raises:
        AnswerError: It is no CSV.
        LimitError: There are more cells than ``max_cells``.
    """
    rows = _rows(answer, delimiter, max_cells)
    try:
        if not has_header:
            return [*rows]
        names = _unique(next(rows, []))
        return [_named(names, row) for row in rows]
    except csv.Error as error:
        message = f"The server answered {answer.status} with {answer.described}, which is no CSV: {error}."
        raise AnswerError(message, request_id=answer.request_id, hint="Take it as text, or as a file.") from None


def _rows(answer: Answer, delimiter: str, max_cells: int) -> Iterator[list[str]]:
    left = max_cells
    for row in csv.reader(io.StringIO(text_of(answer), newline=""), delimiter=delimiter):
        left -= len(row)
        if left < 0:
            message = f"The answer has more than {max_cells} cells."
            hint = "Allow more with max_cells, or take it as a file."
            raise LimitError(message, limit="max_cells", maximum=max_cells, hint=hint)
        if row:
            yield row


def _unique(names: list[str]) -> list[str]:
    found: dict[str, None] = {}
    counts: dict[str, int] = {}
    for place, given in enumerate(names, 1):
        name = given.strip() or f"column_{place}"
        counts[name] = counts.get(name, 0) + 1
        while name in found:
            name = f"{given.strip()}_{counts[given.strip()]}"
            counts[given.strip()] += 1
        found[name] = None
    return [*found]


def _named(names: list[str], row: list[str]) -> Mapping[str, str]:
    more = [f"column_{place}" for place in range(len(names) + 1, len(row) + 1)]
    return dict(zip([*names, *more], row, strict=False))
