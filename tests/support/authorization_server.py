# ruff: noqa: D102, D105  the names are those of Authlib's base classes, which say what each is for
"""A real authorization server (Authlib's, on Flask) with a small service behind it, on loopback."""

import threading
import time
from collections import Counter
from typing import Any, Self

from attrs import define, field
from authlib.integrations.flask_oauth2 import AuthorizationServer as Server
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import make_server

CLIENT, SECRET, PUBLIC = "client:of tests", "s&cret=of+tests 100%", "public-client"
"""With characters that are lost if they are not encoded as RFC 6749 says."""


@define
class Client(ClientMixin):
    """A registered client; one without a secret is public."""

    client_id: str
    secret: str = ""

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(each for each in (scope or "").split() if each in {"read", "write"})

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.startswith("http://127.0.0.1:") and redirect_uri.endswith(("/callback", "/login"))

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        del endpoint
        return method in ({"client_secret_basic", "client_secret_post"} if self.secret else {"none"})

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type)


@define
class Token(TokenMixin):
    """A token that was given out."""

    client_id: str
    access_token: str
    expires_in: int
    scope: str = ""
    refresh_token: str = ""
    token_type: str = "Bearer"
    revoked: bool = False
    issued_at: float = field(factory=time.time)

    def check_client(self, client: Client) -> bool:
        return client.client_id == self.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return self.expires_in

    def is_expired(self) -> bool:
        return time.time() > self.issued_at + self.expires_in

    def is_revoked(self) -> bool:
        return self.revoked

    def get_user(self) -> str:
        return "ada"

    def get_client(self) -> Client:
        return Client(self.client_id)


@define
class Code:
    """A code that was given out."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class AuthorizationServer:
    """Runs while it is entered.

    Attributes:
        counts: How many requests came, by ``grant_type``; ``api`` for those to the service.
        tokens: All that were given out.
        life_s: How long access tokens live from now on.
        delay_s: How long the token endpoint thinks.
        consents: Whether the person allows what is asked for.
        device_polls: How many polls get "pending" before the person has logged in; then "slow down" once.
        device_denied: Whether the person refuses on the other device.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.tokens: list[Token] = []
        self.codes: dict[str, Code] = {}
        self.life_s = 3600
        self.delay_s = 0.0
        self.consents = True
        self.device_polls = 1
        self.device_denied = False
        self.device_life_s = 60
        self.slowed = False
        self.devices: dict[str, DeviceCredentialDict] = {}
        self._lock = threading.Lock()
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expire(self) -> None:
        """Take the access tokens back, and leave the refresh tokens."""
        for token in self.tokens:
            token.expires_in = -1

    def end_logins(self) -> None:
        """Take everything back."""
        for token in self.tokens:
            token.revoked = True

    def _app(self) -> Flask:
        app = Flask("authorization")
        server = Server(app, query_client=_client, save_token=self._save)
        server.register_grant(_code_grant(self), [CodeChallenge(required=True)])
        server.register_grant(_refresh_grant(self))
        server.register_grant(ClientGrant)
        server.register_grant(_device_grant(self))
        server.register_endpoint(_revocation(self))
        server.register_endpoint(_device_endpoint(self))
        server.register_extension(_issuer(self))
        server.register_token_generator("default", self._generate)

        @app.get("/authorize")
        def authorize() -> Any:
            grant = server.get_consent_grant(end_user="ada")
            return server.create_authorization_response(grant=grant, grant_user="ada" if self.consents else None)

        @app.post("/token")
        def token() -> Any:
            with self._lock:
                self.counts[request.form.get("grant_type", "")] += 1
            time.sleep(self.delay_s)
            with self._lock:
                return server.create_token_response()

        @app.post("/device")
        def device() -> Any:
            return server.create_endpoint_response(DeviceAuthorizationEndpoint.ENDPOINT_NAME)

        @app.post("/revoke")
        def revoke() -> Any:
            self.counts["revoke"] += 1
            return server.create_endpoint_response(RevocationEndpoint.ENDPOINT_NAME)

        @app.get("/api/me")
        def me() -> Response:
            self.counts["api"] += 1
            said = request.headers.get("Authorization", "").removeprefix("Bearer ")
            found = next((each for each in self.tokens if each.access_token == said), None)
            good = found is not None and not found.revoked and not found.is_expired()
            answer = jsonify({"name": "ada"} if good else {"error": {"message": f"{said} is no good"}})
            answer.status_code = 200 if good else 401
            return answer

        return app

    def _generate(self, *, client: Client, scope: str, include_refresh_token: bool = True, **_more: Any) -> Any:
        from authlib.common.security import generate_token  # noqa: PLC0415

        made = {
            "token_type": "Bearer",
            "access_token": generate_token(42),
            "expires_in": self.life_s,
            "scope": client.get_allowed_scope(scope),
        }
        return {**made, "refresh_token": generate_token(48)} if include_refresh_token else made

    def _save(self, token: Any, asked: Any) -> None:
        self.tokens.append(Token(client_id=asked.client.client_id, **token))


