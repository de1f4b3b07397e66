"""Texts that a server sent, in the charset that they are in."""

import codecs

from jackfield import Answer

__all__ = ["text_of"]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def text_of(answer: Answer) -> str:
    """Give an answer as text: by its byte order mark, else in the charset that the server names."""
    codec = next((codec for mark, codec in _MARKS.items() if answer.body.startswith(mark)), "")
    return answer.body.decode(codec, "replace") if codec else answer.text()
