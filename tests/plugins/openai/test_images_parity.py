"""Generate Images and OpenAI's own SDK, asked for the same, send the same."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from jackfield import File, Host
from jackfield_openai.sandbox.multipart import read_parts
from jackfield_openai.sandbox.pictures import as_file, draw

PNG = as_file(draw("x", ["x"], (64, 64)), "png")
JPEG = as_file(draw("y", ["y"], (64, 64)), "jpeg")
CLEAR = as_file(draw("z", ["z"], (64, 64), transparent=True), "png")
COMMON: Mapping[str, Any] = {
    "n": 1,
    "size": "1536x864",
    "quality": "low",
    "background": "transparent",
    "output_format": "webp",
    "output_compression": 50,
    "complexity": "high",
    "safety_identifier": "u-1",
    "user": "u-2",
}
SVG = {"output_format": "svg", "svg": {"model": "writer", "reasoning": {"effort": "low"}}}
GIF = {"output_format": "gif", "frame_count": 3, "frame_duration_ms": 90}


class _Recorder(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers, body))  # type: ignore[attr-defined]  # set by the fixture
        answer = b'{"created": 1, "data": [{"b64_json": "R0lGODlh"}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Record what comes, and answer with an image."""
    with HTTPServer(("127.0.0.1", 0), _Recorder) as listening:
        listening.seen = []  # type: ignore[attr-defined]  # read by the handler
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def _essence(path: str, headers: Any, body: bytes) -> Any:
    """Give what matters of a request: where it goes, as whom, and what it says in which parts."""
    who = {name: headers[name] for name in ("Authorization", "OpenAI-Organization", "OpenAI-Project")}
    if headers["Content-Type"] == "application/json":
        return path, who, json.loads(body)
    parts = read_parts(headers["Content-Type"], body)
    return path, who, sorted((part.name, part.file_name, part.media_type, part.data) for part in parts)


CALLS: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
    ("generate", {"prompt": "A fox"}, {}),
    ("generate", {"prompt": "A fox", "moderation": "low"}, COMMON),
    ("generate", {"prompt": "A fox"}, SVG),
    ("generate", {"prompt": "A fox"}, GIF),
    ("generate", {"prompt": "A fox", "style": "vivid"}, {"response_format": "b64_json"}),
    ("edit", {"prompt": "Blue", "image": [("a.png", PNG, "image/png")]}, {}),
    ("edit", {"prompt": "Blue", "image": [("a.png", PNG, "image/png"), ("b.jpg", JPEG, "image/jpeg")]}, COMMON),
    ("edit", {"prompt": "Blue", "image": [("a.png", PNG, "image/png")], "mask": ("m.png", CLEAR, "image/png")}, GIF),
    (
        "edit",
        {"prompt": "Blue", "image": [("ä b.png", PNG, "image/png")], "markup": ("m.png", CLEAR, "image/png")},
        SVG,
    ),
    ("edit", {"prompt": "Blue\nand\r\ngreen", "image": [("a.png", PNG, "image/png")], "input_fidelity": "low"}, {}),
    ("create_variation", {"image": [("a.png", PNG, "image/png")]}, {"n": 2, "size": "256x256", "user": "u-1"}),
    ("create_variation", {"image": [("a.png", PNG, "image/png")]}, {"response_format": "url"}),
]
"""A method of the SDK; what it takes that stands in our method; and what all methods take."""


def _ours(method: str, own: Mapping[str, Any], common: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say the same in our form."""
    files = {name: _file(value) for name, value in own.items() if isinstance(value, tuple)}
    images = [_file(each) for each in own.get("image", ())]
    if method == "edit":
        said = {**own, **files, "images": images, "type": "edit"}
        del said["image"]
    elif method == "generate":
        said = {**own, "type": "generate"}
    else:
        said = {"type": "variation", "image": images[0], "endpoint": "variations"}
    return {"model": "some-model", "method": said, **common}


def _file(part: tuple[str, bytes, str]) -> File:
    name, data, media_type = part
    return File.from_bytes(data, name=name, media_type=media_type)


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's word on variations
@pytest.mark.parametrize(("method", "own", "common"), CALLS)
def test_we_send_what_the_official_sdk_sends(
    server: HTTPServer, method: str, own: Mapping[str, Any], common: Mapping[str, Any]
) -> None:
    """Method, path, JSON or parts, media types and who asks."""
    sdk = pytest.importorskip("openai", reason="the official SDK is not installed; tox installs it")
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    account = {"api_key": "sk-canary", "organization": "org-1", "project": "proj-1"}
    image = own.get("image", ())
    theirs = {**own, **({"image": image if len(image) > 1 else image[0]} if image else {})}

    with sdk.OpenAI(base_url=url, **account) as client:
        getattr(client.images, method)(model="some-model", **theirs, **common)
    connection = {
        "base_url": url,
        "api_key": account["api_key"],
        "organization_id": account["organization"],
        "project_id": account["project"],
    }
    with Host(environ={}) as host:
        host.run("openai.generate_images", _ours(method, own, common), connection=connection)

    sdks, ours = (_essence(*request) for request in server.seen)  # type: ignore[attr-defined]  # set by the fixture
    assert ours == sdks
