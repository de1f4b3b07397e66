"""XML that a server sent, read without what may grow without end or lead elsewhere."""

from collections.abc import Callable
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from jackfield import Answer, AnswerError, LimitError
from jackfield_http.texts import text_of

__all__ = ["BROKEN", "parse", "read_xml"]

BROKEN = (SAXException, ValueError, LookupError)
"""What the parser raises where something is no XML."""

_DECLARES = "It declares entities or attributes of its own, which may grow without end or name files."
_EVENTS_PER_CHECK = 1000

Check = Callable[[], None]
"""Raises if there is no time left, or somebody cancelled."""


class _AttributesDeclared(DefusedXmlException):  # type: ignore[misc]  # the library has no types
    """Defaults of attributes multiply: one of 200 kB is there again in each of 20,000 elements."""


class _Parser(DefusedExpatParser):  # type: ignore[misc]  # as above
    """Passes over a document type that is named elsewhere; declares nothing that one brings along."""

    def __init__(self) -> None:
        super().__init__(forbid_dtd=False, forbid_entities=True, forbid_external=False)

    def reset(self) -> None:
        super().reset()
        self._parser.AttlistDeclHandler = self._refuse_attributes

    def _refuse_attributes(self, *_: object) -> None:
        raise _AttributesDeclared


class _Checked:
    """Calls a handler, and looks from time to time whether to go on."""

    def __init__(self, handler: ContentHandler, check: Check) -> None:
        self._start, self._check, self._seen = handler.startElement, check, 0

    def __call__(self, name: str, attrs: AttributesImpl) -> None:
        self._seen += 1
        if not self._seen % _EVENTS_PER_CHECK:
            self._check()
        self._start(name, attrs)


def parse(content: str | bytes, handler: ContentHandler, check: Check, *, request_id: str = "") -> None:
    """Tell a handler what stands in XML.

    Args:
        content: Bytes in the encoding that they name themselves, or text, whatever encoding it names.
        handler: What is told.
        check: Called from time to time.
        request_id: Of the answer, for errors.

    Raises:
        AnswerError: It declares entities or attributes.
        SAXException: It is no XML; also ValueError and LookupError.
    """
    parser = _Parser()
    handler.startElement = _Checked(handler, check)  # type: ignore[method-assign]  # it is how SAX is told what to call
    parser.setContentHandler(handler)
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_external_pes, False)
    try:
        # At once: a parser that is older than expat 2.6 begins again with each piece of a long token.
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        message = f"{_DECLARES} Such XML is not read."
        raise AnswerError(message, request_id=request_id, hint="Take it as text, or as a file.") from None


def read_xml(answer: Answer, check: Check) -> object:
    """Read XML as JSON has it.

    An element is its text; with attributes or elements inside, an object: attributes are ``@name``, elements that come
    several times are lists, and text beside them is ``#text``. Names keep their prefix.

    Raises:
        AnswerError: It is no XML, or declares entities or attributes.
        LimitError: Elements stand in each other deeper than the setting ``max_json_depth`` allows.
    """
    tree = _Tree(answer.max_json_depth)
    # What the server says of the charset counts more than what the document says (RFC 7303).
    said = "charset" in answer.headers.get("Content-Type", "").lower()
    try:
        parse(text_of(answer) if said else answer.body, tree, check, request_id=answer.request_id)
    except BROKEN as error:
        where = f" (line {line})" if (line := getattr(error, "getLineNumber", lambda: None)()) else ""
        message = f"The server answered {answer.status} with {answer.described} where XML was expected{where}."
        raise AnswerError(message, request_id=answer.request_id) from None
    return tree.root


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
