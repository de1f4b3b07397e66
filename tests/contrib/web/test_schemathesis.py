"""Programs that others wrote read the document, and try the API by it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_server import logged
from contract_connector import CANARY, MODULES, Service
from web_under_test import WebHost, by_header, serving

from jackfield import Host, HttpSettings, Store
from jackfield_openai.sandbox import Sandbox
from jackfield_web import Web, WebSettings

pytest.importorskip("schemathesis")
validator = pytest.importorskip("openapi_spec_validator")
pytestmark = pytest.mark.hosts

OFFERED = ["contract.ask", "contract.tell", "openai.create_embedding"]
FAST = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001, deadline_s=5)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebHost]:
    """Modules of the contract and of OpenAI, before a service of tests and OpenAI's stand-in."""
    service = Service()
    web = Web(
        authorize=by_header,
        connections=Store(tmp_path / "store", key_file=tmp_path / "key", environ={}),
        modules=OFFERED,
        settings=WebSettings(allow_local=True, allow_environment=True, max_body_bytes=8_000_000),
    )
    with service.served() as url, Sandbox() as stand_in:
        environ = {
            "JACKFIELD_HOME": str(tmp_path),
            "CONTRACT_URL": url,
            "CONTRACT_KEY": CANARY,
            "OPENAI_BASE_URL": stand_in.url,
            "OPENAI_API_KEY": "canary-7741-openai",
        }
        with serving(web, discover=True, modules=MODULES, environ=environ, settings=FAST) as client:
            yield client


def test_the_document_is_valid_openapi() -> None:
    """Of every module that is installed here."""
    web = Web(authorize=by_header)
    with Host(plugins=[web], modules=MODULES, settings=HttpSettings(allow_local=False)) as host:
        document = web.served(host).openapi()

    assert "/modules/openai.create_chat_completion/run" in document["paths"]
    validator.validate(document)


def test_the_api_does_what_its_document_says(web: WebHost, tmp_path: Path) -> None:
    """Many requests, good and bad ones: each answer is one of those that are told, and none is a defect.

    A service that is away, and time that ran out, are no defects; that is why statuses are looked at here.
    """
    program = [sys.executable, "-m", "schemathesis.cli", "run", f"{web.url}/openapi.json"]
    options = ["-H", "X-User: ada", "--phases", "coverage,fuzzing", "--max-examples", "2", "--no-color"]
    options += ["--exclude-checks", "not_a_server_error", "--generation-deterministic", "--max-time", "15"]
    with logged() as lines:
        done = subprocess.run([*program, *options], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-6000:]
    statuses = [line.rpartition(" ")[2] for line in lines if "HTTP/1.1" in line]
    assert len(statuses) > 100
    assert {"200", "422"} <= {*statuses}
    assert "500" not in statuses
    assert CANARY not in "".join(lines) + done.stdout
