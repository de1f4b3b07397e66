"""Azure's v1 endpoint, a path prefix, and a server without a key: what goes over the wire, and where to."""

from collections.abc import Iterator, Mapping
from typing import Any

import openai
import pytest
from attrs import evolve, frozen
from openai_twins import CALLS, Essence, Twins

from jackfield import File, Host, InvalidInputError
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.sounds import said_aloud

AZURE_URL = "https://my-resource.openai.azure.com/openai/v1"
PNG = as_file(draw("fox", ["fox"], (64, 64)), "png")
SOUND = said_aloud("Hello", 1, "wav")
WAV = File.from_bytes(SOUND, name="a.wav", media_type="audio/wav")
HELLO = [{"role": "user", "content": "Hello"}]
FOX = {"type": "generate", "prompt": "A fox"}


@frozen(kw_only=True)
class Place:
    """Where requests go, and what the connection says beside its base URL and key."""

    path: str
    key: str = "sk-elsewhere"
    settings: Mapping[str, Any] = {}
    headers: Mapping[str, str | None]


PLACES = {
    "azure": Place(
        path="/openai/v1",
        settings={"key_header": "api-key"},
        headers={"api-key": "sk-elsewhere", "authorization": None},
    ),
    "prefix": Place(path="/team/a/proxy/v1", headers={"authorization": "Bearer sk-elsewhere", "api-key": None}),
    "keyless": Place(path="/v1", key="", headers={"authorization": None, "api-key": None}),
}

MODULES: list[tuple[str, dict[str, Any], str, str]] = [
    ("create_chat_completion", {"model": "my-deployment", "messages": HELLO}, "POST", "/chat/completions"),
    ("create_completion", {"model": "my-deployment", "prompt": "Hello"}, "POST", "/chat/completions"),
    ("create_completion", {"model": "m", "prompt": "Hello", "endpoint": "completions"}, "POST", "/completions"),
    ("create_edit", {"model": "m", "input": "Helo", "instruction": "Correct it"}, "POST", "/chat/completions"),
    (
        "generate_images",
        {"model": "m", "method": {"type": "generate", "prompt": "A fox"}},
        "POST",
        "/images/generations",
    ),
    (
        "generate_images",
        {"model": "m", "method": {"type": "edit", "prompt": "A hat", "images": [File.from_bytes(PNG, name="a.png")]}},
        "POST",
        "/images/edits",
    ),
    (
        "create_batch",
        {"endpoint": "/v1/embeddings", "input": {"type": "uploaded", "input_file_id": "file-1"}},
        "POST",
        "/batches",
    ),
    ("create_embedding", {"model": "my-deployment", "input": "Hello"}, "POST", "/embeddings"),
    ("create_moderation", {"input": "Hello"}, "POST", "/moderations"),
    ("list_files", {}, "GET", "/files"),
    ("upload_file", {"file": File.from_bytes(PNG, name="a.png"), "purpose": "vision"}, "POST", "/files"),
    ("delete_file", {"file_id": "file-1"}, "DELETE", "/files/file-1"),
    ("get_file", {"file_id": "file-1"}, "GET", "/files/file-1"),
    ("transcribe_audio", {"model": "my-deployment", "file": WAV}, "POST", "/audio/transcriptions"),
    ("translate_audio", {"model": "my-deployment", "file": WAV}, "POST", "/audio/translations"),
    ("generate_speech", {"model": "my-deployment", "input": "Hi", "voice": "alloy"}, "POST", "/audio/speech"),
    ("get_batch", {"batch_id": "batch_1"}, "GET", "/batches/batch_1"),
    ("get_models", {}, "GET", "/models"),
    ("get_models", {"action": "retrieve", "model": "m"}, "GET", "/models/m"),
    ("create_custom_api_call", {"url": "files/f-1", "method": "DELETE"}, "DELETE", "/files/f-1"),
]

LEAST: dict[str, dict[str, Any]] = {
    "chat.completions.create": {"model": "my-deployment", "messages": HELLO},
    "completions.create": {"model": "my-deployment", "prompt": "Hello"},
    "images.generate": {"model": "my-deployment", "prompt": "A fox"},
    "images.edit": {"model": "my-deployment", "prompt": "A hat", "image": ("a.png", PNG, "image/png")},
    "images.create_variation": {"model": "my-deployment", "image": ("a.png", PNG, "image/png")},
    "responses.create": {"model": "my-deployment", "input": "Hello"},
    "embeddings.create": {"model": "my-deployment", "input": "Hello", "encoding_format": "float"},
    "moderations.create": {"input": "Hello"},
    "files.create": {"file": ("a.png", PNG, "image/png"), "purpose": "vision"},
    "files.list": {},
    "files.retrieve": {"file_id": "file-1"},
    "files.delete": {"file_id": "file-1"},
    "audio.transcriptions.create": {"model": "my-deployment", "file": ("a.wav", SOUND, "audio/wav")},
    "audio.translations.create": {"model": "my-deployment", "file": ("a.wav", SOUND, "audio/wav")},
    "audio.speech.create": {"model": "my-deployment", "input": "Hello", "voice": "alloy"},
    "batches.create": {"endpoint": "/v1/embeddings", "input_file_id": "file-1", "completion_window": "24h"},
    "batches.retrieve": {"batch_id": "batch_1"},
    "models.list": {},
    "models.retrieve": {"model": "my-deployment"},
}


