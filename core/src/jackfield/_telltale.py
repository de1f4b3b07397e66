"""What gives a secret away that nobody registered: its shape, or the name beside it.

A second net, for texts that people read. The first one knows the values themselves.
"""

import re

SECRET_NAMES = frozenset(
    {
        "access_key",
        "access_token",
        "account_key",
        "api_key",
        "api_secret",
        "apikey",
        "auth_token",
        "authorization",
        "aws_secret_access_key",
        "bearer_token",
        "client_secret",
        "connection_string",
        "cookie",
        "credential",
        "credentials",
        "dsn",
        "id_token",
        "keyfile_dict",
        "openai_api_key",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "private_key",
        "proxy_authorization",
        "pwd",
        "refresh_token",
        "secret",
        "secret_access_key",
        "secret_key",
        "session_token",
        "set_cookie",
        "signing_key",
        "token",
        "webhook_url",
        "x_amz_security_token",
        "x_api_key",
        "x_auth_token",
    }
)
"""Names whose values are secrets, in small letters and with ``_`` for other signs.

Source: Airflow's list of sensitive names, and the headers by which services of the web authorize.
"""

_TOKENS = (
    r"\b(?:sk|rk|pk)[-_][A-Za-z0-9_-]{16,}"
    r"|\bgh[opsur]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_\w{20,}"
    r"|\bglpat-[\w-]{16,}"
    r"|\bxox[a-z]-[A-Za-z0-9-]{10,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bAIza[\w-]{35}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"  # a JWT: its head is the JSON {"...
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:(?!-----END).)*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
)
_USERINFO = r"(?<=://)[^\s/?#\"'<>@]+(?:@[^\s/?#\"'<>@]*)*(?=@)"
_RAW_USERINFO = r"(?<=://)[^\s/?#\"'<>@:]+:(?!\d{1,5}(?:[/?#]|\b))[^\s\"'<>@]{1,500}(?=@)"
"""One with a slash in it, as people write it who do not quote; what stands behind a port is a path."""
_SCHEME = (
    r"(?<=\bBearer )(?=[^\s\d=]{0,200}[\d=])[\w+/=.~-]+|(?<=\bBasic )(?=\S{0,200}(?:[a-z][A-Z]|[\d=]))[\w+/=-]{6,}"
)
_SHAPES = re.compile(f"{_TOKENS}|{_USERINFO}|{_RAW_USERINFO}|{_SCHEME}", re.DOTALL)

_NAMED = re.compile(
    r"(?<![\w-])(?P<name>[\w-]{3,64})"
    r"(?:=|\\?[\"']\s{0,9}[:=]\s{0,9}(?P<quote>\\?[\"']))"
    r"(?P<value>(?(quote)[^\"'\\]+|[^\s&;,\"'<>(){}@$*\[\]][^\s&;,\"'<>)}\]]*))"
)
"""``name=value`` as in a query, ``"name": "value"`` as in JSON."""
_REFERENCE = re.compile(r"(?:env|file|keyring|command):|[A-Z]+\b")
"""What stands behind a name in our own words: where a secret is kept, not the secret."""

_HINT = re.compile(r"sk[-_]|rk[-_]|pk[-_]|gh[opsur]_|hub_pat_|glpat|xox|AKIA|ASIA|AIza|eyJ|-----B|@|=|er |ic |\"|'")
"""One quick look: most texts have none of these."""


def names_secret(name: str) -> bool:
    """Say whether what has this name, of a header, a field or a parameter, is a secret."""
    return re.sub(r"\W", "_", name).lower() in SECRET_NAMES


def scrub(text: str, mask: str) -> str:
    """Put a mask in the place of whatever looks like a secret, or stands beside the name of one."""
    if _HINT.search(text) is None:
        return text

    def named(found: "re.Match[str]") -> str:
        value = found["value"]
        if not names_secret(found["name"]) or _REFERENCE.match(value):
            return found[0]
        return found[0][: -len(value)] + mask

    return _NAMED.sub(named, _SHAPES.sub(mask, text))
