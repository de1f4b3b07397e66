"""What happened to others (2023 to 2026), each made impossible here: the tests bear the names of the incidents.

Only those that concern the way out to the network; sources stand beside the incidents in the advisories themselves.
"""

import gzip
import ipaddress
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    AnswerError,
    Choice,
    ConnectionType,
    Context,
    Effect,
    Host,
    JackfieldError,
    LimitError,
    NoConnectionError,
    Password,
    RefusedError,
    Secret,
    Select,
    UnsafeRequestError,
    Url,
    header,
    module,
)
from jackfield._http.addresses import Kind, standing_of
from jackfield_openai.custom_api_call import create_custom_api_call

CUSTOM = "openai.create_custom_api_call"
BOMB = gzip.compress(bytes(64 << 20))


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key", env="SERVICE_KEY")]
    url: Annotated[str, Url(label="URL", env="SERVICE_URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)
asked_at: list[str] = []
"""Where the choices of the field are asked for: what a scenario that somebody else wrote would bring."""


def models(context: Context) -> Sequence[Choice]:
    """Ask for the choices."""
    return [Choice(value=str(item)) for item in context.client.get(asked_at[-1])]


@frozen(kw_only=True)
class Wish:
    model: Annotated[str, Select(label="Model", choices=models)]


@frozen(kw_only=True)
class Nothing:
    pass


@module(label="Wish", connection=account, effect=Effect.READ)
def wish(form: Wish, context: Context) -> Nothing:
    """Wish."""
    return Nothing()


def test_cve_2026_42226_choices_take_no_key_to_a_chosen_url(host: Callable[..., Host], serve: Any, canary: Any) -> None:
    """n8n: the end point for dynamic options used somebody's credential against a URL that the caller chose."""
    service, one = serve(), host({"service.wish": wish})
    connection = {"api_key": canary.key, "url": service.url}

    for place in (f"http://127.0.0.1:{canary.port}/models", f"//127.0.0.1:{canary.port}/models", "../models"):
        asked_at.append(place)
        with pytest.raises(UnsafeRequestError):
            one.choices("service.wish", "model", connection=connection)
    with pytest.raises(NoConnectionError):
        one.choices("service.wish", "model", connection="somebody-elses")

    assert (service.connections, canary.connections) == (0, 0)


def test_cve_2026_39974_a_url_in_a_header_moves_no_request(host: Callable[..., Host], serve: Any, canary: Any) -> None:
    """n8n-mcp: a header named the server that the request, with its key, then went to."""
    service, one = serve(), host({CUSTOM: create_custom_api_call})
    elsewhere = f"http://127.0.0.1:{canary.port}"
    headers = {"X-N8n-Url": elsewhere, "X-Forwarded-Host": elsewhere, "Origin": elsewhere, "X-Original-Url": elsewhere}

    one.run(CUSTOM, {"url": "models", "headers": headers}, connection={"api_key": "k", "base_url": service.url})
    for name in ("Host", "Proxy-Connection", "Connection"):
        with pytest.raises(UnsafeRequestError):
            one.run(CUSTOM, {"url": "models", "headers": {name: elsewhere}}, connection={"base_url": service.url})

    assert len(service.asked) == 1
    assert canary.connections == 0


@pytest.mark.parametrize(
    "spelling",
    [
        "169.254.169.254",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[fd00:ec2::254]",
        "[fe80::a9fe:a9fe]",
        "2852039166",
        "0xa9fea9fe",
        "025177524776",
        "0251.0376.0251.0376",
        "0xa9.0xfe.0xa9.0xfe",
        "169.254.43518",
        "169.16689662",
        "0251.254.169.0xfe",
        "100.100.100.200",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cve_2026_42449_mapped_metadata_address(host: Callable[..., Host], spelling: str, scheme: str) -> None:
    """n8n-mcp: ``::ffff:169.254.169.254`` passed the check of the text, and got the API key.

    Nothing is sent to a cloud's metadata, however its address is spelled, though this host allows local base URLs.
    """
    connection = {"api_key": "k", "url": f"{scheme}://{spelling}/latest"}

    with pytest.raises(UnsafeRequestError, match="nothing was sent"):
        host().run("service.ask", connection=connection, deadline_s=5)


@pytest.mark.parametrize(
    "spelling",
    [
        *("127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.1", "2130706433", "0x7f000001", "017700000001"),
        *("0177.0.0.1", "0x7f.0.0.1", "0x7F.1", "127.000.000.001", "127.255.255.254", "0.0.0.0", "0", "0x0"),  # noqa: S104
        *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
        *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::ffff:0:127.0.0.1]", "10.0.0.1", "192.168.0.1", "172.16.0.1"),
        *("100.64.0.1", "[fc00::1]", "[fec0::1]", "3232235521", "0300.0250.0.1", "198.18.0.1", "192.0.0.192"),
        *("\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1"),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_where_strangers_fill_in_connections_none_is_local(
    host: Callable[..., Host], canary: Any, spelling: str, scheme: str
) -> None:
    """With ``allow_local`` off: nobody on this machine or in its network hears of it, whatever the spelling."""
    connection = {"api_key": canary.key, "url": f"{scheme}://{spelling}:{canary.port}"}

    with pytest.raises(UnsafeRequestError):
        host(allow_local=False).run("service.ask", connection=connection, deadline_s=5)

    assert canary.connections == 0


def test_cve_2026_45707_no_silent_fallback(canary: Any) -> None:
    """n8n-mcp: without a header that named the tenant, the operator's own key was used."""
    environ = {"SERVICE_KEY": canary.key, "SERVICE_URL": f"http://127.0.0.1:{canary.port}"}
    asked_at.append("models")

    with Host(discover=False, modules={"service.wish": wish}, environ=environ) as one:
        for connection in ("missing", "tenant-7", {"api_key": "k"}, {"url": environ["SERVICE_URL"]}, {}):
            with pytest.raises(JackfieldError):
                one.run("service.wish", {"model": "m"}, connection=connection)
            with pytest.raises(JackfieldError):
                one.choices("service.wish", "model", connection=connection)

    assert canary.connections == 0


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "307 Temporary Redirect", "400 No", "503 Busy"])
@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "br", "zstd", "deflate"])
def test_cve_2025_66471_and_2026_21441_and_2026_44432_bombs(
    host: Callable[..., Host], serve: Any, status: str, encoding: str
) -> None:
    """urllib3: packed bodies were unpacked whole, in redirects too."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(BOMB, status=status, Content_Encoding=encoding, Location="http://elsewhere.example/")

    connection = {"api_key": "k", "url": serve(script).url}

    with pytest.raises((LimitError, AnswerError) if status.startswith("200") else JackfieldError) as caught:
        host(max_attempts=1).run("service.ask", connection=connection, deadline_s=20)

    assert not status.startswith("30") or isinstance(caught.value, RefusedError)


REGISTRY = {
    "0.0.0.0/8": False,
    "10.0.0.0/8": False,
    "100.64.0.0/10": False,
    "127.0.0.0/8": False,
    "169.254.0.0/16": False,
    "172.16.0.0/12": False,
    "192.0.0.0/24": False,
    "192.0.2.0/24": False,
    "192.168.0.0/16": False,
    "198.18.0.0/15": False,
    "198.51.100.0/24": False,
    "203.0.113.0/24": False,
    "224.0.0.0/4": False,
    "240.0.0.0/4": False,
    "255.255.255.255/32": False,
    "8.8.8.0/24": True,
    "::1/128": False,
    "::/128": False,
    "::ffff:0:0/104": False,
    "64:ff9b:1::/48": False,
    "100::/64": False,
    "2001::/23": False,
    "2001:db8::/32": False,
    "2002::/16": False,
    "3fff::/20": False,
    "5f00::/16": False,
    "fc00::/7": False,
    "fe80::/10": False,
    "ff00::/8": False,
    "2606:4700::/32": True,
}


@pytest.mark.parametrize(("network", "public"), REGISTRY.items())
def test_cve_2024_4032_our_own_table(network: str, public: bool) -> None:  # noqa: FBT001  what IANA says
    """Python: ``ipaddress`` judged by tables that were out of date. Ours is IANA's registries of special addresses.

    Source: iana-ipv4-special-registry and iana-ipv6-special-registry.
    """
    known = ipaddress.ip_network(network)

    for address in (known[0], known[-1], known[known.num_addresses // 2]):
        assert (standing_of(str(address)).kind is Kind.PUBLIC) is public, address


def test_netrc_and_proxies_of_the_environment_take_no_part(
    host: Callable[..., Host], serve: Any, canary: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests: an entry of ``~/.netrc`` replaced our own key, and variables sent it through somebody's proxy."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login a password b\n", "utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    service = serve()

    host().run("service.ask", connection={"api_key": canary.key, "url": service.url})

    assert service.asked[0].headers["x-key"] == canary.key
    assert "authorization" not in service.asked[0].headers
    assert canary.connections == 0
