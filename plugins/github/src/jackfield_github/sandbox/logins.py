"""Logins on another device, as GitHub has them; the person allows it at the second question.

Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
"Device flow": failures come with the status 200.
"""

from urllib.parse import parse_qsl

from jackfield_github.sandbox.answers import Answer, Asked, Refusal

__all__ = ["Logins"]

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Logins:
    """Who logs in just now."""

    def __init__(self) -> None:
        self.begun: dict[str, str] = {}
        self._looked: set[str] = set()

    def answer(self, asked: Asked) -> Answer:
        """Begin a login, or say how far it is."""
        form = dict(parse_qsl(asked.raw.decode("latin-1")))
        if asked.method == "POST" and asked.path == "/login/device/code":
            return self._begin(form, asked)
        if asked.method == "POST" and asked.path == "/login/oauth/access_token":
            return Answer(self._token(form))
        raise Refusal(404, "Not Found")

    def _begin(self, form: dict[str, str], asked: Asked) -> Answer:
        if form.get("client_id", "wrong") == "wrong":
            return Answer({"error": "Not Found"}, 404)
        code = f"device-{len(self.begun) + 1}"
        self.begun[code] = form.get("scope", "")
        page = asked.base.replace("/api/v3", "/login/device")
        said = {"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": page}
        return Answer({**said, "expires_in": 900, "interval": 0.01})

    def _token(self, form: dict[str, str]) -> dict[str, str]:
        code = form.get("device_code", "")
        if form.get("grant_type") != _GRANT:
            return {"error": "unsupported_grant_type"}
        if code not in self.begun:
            return {"error": "incorrect_device_code"}
        if code not in self._looked:
            self._looked.add(code)
            return {"error": "authorization_pending"}
        return {"access_token": f"gho_{code}", "scope": self.begun[code], "token_type": "bearer"}
