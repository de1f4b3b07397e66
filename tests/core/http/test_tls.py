"""Certificates: whom we trust, and how we say that we do not."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings
from jackfield._http.tls import Contexts
from jackfield.errors import BrokenAnswerError, InvalidInputError, UnreachableError

SETTINGS = HttpSettings()


def test_an_authority_of_ones_own_is_trusted_when_named(
    serve: Any, go: Any, server_context: ssl.SSLContext, ca_bundle: Path
) -> None:
    """With ca_bundle set, a server with a certificate of that authority is spoken to, again over one connection."""
    server = serve(context=server_context)

    bodies = [read_whole(go(f"{server.url}/", **more), SETTINGS) for more in ({"ca_bundle": ca_bundle}, {}, {})]

    assert all(b'"number": 1' in body for body in bodies)
    assert server.connections == 1


def test_an_unknown_authority_is_not_trusted(serve: Any, go: Any, server_context: ssl.SSLContext) -> None:
    """The error names the host and the setting, and nothing was sent."""
    server = serve(context=server_context)

    with pytest.raises(UnreachableError, match=f"certificate of 127.0.0.1:{server.port} is not trusted") as caught:
        go(f"{server.url}/")

    assert not caught.value.sent
    assert "ca_bundle" in caught.value.hint
    assert server.asked == []


def test_another_host_s_certificate_is_not_trusted(serve: Any, go: Any, authority: trustme.CA, ca_bundle: Path) -> None:
    """A valid certificate for somebody else proves nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    server = serve(context=context)

    with pytest.raises(UnreachableError, match="is not trusted"):
        go(f"{server.url}/", ca_bundle=ca_bundle)


def test_plain_http_on_a_tls_port_and_the_reverse(serve: Any, go: Any, server_context: ssl.SSLContext) -> None:
    """A wrong scheme is told as such."""
    plain = serve(lambda talk: talk.reply(status="400 Bad Request"))
    tls = serve(context=server_context)

    with pytest.raises(UnreachableError, match="TLS failed") as caught:
        go(f"https://127.0.0.1:{plain.port}/")
    with pytest.raises(BrokenAnswerError):
        go(f"http://127.0.0.1:{tls.port}/")

    assert "http://" in caught.value.hint


def test_a_large_body_goes_through_tls(serve: Any, go: Any, server_context: ssl.SSLContext, ca_bundle: Path) -> None:
    """Bodies of many pieces arrive whole in both directions."""

    def script(talk: Any) -> None:
        talk.reply(talk.asked().body)

    server = serve(script, server_context)
    body = bytes(range(256)) * 8192

    assert read_whole(go(f"{server.url}/", method="POST", body=body, ca_bundle=ca_bundle), SETTINGS) == body


def test_a_bundle_that_is_none_is_told_as_a_wrong_setting(go: Any, tmp_path: Path) -> None:
    """The file's place in the settings is named."""
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.write_text("no certificate")

    for path in (missing, empty):
        with pytest.raises(InvalidInputError, match=r"\$\.ca_bundle"):
            go("https://127.0.0.1:9/", ca_bundle=path)


def test_a_folder_of_certificates_may_be_named(ca_bundle: Path) -> None:
    """OpenSSL reads folders when it needs them, so naming one is no error."""
    context = Contexts().get(str(ca_bundle.parent), None)

    assert context.verify_mode == ssl.CERT_REQUIRED


def test_one_context_serves_one_setting() -> None:
    """Making one takes long, so it is made once."""
    contexts = Contexts()

    assert contexts.get(True, None) is contexts.get(True, None)
    assert contexts.get(True, None) is not contexts.get(False, None)


def test_our_own_certificate_is_shown(
    serve: Any, mounted: requests.Session, authority: trustme.CA, ca_bundle: Path, tmp_path: Path
) -> None:
    """A server that asks for a certificate gets the one that was named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(context=context)
    pem = tmp_path / "me.pem"
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(str(pem))

    answer = mounted.get(f"{server.url}/", verify=str(ca_bundle), cert=str(pem), timeout=5)

    assert answer.json()["number"] == 1
    with pytest.raises(InvalidInputError, match=r"\$\.cert"):
        mounted.get(f"{server.url}/", verify=str(ca_bundle), cert=(str(pem), str(tmp_path / "none")), timeout=5)
