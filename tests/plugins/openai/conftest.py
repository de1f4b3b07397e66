"""What the tests of the OpenAI connector share: a service in memory, and the stand-in over real HTTP."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from jackfield import AnyModule, Host
from jackfield.testing import Replay
from jackfield_openai.batches import get_batch, watch_batch_completed
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_openai.completion import create_completion
from jackfield_openai.create_batch import create_batch
from jackfield_openai.custom_api_call import create_custom_api_call
from jackfield_openai.edit import create_edit
from jackfield_openai.embedding import create_embedding
from jackfield_openai.images import generate_images
from jackfield_openai.models import get_models
from jackfield_openai.moderation import create_moderation
from jackfield_openai.responses.create import create_response
from jackfield_openai.sandbox import Sandbox
from jackfield_openai.speech import generate_speech
from jackfield_openai.stored_files import delete_file, get_file, list_files, upload_file
from jackfield_openai.transcription import transcribe_audio
from jackfield_openai.translation import translate_audio

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]
FormParts = Sequence[tuple[str, str] | tuple[str, str, str, bytes]]

MODULES: Mapping[str, AnyModule] = {
    "openai.create_batch": create_batch,
    "openai.create_chat_completion": create_chat_completion,
    "openai.create_completion": create_completion,
    "openai.create_custom_api_call": create_custom_api_call,
    "openai.create_edit": create_edit,
    "openai.create_embedding": create_embedding,
    "openai.create_moderation": create_moderation,
    "openai.create_response": create_response,
    "openai.delete_file": delete_file,
    "openai.generate_images": generate_images,
    "openai.get_batch": get_batch,
    "openai.get_file": get_file,
    "openai.generate_speech": generate_speech,
    "openai.transcribe_audio": transcribe_audio,
    "openai.translate_audio": translate_audio,
    "openai.get_models": get_models,
    "openai.list_files": list_files,
    "openai.upload_file": upload_file,
    "openai.watch_batch_completed": watch_batch_completed,
}


@pytest.fixture
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """Run modules against ``replay``; nothing comes from the environment."""
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as opened:
        yield opened


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve on loopback."""
    with Sandbox() as started:
        yield started


@pytest.fixture
def sdk(sandbox: Sandbox) -> Iterator[Callable[..., Any]]:
    """Make clients of the stand-in; orders say what goes wrong."""
    opened: list[Any] = []

    def make(orders: str = "", api_key: str = "sk-any", **options: Any) -> Any:
        headers = {"x-sandbox": orders} if orders else None
        client = openai.OpenAI(
            base_url=sandbox.url, api_key=api_key, default_headers=headers, **{"max_retries": 0, **options}
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def net_host() -> Iterator[Host]:
    """Run modules over the network."""
    with Host(modules=MODULES, discover=False, environ={}) as opened:
        yield opened


@pytest.fixture
def account(sandbox: Sandbox) -> Callable[..., dict[str, object]]:
    """Make a connection to the stand-in; ``orders`` says what goes wrong."""

    def make(orders: str = "", **values: object) -> dict[str, object]:
        headers = {"x-sandbox": orders} if orders else {}
        return {"base_url": sandbox.url, "api_key": "sk-canary", "headers": headers, **values}

    return make


@pytest.fixture
def sent(replay: Replay) -> Callable[[], dict[str, Any]]:
    """Read the JSON body of the only request."""

    def read() -> dict[str, Any]:
        (request,) = replay.requests
        body: dict[str, Any] = json.loads(request.body or b"")
        return body

    return read


@pytest.fixture
def answer() -> Callable[..., dict[str, Any]]:
    """Make a chat's answer as OpenAI sends it (recorded 2026-11, shortened); ``message`` and ``choice`` change it."""

    def make(message: Mapping[str, object] | None = None, **choice: object) -> dict[str, Any]:
        said = {"role": "assistant", "content": "Hello!", "refusal": None, "annotations": [], **(message or {})}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1767225600,
            "model": "m-2026",
            "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": "stop", **choice}],
            "usage": {
                "prompt_tokens": 9,
                "completion_tokens": 3,
                "total_tokens": 12,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_1",
        }

    return make


@pytest.fixture
def unused_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Send one request; a body is sent as JSON."""

    def send(
        method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = {"Authorization": "Bearer k", "Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, None if body is None else content, all_headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    return send


@pytest.fixture
def ask_form(ask: Ask) -> Ask:
    """Send one form; a part is a name and a text, or a name, a file's name, its media type and its content."""

    def send(path: str, parts: FormParts, **more: Any) -> tuple[http.client.HTTPResponse, bytes]:
        body = b"".join(b"--limit\r\n" + _part(*part) + b"\r\n" for part in parts) + b"--limit--\r\n"
        return ask("POST", path, body, {"Content-Type": "multipart/form-data; boundary=limit", **more})

    return send


def _part(name: str, said: str, media_type: str = "", data: bytes = b"") -> bytes:
    if not media_type:
        return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{said}'.encode()
    head = f'Content-Disposition: form-data; name="{name}"; filename="{said}"\r\nContent-Type: {media_type}\r\n\r\n'
    return head.encode() + data


@pytest.fixture
def run(
    host: Host, replay: Replay, answer: Callable[..., Any]
) -> Callable[..., tuple[dict[str, Any], tuple[str, ...]]]:
    """Run a chat, or another module; give the body that it sent and its warnings."""

    def start(
        form: dict[str, Any], module: str = "openai.create_chat_completion", **connection: object
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        replay.reply(answer())
        result = host.run(module, form, connection={"api_key": "k", **connection})
        return json.loads(replay.requests[-1].body or b""), tuple(result.warnings)

    return start
