"""A card as HTML: no script, no style sheet, no address that a browser would follow."""

import base64
import html
import json
import re
from collections.abc import Iterator, Sequence

from jackfield._cards import Card, Limits, Media, Table

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
"""Characters that move or hide others, that nobody sees, and those that are none by themselves.

The joiners U+200C and U+200D are not among them: Persian and emoji are written with these.
"""
_LAST_OF_FOUR = 0xFFFF
_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/wav": (b"RIFF",),
    "audio/x-wav": (b"RIFF",),
    "audio/ogg": (b"OggS",),
    "audio/flac": (b"fLaC",),
}
"""What is shown inside, by how its content begins; SVG, which is a program, is not."""
_CELL = "text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere"


class Page:
    """Writes cards within limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def card(self, card: Card) -> str:
        """Write one."""
        border = "#c33" if card.failed else "#888"
        return f'<div style="border-left:3px solid {border};padding:0 0 0 .8em">{"".join(self._parts(card))}</div>'

    def _parts(self, card: Card) -> Iterator[str]:
        yield f"<p><strong>{self._text(card.title)}</strong></p>"
        if card.about:
            yield f'<p style="white-space:pre-wrap">{self._text(card.about)}</p>'
        facts = [
            f"{_escaped(name)}: {self._text(value)}" for name, value in card.facts if value is not None and value != ""
        ]
        if facts:
            yield f"<p>{' · '.join(facts)}</p>"
        for note in card.notes:
            yield f"<p>⚠ {self._text(note)}</p>"
        for table in card.tables:
            yield self._table(table)
        yield from self._files(card.files)

    def _table(self, table: Table) -> str:
        limits = self._limits
        columns, rows = table.columns[: limits.max_columns], table.rows[: limits.max_rows]
        head = "".join(f'<th style="text-align:left">{self._text(name)}</th>' for name in columns)
        body = "".join(f"<tr>{self._cells(row[: limits.max_columns])}</tr>" for row in rows)
        said = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return (
            said
            + _left_out(table.rows, limits.max_rows, "rows")
            + _left_out(table.columns, limits.max_columns, "columns")
        )

    def _cells(self, row: Sequence[object]) -> str:
        return "".join(f'<td style="{_CELL}">{"" if value is None else self._text(value)}</td>' for value in row)

    def _files(self, files: Sequence[Media]) -> Iterator[str]:
        for file in files[: self._limits.max_files]:
            name = self._text(file.name)
            size = "" if file.size is None else f", {file.size:,} bytes"
            inside = self._inside(file)
            yield f"<figure>{inside}<figcaption>{name} ({self._text(file.media_type)}{size})</figcaption></figure>"
        yield _left_out(files, self._limits.max_files, "files")

    def _inside(self, file: Media) -> str:
        """Give a picture or a sound as it is seen or heard; nothing if it is none, is too large, or cannot be read."""
        kind, most = file.media_type, self._limits.max_file_bytes
        if kind not in _SIGNATURES or file.size is None:
            return ""
        if file.size > most:
            return f"<p>Not shown: larger than max_file_bytes={most}.</p>"
        data = file.read(most)
        if data is None:
            return "<p>Not shown: it cannot be read any more.</p>"
        if not data.startswith(_SIGNATURES[kind]):
            return f"<p>Not shown: it is no {_escaped(kind)}.</p>"
        source = f'src="data:{kind};base64,{base64.b64encode(data).decode()}"'
        if kind.startswith("image/"):
            return f'<img {source} alt="{self._text(file.name)}" style="max-width:100%;max-height:480px">'
        return f"<audio controls {source}></audio>"

    def _text(self, value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, default=str)
        left = len(text) - self._limits.max_chars
        shown = _escaped(text[: self._limits.max_chars])
        return f"{shown}<em>… and {left:,} more characters (max_chars)</em>" if left > 0 else shown


def _escaped(text: str) -> str:
    return html.escape(_UNSEEN.sub(_spelt_out, text))


def _spelt_out(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR else f"\\U{code:08x}"


def _left_out(items: Sequence[object], most: int, what: str) -> str:
    if len(items) <= most:
        return ""
    return (
        f"<p><em>{most} of {len(items):,} {what} shown: max_{what}={most}; show(..., max_{what}=N) shows more.</em></p>"
    )