class ClientGrant(grants.ClientCredentialsGrant):
    """Takes the secret in the header and in the body."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def _client(client_id: str) -> Client | None:
    return {CLIENT: Client(CLIENT, SECRET), PUBLIC: Client(PUBLIC)}.get(client_id)


def _code_grant(home: AuthorizationServer) -> type:
    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            home.codes[code] = Code(
                code,
                request.client.client_id,
                request.payload.redirect_uri,
                request.payload.scope,
                data.get("code_challenge"),
                data.get("code_challenge_method"),
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            found = home.codes.get(code)
            return found if found and found.client_id == client.client_id else None

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del home.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> str:
            del authorization_code
            return "ada"

    return CodeGrant


def _refresh_grant(home: AuthorizationServer) -> type:
    class RefreshGrant(grants.RefreshTokenGrant):
        INCLUDE_NEW_REFRESH_TOKEN = True
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
            found = next((each for each in home.tokens if each.refresh_token == refresh_token), None)
            return None if found is None or found.revoked else found

        def authenticate_user(self, refresh_token: Token) -> str:
            del refresh_token
            return "ada"

        def revoke_old_credential(self, refresh_token: Token) -> None:
            refresh_token.revoked = True

    return RefreshGrant


def _device_grant(home: AuthorizationServer) -> type:
    class DeviceGrant(DeviceCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
            return home.devices.get(device_code)

        def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
            del user_code
            if home.device_polls > 0:
                home.device_polls -= 1
                return None
            return "ada", not home.device_denied

        def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
            del credential
            slow, home.slowed = home.slowed, False
            return slow

    return DeviceGrant


def _device_endpoint(home: AuthorizationServer) -> type:
    class Endpoint(DeviceAuthorizationEndpoint):
        CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
        EXPIRES_IN = 60
        INTERVAL = 1

        def get_verification_uri(self) -> str:
            return f"{home.url}/activate"

        def authenticate_client(self, request: Any) -> Any:
            g.client = super().authenticate_client(request)
            return g.client

        def save_device_credential(self, client_id: str | None, scope: str, data: Any) -> None:
            # Authlib 1.6, the newest with cryptography 42, gives the client_id of a form, and none of a header.
            del client_id
            home.devices[data["device_code"]] = DeviceCredentialDict(
                client_id=g.client.client_id, scope=scope, expires_at=time.time() + home.device_life_s, **data
            )

    return Endpoint


def _revocation(home: AuthorizationServer) -> type:
    class Revocation(RevocationEndpoint):
        CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
            del token_type_hint
            return next((each for each in home.tokens if token_string in {each.access_token, each.refresh_token}), None)

        def revoke_token(self, token: Token, request: Any) -> None:
            del request
            token.revoked = True

    return Revocation


def _issuer(home: AuthorizationServer) -> IssuerParameter:
    class Issuer(IssuerParameter):
        def get_issuer(self) -> str:
            return home.url

    return Issuer()
