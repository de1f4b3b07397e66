"""A person's browser, for logins."""

import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class Browser:
    """What a person's browser does: it goes where it is sent."""

    def visit(self, url: str, **headers: str) -> tuple[int, str]:
        """Open an address, follow redirects, and give the last status and page."""
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def answer_of(self, url: str) -> dict[str, list[str]]:
        """Log in on a page, and give the query with which the browser would come back."""

        class Stop(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: Any) -> None:
                return None

        try:
            urllib.request.build_opener(Stop).open(url, timeout=30).close()
        except urllib.error.HTTPError as error:
            with error:
                location = error.headers["Location"]
        return urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
