"""Paths stay below the base URL, or are refused."""

import string
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jackfield._http.url import check_inside, join, split
from jackfield.errors import UnsafeRequestError

BASE = "https://api.example.com/v1"

JOINED = {
    "/models": f"{BASE}/models",
    "models": f"{BASE}/models",
    "models/": f"{BASE}/models/",
    "": BASE,
    "/": f"{BASE}/",
    "models/ft:gpt-4:org::id": f"{BASE}/models/ft:gpt-4:org::id",
    "a.b/..c/...": f"{BASE}/a.b/..c/...",
    "Grüße/日本": f"{BASE}/Gr%C3%BC%C3%9Fe/%E6%97%A5%E6%9C%AC",
    "a%20b%2Fc%40d": f"{BASE}/a%20b%2Fc%40d",
    'quote"and<angle>{brace}|^`': f"{BASE}/quote%22and%3Cangle%3E%7Bbrace%7D%7C%5E%60",
    "[1]": f"{BASE}/%5B1%5D",
    "!$&'()*+,;=:~-._": f"{BASE}/!$&'()*+,;=:~-._",
}


@pytest.mark.parametrize(("path", "url"), JOINED.items(), ids=map(repr, JOINED))
def test_a_path_stands_below_the_base(path: str, url: str) -> None:
    """With or without a slash in front; what is no ASCII is UTF-8 and percent-encoded."""
    assert join(BASE, path) == url
    assert join(f"{BASE}/", path) == url


REFUSED = {
    "//evil.example/x": "whole URL",
    "https://evil.example/x": "whole URL",
    "HTTPS://api.example.com/v1/x": "whole URL",
    "@evil.example/x": "'@'",
    "user@evil.example": "'@'",
    "\\\\evil.example": "backslash",
    "a\\b": "backslash",
    "\thttps:/evil.example": "blank",
    "a b": "blank",
    "a\u00a0b": "blank",
    " models": "blank",
    "a\r\nX: 1": "blank",
    "a\x00b": "control",
    "a\x7fb": "control",
    "a%00b": "control",
    "a%0d%0ab": "control",
    "a%250ab": "control",
    "../admin": "dot segment",
    "a/../../admin": "dot segment",
    "./a": "dot segment",
    "a/.": "dot segment",
    "a/..": "dot segment",
    "%2e%2e/admin": "dot segment",
    ".%2E/admin": "dot segment",
    "%252e%252e/admin": "dot segment",
    "%25252e%25252e/admin": "dot segment",
    "a%2f..%2fb": "dot segment",
    "a%5c..%5cb": "dot segment",
    "..;/admin": "dot segment",
    "..%3bx/admin": "dot segment",
    "..%20/admin": "dot segment",
    "\u2025/admin": "dot segment",
    "\uff0e\uff0e/admin": "dot segment",
    "%ef%bc%8e%ef%bc%8e/admin": "dot segment",
    "%c0%ae%c0%ae/admin": "not UTF-8",
    "%ff": "not UTF-8",
    "%252525252e": "too many times",
    "100%": "'%'",
    "%zz": "'%'",
    "a//b": "empty segment",
    "a?b=c": "params=",
    "a#b": "params=",
    "a\u2028b": "blank|control",
    "a\ud800b": "control",
    "x" * 10_000: "longer than",
}


@pytest.mark.parametrize(("path", "reason"), REFUSED.items(), ids=[ascii(path)[:40] for path in REFUSED])
def test_a_path_that_could_lead_out_is_refused(path: str, reason: str) -> None:
    """In any encoding; the error says what is wrong and shows nothing of the path."""
    with pytest.raises(UnsafeRequestError, match=reason) as caught:
        join(BASE, path)

    assert "evil" not in str(caught.value)
    assert "admin" not in str(caught.value)


BASES = {
    "https://api.example.com": "https://api.example.com/models",
    "https://API.Example.com/": "https://api.example.com/models",
    "HTTPS://api.example.com:443/v1": "https://api.example.com/v1/models",
    "https://api.example.com:8443/v1/": "https://api.example.com:8443/v1/models",
    "http://localhost:11434/v1": "http://localhost:11434/v1/models",
    "http://127.0.0.1:80": "http://127.0.0.1/models",
    "http://[::1]:8080/v1": "http://[::1]:8080/v1/models",
    "http://[0:0:0:0:0:0:0:1]": "http://[::1]/models",
    "https://bücher.example/ä": "https://xn--bcher-kva.example/%C3%A4/models",
    "https://api.example.com/a%20b": "https://api.example.com/a%20b/models",
    "https://api.example.com./v1": "https://api.example.com./v1/models",
    "https://my_host/v1": "https://my_host/v1/models",
    "https://h.example/@scope": "https://h.example/@scope/models",
}


@pytest.mark.parametrize(("base", "url"), BASES.items())
def test_a_base_url_is_read(base: str, url: str) -> None:
    """Names in any case, addresses, ports, letters beyond ASCII."""
    assert join(base, "models") == url
    check_inside(base, url)


