"""What files are called, and of which type they are: names that are safe on every system, whoever chose them."""

import os
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

UNKNOWN_TYPE = "application/octet-stream"

MEDIA_TYPE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
"""What one looks like, without parameters. Source: RFC 6838, section 4.2."""

_LONGEST_NAME = 120
_LONGEST_SUFFIX = 16
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{device}{digit}" for device in ("COM", "LPT") for digit in "123456789\xb9\xb2\xb3"}
)
"""Names that Windows takes for devices, whatever the suffix. Source: learn.microsoft.com, "Naming Files"."""
_ADDED_TYPES = {
    ".flac": "audio/flac",
    ".gz": "application/gzip",
    ".jsonl": "application/jsonl",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".webp": "image/webp",
    ".yaml": "application/yaml",
}
"""What Python 3.11 does not know, or knows on some systems only."""


def guess_type(name: str) -> str:
    """Guess a media type from a name; the same on every system."""
    import mimetypes  # noqa: PLC0415  needed only where there are files

    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122  a Path would choke on odd names
    known = _ADDED_TYPES.get(suffix) or mimetypes.MimeTypes().guess_type(f"x{suffix}", strict=True)[0]
    return known or UNKNOWN_TYPE


def suffix_for(media_type: str) -> str:
    """Give the usual suffix of a media type, with its dot; empty where there is none."""
    import mimetypes  # noqa: PLC0415  as above

    usual = {"image/jpeg": ".jpg", "text/plain": ".txt", UNKNOWN_TYPE: ""}
    added = {kind: suffix for suffix, kind in _ADDED_TYPES.items()}
    found = usual.get(media_type, added.get(media_type))
    return mimetypes.MimeTypes().guess_extension(media_type) or "" if found is None else found


def usual_suffix(media_types: Sequence[str], extensions: Sequence[str]) -> str:
    """Give a suffix for a name that is to be of one of these; empty where all are right, or nobody knows one."""
    known = (suffix_for(kind) for kind in media_types)
    return next((suffix for suffix in (*extensions, *known) if suffix), "")


def name_flaw(name: str) -> str:
    """Say what is wrong with a name; empty if nothing is."""
    if not name or name in {".", ".."}:
        return "must not be empty, . or .."
    if "/" in name or "\\" in name:
        return "must not have / or \\ in it"
    if any(unicodedata.category(letter)[0] == "C" for letter in name):
        return "must not have control characters in it"
    return "must have at most 255 characters" if len(name) > 255 else ""  # noqa: PLR2004  what file systems allow


def type_flaw(media_type: str) -> str:
    """Say what is wrong with a media type; empty if nothing is."""
    return "" if re.fullmatch(MEDIA_TYPE, media_type) else "must look like image/png"


def url_flaw(url: str) -> str:
    """Say what is wrong with the URL of a file; empty if nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError:
        return "cannot be read"
    if any(letter <= " " or letter == "\\" or unicodedata.category(letter)[0] == "C" for letter in url):
        return "must have no blanks, control characters or backslashes"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must start with http:// or https:// and a host"
    return "must have no user name or password" if "@" in parts.netloc else ""


def name_in_url(url: str) -> str:
    """Give the name that the end of a URL suggests."""
    return safe_name(unquote(urlsplit(url).path.rpartition("/")[2]))


def safe_name(name: str, media_type: str = "") -> str:
    """Make a name of somebody else's choice fit for every file system.

    Folders before it go, and so do control characters and those that turn the direction of writing; what Windows
    forbids becomes ``_``. At most 120 characters are left, the suffix among them, and never none.
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = "".join("_" if letter in '<>:"|?*' else letter for letter in kept).strip(" .")
    stem, suffix = os.path.splitext(plain)  # noqa: PTH122  as above
    suffix = suffix if len(suffix) <= _LONGEST_SUFFIX else ""
    stem = (stem if suffix else plain) or "file"
    if stem.partition(".")[0].rstrip(" ").upper() in _RESERVED:
        stem = f"_{stem}"
    suffix = suffix or (suffix_for(media_type) if media_type else "")
    return _shortened(stem, _LONGEST_NAME - len(suffix)) + suffix


def _shortened(stem: str, most: int) -> str:
    # In bytes, too: Linux allows 255 of them, and a letter may take four.
    return stem[:most].encode()[:200].decode("utf-8", "ignore").rstrip(" .") or "file"
