"""What servers that others wrote are asked for by the newer modules: responses, vectors, sound, files, batches."""

import json
import time
from collections.abc import Mapping
from typing import Any

from compatible_server import Server
from server_call import Call, Form, Good, Theirs, never, says

from jackfield import File, Result
from jackfield_openai.batch import ENDINGS
from jackfield_openai.sandbox.sounds import said_aloud

__all__ = ["NEWER"]

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}}
TOOLS = {"tools": [LOOK], "tool_choice": "required"}
TEXTS = ["a fox", "a hat"]
RECORDING = ("fox.wav", said_aloud("a fox", 1, "wav"), "audio/wav")
NOTE = ("note.txt", b"A fox with a hat.", "text/plain")
BOUND_S = 20
"""How long a batch of one request may take."""
PATH = "/v1/chat/completions"


def _lines(server: Server) -> tuple[str, bytes, str]:
    """Give a file of one request, as a batch takes it."""
    body = {"model": server.chat, "messages": [{"role": "user", "content": "Hello"}]}
    line = {"custom_id": "one", "method": "POST", "url": PATH, "body": body}
    return ("batch.jsonl", json.dumps(line).encode(), "application/jsonl")


def _file(parts: tuple[str, bytes, str]) -> File:
    name, data, media_type = parts
    return File.from_bytes(data, name=name, media_type=media_type)


def _stored(client: Any, server: Server) -> Any:
    # For a batch: what is there for other things, OpenAI does not give back.
    return client.files.create(file=_lines(server), purpose="batch")


def _batched(client: Any, server: Server) -> Any:
    file = client.files.create(file=_lines(server), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=PATH, completion_window="24h")


def _answered(client: Any, server: Server) -> Any:
    """Wait until a batch has ended; one that takes too long is given as it is."""
    batch, until = _batched(client, server), time.monotonic() + BOUND_S
    while batch.status not in ENDINGS and time.monotonic() < until:
        time.sleep(0.1)
        batch = client.batches.retrieve(batch.id)
    return batch


def _response(title: str, more: Form, good: Good = says, *, streams: bool = False) -> Call:
    return Call(
        title=title,
        module="create_response",
        form=lambda server: {"model": server.chat, "input": "Hello", **more},
        theirs=lambda client, server: client.responses.create(model=server.chat, input="Hello", stream=streams, **more),
        good=good,
        streams=streams,
    )


def _calls_look(result: Result[Any]) -> bool:
    return [call.rest.get("name") or getattr(call, "name", "") for call in result.output.tool_calls] == ["look"]


def _embeds_all(result: Result[Any]) -> bool:
    lengths = {len(vector.embedding) for vector in result.output.data}
    return len(result.output.data) == len(TEXTS) and len(lengths) == 1 and lengths != {0}


def _embedding(title: str, more: Form) -> Call:
    return Call(
        title=title,
        module="create_embedding",
        form=lambda server: {"model": server.embedding, "input": TEXTS, **more},
        theirs=lambda client, server: client.embeddings.create(model=server.embedding, input=TEXTS, **more),
        good=_embeds_all,
    )


def _transcript(title: str, *, streams: bool = False) -> Call:
    return Call(
        title=title,
        module="transcribe_audio",
        form=lambda server: {"model": server.hearing, "file": _file(RECORDING)},
        theirs=lambda client, server: client.audio.transcriptions.create(
            model=server.hearing, file=RECORDING, stream=streams
        ),
        good=lambda result: bool(result.output.result),
        streams=streams,
    )


def _spoken(client: Any, server: Server) -> bytes:
    said: bytes = client.audio.speech.create(**_sentence(server)).read()
    return said


def _spoken_in_pieces(client: Any, server: Server) -> list[bytes]:
    # The SDK gives the bytes of the stream as they are; only events are pieces.
    said = client.audio.speech.create(**_sentence(server), stream_format="sse").read()
    return [line for line in said.splitlines() if line.startswith(b"data:")]


def _sentence(server: Server) -> dict[str, Any]:
    return {"model": server.speaking, "input": "A fox", "voice": "alloy"}


