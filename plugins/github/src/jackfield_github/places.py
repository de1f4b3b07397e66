"""Where GitHub is besides its API, of which a connection knows the address.

api.github.com has github.com and uploads.github.com beside it, api.NAME.ghe.com likewise; an
Enterprise Server at HOST/api/v3 has HOST and HOST/api/uploads.

Source: https://docs.github.com/en/rest/releases/assets ("upload_url") and
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps ("Device
flow"; a GitHub App has the same addresses, and permissions instead of scopes).
"""

import re
from typing import Any

from jackfield import OAuth2

__all__ = ["device_login", "uploads_of"]

_HOSTED = re.compile(r"(https?://)api\.([^/]+)/*", re.IGNORECASE)


def _site_of(form: Any) -> str:
    """Give where people log in."""
    hosted = _HOSTED.fullmatch(form.base_url)
    return "".join(hosted.groups()) if hosted else form.base_url.rstrip("/").removesuffix("/api/v3")


def uploads_of(form: Any) -> str:
    """Give where files of releases are sent to."""
    hosted = _HOSTED.fullmatch(form.base_url)
    return f"{hosted[1]}uploads.{hosted[2]}" if hosted else f"{_site_of(form)}/api/uploads"


device_login = OAuth2(
    token_url=lambda form: f"{_site_of(form)}/login/oauth/access_token",
    device_url=lambda form: f"{_site_of(form)}/login/device/code",
    client_id="{client_id}",
    scopes=lambda form: (form.scopes or "").split(),
    instead_of="token",
)
