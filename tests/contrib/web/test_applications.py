"""The API inside of applications, below a path, with middlewares and routes beside it."""

from collections.abc import Iterator

import pytest
from asgi_server import asgi_served
from contract_connector import MODULES
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp
from web_under_test import WebHost, by_header, events_in

from jackfield import Host, HttpSettings
from jackfield_web import Served, Web


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    """The API alone."""
    web = Web(authorize=by_header)
    settings = HttpSettings(allow_local=False)
    with Host(plugins=[web], discover=False, environ={}, modules=MODULES, settings=settings) as host:
        yield web.served(host)


async def stamp(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Do what middlewares do: pass the request on, and add to the answer."""
    response = await call_next(request)
    response.headers["X-Stamp"] = "yes"
    return response


def _use(app: ASGIApp) -> None:
    with asgi_served(app) as url:
        client = WebHost(f"{url}/a/jackfield", headers={"X-User": "ada"})
        ran = client.ask("POST", "/modules/contract.echo/run", {"input": {"text": "x"}})
        streamed = client.ask("POST", "/modules/contract.count/stream", {"input": {"size": 2}})
        document = client.ask("GET", "/openapi.json")
        missing, wrong = client.ask("GET", "/none"), client.ask("PUT", "/modules", {})
        nobody = client.ask("GET", "/modules", X_User="")
        client.close()

    assert ran.json["bundles"] == [{"text": "x", "length": 1}]
    assert [event.kind for event in events_in(streamed.body)] == ["operation", "piece", "piece", "result"]
    assert document.json["servers"] == [{"url": "/a/jackfield"}]
    assert (missing.status, wrong.status, wrong.headers["allow"], nobody.status) == (404, 405, "GET, HEAD", 401)
    assert {reply.headers["content-type"] for reply in (missing, wrong, nobody)} == {"application/problem+json"}


def test_it_is_mounted_in_starlette(api: Served) -> None:
    """Deep in its routes, and behind a middleware."""
    inner = Starlette(routes=[Mount("/jackfield", app=api)])
    _use(Starlette(routes=[Mount("/a", app=inner)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=stamp)]))


@pytest.mark.hosts
def test_it_is_mounted_in_fastapi(api: Served) -> None:
    """FastAPI's own answers to what is missing do not get in the way."""
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()
    app.mount("/a/jackfield", api)
    _use(app)


def test_it_is_an_application_by_itself(api: Served) -> None:
    """For a server that has nothing else to serve."""
    with asgi_served(api) as url:
        client = WebHost(url, headers={"X-User": "ada"})
        assert client.ask("GET", "/modules").json["total"] == len(MODULES)
        client.close()