def _speech(title: str, theirs: Theirs, *, streams: bool = False) -> Call:
    return Call(
        title=title,
        module="generate_speech",
        form=_sentence,
        theirs=theirs,
        good=lambda result: bool(result.output.result.read()),
        streams=streams,
    )


def _is_made(result: Result[Any]) -> bool:
    return bool(result.output.id)


def _reads_lines(result: Result[Any]) -> bool:
    return b'"custom_id": "one"' in result.output.file.read()


def _has_one(result: Result[Any]) -> bool:
    return [each.custom_id for each in result.output.results] == ["one"] and bool(result.output.results[0].result)


NEWER: Mapping[str, Call] = {
    "response": _response("a response", {}),
    "response_streamed": _response("a streamed response", {}, streams=True),
    "response_tools": _response(
        "a response that calls a tool", {"tools": [LOOK], "tool_choice": "required"}, _calls_look
    ),
    "response_background": _response("a response in the background", {"background": True}),
    "embedding": _embedding("vectors of two texts", {}),
    "embedding_packed": _embedding("the same in base64", {"encoding_format": "base64"}),
    "moderation": Call(
        title="a moderation",
        module="create_moderation",
        form=lambda server: {"input": "I like cats.", "model": server.judging},
        theirs=lambda client, server: client.moderations.create(input="I like cats.", model=server.judging),
        good=lambda result: len(result.output.results) == 1,
    ),
    "transcript": _transcript("a transcript"),
    "transcript_streamed": _transcript("a streamed transcript", streams=True),
    "translation": Call(
        title="a translated recording",
        module="translate_audio",
        form=lambda server: {"model": server.hearing, "file": _file(RECORDING)},
        theirs=lambda client, server: client.audio.translations.create(model=server.hearing, file=RECORDING),
        good=lambda result: bool(result.output.result),
    ),
    "speech": _speech("speech", _spoken),
    "speech_streamed": _speech("streamed speech", _spoken_in_pieces, streams=True),
    "file_uploaded": Call(
        title="a file, uploaded",
        module="upload_file",
        form=lambda _: {"file": _file(NOTE), "purpose": "user_data"},
        theirs=lambda client, _: client.files.create(file=NOTE, purpose="user_data"),
        good=_is_made,
    ),
    "files": Call(
        title="the list of files",
        module="list_files",
        form=lambda _: {},
        theirs=lambda client, _: client.files.list().data,
        good=lambda result: bool(result.bundles),
        first=_stored,
    ),
    "file": Call(
        title="a file, and what is in it",
        module="get_file",
        form=lambda server: {"file_id": server.made, "content": True},
        theirs=lambda client, server: client.files.content(server.made).read(),
        good=_reads_lines,
        first=_stored,
    ),
    "file_deleted": Call(
        title="a file, deleted",
        module="delete_file",
        form=lambda server: {"file_id": server.made},
        theirs=None,
        good=lambda result: result.output.deleted is True,
        first=_stored,
    ),
    "no_such_file": Call(
        title="a file that is not there",
        module="get_file",
        form=lambda _: {"file_id": "file-that-is-not-there"},
        theirs=lambda client, _: client.files.retrieve("file-that-is-not-there"),
        good=never,
        ends="NotFoundError",
    ),
    "batch": Call(
        title="a batch, created",
        module="create_batch",
        form=lambda server: {"endpoint": PATH, "input": {"type": "file", "file": _file(_lines(server))}},
        theirs=_batched,
        good=_is_made,
    ),
    "batch_results": Call(
        title="a batch, and what came of it",
        module="get_batch",
        form=lambda server: {"batch_id": server.made, "results": "list"},
        theirs=lambda client, server: client.batches.retrieve(server.made),
        good=_has_one,
        first=_answered,
    ),
    "batches_watched": Call(
        title="the batches that have ended",
        module="watch_batch_completed",
        form=lambda _: {},
        theirs=lambda client, _: client.batches.list().data,
        good=lambda result: bool(result.bundles),
        first=_answered,
    ),
}
"""By name; as ``server_calls.CALLS``, of which it is a part."""