BAD_BASES = {
    "api.example.com/v1": "https://",
    "ftp://api.example.com": "https://",
    "": "https://",
    "https://": "host",
    "https:///v1": "host",
    "https://user:pass@api.example.com/v1": "user or password",
    "https://api.example.com@evil.example": "user or password",
    "https://api.example.com/v1?key=1": "query",
    "https://api.example.com/v1?": "query",
    "https://api.example.com/v1#x": "fragment",
    "https://api.example.com:/v1": "port",
    "https://api.example.com:0/v1": "port",
    "https://api.example.com:99999/v1": "port",
    "https://api.example.com:8x/v1": "port",
    "https://api.example.com/v1 ": "blank",
    " https://api.example.com/v1": "https://",
    "https://api.example.com\\evil": "backslash",
    "https://api.example.com/v1\n": "control",
    "https://api.example.com/../v1": "dot segment",
    "https://api.example.com/%2e%2e/v1": "dot segment",
    "https://api.example.com//v1": "empty segment",
    "https://api.example.com/v1//": "empty segment",
    "https://api..example.com": "host",
    "https://-api.example.com": "host",
    "https://.example.com": "host",
    "https://[::1": "host",
    "https://[1::2::3]": "IPv6",
    "https://[fe80::1%25eth0]": "host",
    "https://" + "a" * 64 + ".example": "host",
    "https://" + "a." * 130 + "example": "host",
    "https://exam\u2100ple.com": "host",
    "https://a\u3002\u3002b": "host",
    "https://exämple.com/../x": "dot segment",
}


@pytest.mark.parametrize(("base", "reason"), BAD_BASES.items(), ids=[ascii(base)[:50] for base in BAD_BASES])
def test_a_base_url_that_is_none_is_refused(base: str, reason: str) -> None:
    """Whatever a path could be glued to, or another program could read in another way."""
    with pytest.raises(UnsafeRequestError, match=reason) as caught:
        join(base, "models")

    assert "pass" not in caught.value.message.replace("password", "")


INSIDE = ["", "/", "/models", "/models?a=b", "?a=b", "/models?next=https://x/../y", "/a%2Fb", "/m?q=%2e%2e", "/..x"]


@pytest.mark.parametrize("rest", INSIDE)
def test_a_url_below_the_base_is_inside(rest: str) -> None:
    """The base itself too; dots in a query are data."""
    check_inside(BASE, f"{BASE}{rest}")
    check_inside(BASE, f"HTTPS://api.example.COM:443/v1{rest}")


OUTSIDE = [
    "http://api.example.com/v1/x",
    "https://api.example.com:8443/v1/x",
    "https://api.example.com.evil.example/v1/x",
    "https://evil.example/v1/x",
    "https://api.example.com@evil.example/v1/x",
    "https://api.example.com:443@evil.example/v1/x",
    "https://evil.example\\@api.example.com/v1/x",
    "https://evil.example#@api.example.com/v1/x",
    "https://api.example.com/v10/x",
    "https://api.example.com/v1x",
    "https://api.example.com/V1/x",
    "https://api.example.com/",
    "https://api.example.com",
    "https://api.example.com/v1/../admin",
    "https://api.example.com/v1/..",
    "https://api.example.com/v1/%2e%2e/admin",
    "https://api.example.com/v1/..;/admin",
    "https://api.example.com/v1/a//b",
    "https://api.example.com/v1/x#fragment",
    "https://api.example.com/v1/ä",
    "https://api.example.com/v1/a b",
    "https://api.example.com/v1/a\n",
    "https://api.example.com./v1/x",
    "//api.example.com/v1/x",
    "/v1/x",
    "",
]


@pytest.mark.parametrize("url", OUTSIDE)
def test_a_url_elsewhere_is_outside(url: str) -> None:
    """Another scheme, host, port or path, or one that could be read as one."""
    with pytest.raises(UnsafeRequestError):
        check_inside(BASE, url)


SPICE = [
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2F",
    "%5c",
    "%",
    "@",
    "//",
    ":",
    "?",
    "#",
    ";",
    "evil.example",
    "%00",
    "\t",
    "。",
]


@given(st.lists(st.sampled_from(SPICE) | st.text(max_size=4), max_size=8).map("".join))
@example("\uff0f\uff0fevil.example")
def test_whatever_the_path_the_url_is_inside_or_refused(path: str) -> None:
    """No text in the world leads out, also for somebody who reads URLs otherwise and decodes once more."""
    try:
        url = join(BASE, path)
    except UnsafeRequestError:
        return

    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "api.example.com")
    assert parts.path == "/v1" or parts.path.startswith("/v1/")
    assert not {".", ".."} & set(unquote(parts.path).replace("\\", "/").split("/"))
    assert set(url) <= set(string.printable) - set(string.whitespace)
    assert not parts.query
    assert not parts.fragment
    check_inside(BASE, url)
    assert str(split(url).origin) == "https://api.example.com"


def test_a_whole_url_comes_apart() -> None:
    """What is sent, and where."""
    place = split("http://[::1]:81/a/b?c=d")

    assert (place.origin.host, place.origin.port, place.path, place.query) == ("::1", 81, "/a/b", "?c=d")
    assert (str(place.origin), place.origin.netloc) == ("http://[::1]:81", "[::1]:81")
