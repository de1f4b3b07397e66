"""What a caller asks the stand-in to do wrong, in the header ``x-sandbox``.

The header is a list, separated by semicolons, of words and ``name=value``::

    x-sandbox: status=429; retry-after=1; times=2

Connections send it as an extra header, so any module and any program can ask for any failure.
"""

from collections.abc import Callable
from typing import Any

from attrs import fields_dict, frozen

__all__ = ["GRAMMAR", "OrderError", "Orders", "parse_orders"]

GRAMMAR = """\
The header x-sandbox asks for failures: words and name=value, separated by semicolons.

  status=429         answer with this status and OpenAI's error body
  code=NAME          the code in that body (insufficient_quota, model_not_found...); implies its usual status
  param=NAME         the parameter that the body names
  retry-after=1      say after how many seconds to come again; retry-after-ms=300 the same in milliseconds
  times=2            only the first two requests with this very header are treated so
  tag=TEXT           tells headers apart that are otherwise the same, for times
  delay=0.2          wait this long before the answer
  drip=0.05          send one byte at a time, this many seconds apart
  cut=3              end a stream after three events, any other body after three bytes, without its proper end
  fail=3             send an error inside a stream, after three events; code=NAME says which
  undone             leave out [DONE] at the end of a stream
  html               answer with a page of HTML, as a proxy does; status=502 beside it is likely
  plain              answer an error with plain text
  detail             answer an error with {"detail": ...}
  numeric            give the error's code as a number, as some servers do
  empty              answer with an empty body
  refuse             have the model refuse
  finish=REASON      give this finish_reason: length, content_filter...; a response fails with any other, as its code;
                     a batch made with finish=expired ends so
  text=BASE64        have the model say this text, in base64
"""


class OrderError(ValueError):
    """An order that the stand-in does not know."""


@frozen(kw_only=True)
class Orders:
    """What to do wrong; the attributes are the words of the grammar."""

    status: int = 0
    code: str = ""
    param: str = ""
    retry_after: str = ""
    retry_after_ms: str = ""
    times: int = 0
    tag: str = ""
    delay: float = 0.0
    drip: float = 0.0
    cut: int = -1
    fail: int = -1
    undone: bool = False
    html: bool = False
    plain: bool = False
    detail: bool = False
    numeric: bool = False
    empty: bool = False
    refuse: bool = False
    finish: str = ""
    text: str = ""


_READERS: dict[type | None, Callable[[str], Any]] = {int: int, float: float, str: str}
_DEFAULT_DRIP_S = "0.05"


def parse_orders(header: str) -> Orders:
    """Read the header.

    Raises:
        OrderError: It has a word that is not in the grammar, or a value that is no number where one must stand.
    """
    known = fields_dict(Orders)
    found: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in header.split(";"))):
        name, has_value, value = item.partition("=")
        attribute = known.get(name.strip().replace("-", "_"))
        if attribute is None:
            message = f"x-sandbox has no word {name!r}; see python -m jackfield_openai.sandbox --help"
            raise OrderError(message)
        if attribute.type is bool:
            found[attribute.name] = True
            continue
        if not has_value and attribute.name == "drip":
            value = _DEFAULT_DRIP_S
        try:
            found[attribute.name] = _READERS[attribute.type](value.strip())
        except ValueError:
            message = f"x-sandbox: {name} must be a number"
            raise OrderError(message) from None
    return Orders(**found)
