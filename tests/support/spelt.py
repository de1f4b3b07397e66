"""In which ways a secret may be written: thought up without looking at how Jackfield masks them."""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus


def _texts(secret: str) -> Iterator[str]:
    yield from (
        secret,
        repr(secret)[1:-1],
        secret.encode().hex(),
        html.escape(secret),
        secret.encode("utf-16-le").hex(),
    )
    for quoted in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield from (quoted, quoted.lower() if "%" in quoted else quoted)
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    for lead in range(3):
        raw = secret.encode()
        whole = base64.b64encode(b"?" * lead + raw)[2 if lead else 0 :]
        inner = whole[2 if lead else 0 : -4].decode()
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def spellings_of(secret: str) -> dict[bytes, str]:
    """Give each way as bytes, with the text that it is."""
    found = {text.encode(): text for text in _texts(secret)}
    found[secret.encode("utf-16-le")] = "UTF-16"
    return found


def seen_in(data: bytes, secret: str) -> list[str]:
    """Give the ways in which a secret stands in some bytes; whatever the case of hex and percent codes is."""
    small = data.lower()
    return [text for form, text in spellings_of(secret).items() if form in data or form.lower() in small]