@pytest.fixture(params=[*PLACES])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the places."""
    return PLACES[request.param]


@pytest.fixture
def twins(place: Place) -> Iterator[Twins]:
    """Both clients, at that place."""
    with Twins({"api_key": place.key or "none"}, path=place.path) as opened:
        yield opened


@pytest.mark.parametrize("asked", MODULES, ids=lambda asked: f"{asked[0]}-{asked[3].strip('/')}")
def test_every_module_goes_there(place: Place, twins: Twins, asked: tuple[str, dict[str, Any], str, str]) -> None:
    """Below the path of the base URL, with the key in its header, or without any."""
    module, form, method, path = asked

    sent = twins.ours(f"openai.{module}", form, api_key=place.key, **place.settings)

    assert (sent.method, sent.path, sent.query) == (method, place.path + path, "")
    assert {name: sent.more.get(name) for name in place.headers} == place.headers
    assert ("sk-elsewhere" in str(sent.more)) == bool(place.key)


def _but_for_the_key(sent: Essence) -> Essence:
    return evolve(sent, who=())


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's, for variations
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.method)
def test_the_sdk_sends_the_same_there(place: Place, twins: Twins, call: Any) -> None:
    """But for the key, which it always sends as a bearer token unless it is told to make up Azure's older paths."""
    theirs = twins.theirs(call.method, **LEAST[call.method])
    ours = twins.ours(call.module, call.form(dict(LEAST[call.method])), api_key=place.key, **place.settings)

    assert _but_for_the_key(ours) == _but_for_the_key(theirs)


def test_azures_key_is_sent_as_the_sdks_client_for_azure_sends_it() -> None:
    """In a header of its own, and in no other."""
    with Twins({"api_key": "sk-elsewhere"}, path="/openai/v1") as twins:
        with openai.AzureOpenAI(base_url=twins.url, api_key="sk-elsewhere", api_version="v1") as azure:
            azure.models.list()
        theirs = twins.taken()
        ours = twins.ours("openai.get_models", {}, key_header="api-key")

    names = ("api-key", "authorization")
    assert (
        [ours.more.get(name) for name in names] == [theirs.more.get(name) for name in names] == ["sk-elsewhere", None]
    )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"base_url": AZURE_URL}, "api-key"),
        ({"base_url": "https://MY-RESOURCE.OpenAI.Azure.com/openai/v1/"}, "api-key"),
        ({"base_url": "https://my-project.services.ai.azure.com/openai/v1"}, "api-key"),
        ({"base_url": "https://my-resource.cognitiveservices.azure.com/openai/v1"}, "api-key"),
        ({"base_url": AZURE_URL, "key_header": "Authorization"}, "Authorization"),
        ({"base_url": "https://gateway.example/v1", "key_header": "x-api-key"}, "x-api-key"),
        (
            {"base_url": "https://my-apim.azure-api.net/openai/v1", "key_header": "Ocp-Apim-Subscription-Key"},
            "Ocp-Apim-Subscription-Key",
        ),
        ({"base_url": "https://openai.azure.com.evil.example/v1"}, "Authorization"),
        ({"base_url": "https://notopenai.azure.com/v1"}, "Authorization"),
        ({}, "Authorization"),
    ],
)
def test_the_key_is_in_one_header(host: Host, values: dict[str, object], name: str) -> None:
    """Azure's own at Azure's hosts, a bearer token elsewhere, and what the connection says before all; never shown."""
    (request,) = host.preview("openai.get_models", {}, connection={"api_key": "sk-canary", **values}).requests

    mask = "Bearer ***" if name == "Authorization" else "***"
    headers = {given: value for given, value in request.headers.items() if "***" in value}
    assert headers == {name: mask}
    assert "sk-canary" not in repr(request)


@pytest.mark.parametrize("name", ["Cookie", "api_key", ""])
def test_no_other_header_takes_the_key(host: Host, name: str) -> None:
    """The list is closed: a key never ends up where a log keeps it."""
    with pytest.raises(InvalidInputError, match="key_header"):
        host.preview("openai.get_models", {}, connection={"api_key": "sk-canary", "key_header": name})


def test_a_header_of_a_call_cannot_replace_the_key(host: Host) -> None:
    """Whatever header it is in."""
    form = {"url": "models", "method": "GET", "headers": {"Api-Key": "mine"}}

    (request,) = host.preview(
        "openai.create_custom_api_call", form, connection={"api_key": "k", "base_url": AZURE_URL}
    ).requests

    assert [value for name, value in request.headers.items() if name.lower() == "api-key"] == ["***"]
