"""Opening a page in the browser of whoever sits here, if there is one."""

import os
import sys
import webbrowser

from jackfield._cli.prompts import can_ask
from jackfield._http.url import split
from jackfield.errors import UnsafeRequestError


def open_browser(url: str) -> bool:
    """Open a page of the web; tells whether it was tried.

    Nothing is opened where nobody sits, or where a browser would take over the terminal.
    """
    try:
        split(url)
    except UnsafeRequestError:
        return False
    windowed = sys.platform in {"win32", "darwin"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not can_ask() or not windowed:
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
