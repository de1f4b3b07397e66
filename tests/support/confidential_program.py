"""A program that runs every module with a story in its input, in each way and against each service.

It logs what hosts log: events, and errors with their traces. It prints each file that anything opens for writing, be it
for a moment only.
"""

# ruff: noqa: T201  it is a program

import base64
import json
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import confidant
import line_server
from careless_service import MODES

from jackfield import (
    Event,
    Failure,
    File,
    FileSettings,
    Host,
    HttpSettings,
    JackfieldError,
    ModuleHandle,
    ProgramSettings,
    Result,
    hookimpl,
)
from jackfield.fields import Url
from jackfield.forms import form_of
from jackfield.testing.samples import least_of
from jackfield_openai.sandbox.sounds import said_aloud

ORDERS = (
    "",
    "text={said}",
    "status=400",
    "status=500",
    "status=502; html",
    "cut=3",
    "empty",
    "fail=1",
    "status=400; plain",
)
"""What the stand-in of OpenAI is asked to do."""

wishes: Mapping[str, Any] = json.loads(sys.argv[1])
story: str = wishes["story"]
confidential: bool = wishes["confidential"]
succeeded: set[str] = set()
failed: set[str] = set()


def watch(event: str, details: tuple[Any, ...]) -> None:
    """Print what is opened for writing; a number is a pipe, or a file that was seen when it was opened."""
    writes = (
        event == "open"
        and not isinstance(details[0], int)
        and isinstance(details[2], int)
        and details[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    )
    if writes or event == "sqlite3.connect":
        print(f"WROTE {details[0]!r}", flush=True)


recording = {"data": base64.b64encode(said_aloud(wishes["story"], 1, "wav")).decode(), "name": "a.wav"}
"""Somebody tells the story."""
KNOWN: Mapping[str, Mapping[str, object]] = {
    "github.add_comment": {"number": 1},
    "github.get_file": {"path": "README.md"},
    "github.get_issue": {"number": 1},
    "github.list_comments": {"number": 1},
    "github.make_api_call": {"path": "user"},
    "github.update_issue": {"number": 1},
    "github.upload_release_file": {"release_id": 3001},
    "http.download_file": {"url": "file"},
    "http.make_request": {"url": "text"},
    "http.watch_feed": {"url": "feed"},
    "http.watch_list": {"url": "offered"},
    "openai.create_batch": {
        "endpoint": "/v1/embeddings",
        "completion_window": "24h",
        "input": {"type": "uploaded", "input_file_id": "file-0002"},
    },
    "openai.delete_file": {"file_id": "file-0001"},
    "openai.get_batch": {"batch_id": "batch_0001"},
    "openai.get_file": {"file_id": "file-0002"},
    "openai.transcribe_audio": {"file": recording},
    "openai.translate_audio": {"file": recording},
    "openai.upload_file": {"purpose": "user_data"},
}
"""What stands for no story, since the service would not find it."""


class Log:
    """Logs events."""

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Log it."""
        logging.getLogger("program").info("%r", event)


def attempt(module_id: str, act: Callable[[], object]) -> None:
    """Do something, and log how it fails."""
    try:
        act()
        succeeded.add(module_id)
    except JackfieldError as error:
        failed.add(module_id)
        log_failure(error)


def log_failure(error: JackfieldError) -> None:
    """Log an error with its trace, and its problems as some hosts do."""
    logging.getLogger("program").error("it failed: %r %s", error, getattr(error, "problems", ""), exc_info=error)


def with_story(value: Any, accepted: Callable[[Any], bool]) -> Any:
    """Put the story in the place of each text that may be any text."""
    for path in [*texts_in(value)]:
        changed = json.loads(json.dumps(value))
        *way, last = path
        place = changed
        for step in way:
            place = place[step]
        place[last] = story
        value = changed if accepted(changed) else value
    return value


def texts_in(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Give the paths of all texts."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_in(item, *path, key)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from texts_in(item, *path, at)


def connections(module: ModuleHandle) -> Iterator[dict[str, object]]:
    """Give a connection for each service, as the module's type wants it."""
    kind = module.module.connection
    assert kind is not None
    form = form_of(kind.form)
    urls = [slot.key for slot in form.slots if isinstance(slot.word, Url)]
    either = {"token": "any"} if module.id.startswith("github.") else {}  # a token, or a login
    values = {**least_of(form), **either, **({"allow_local": True} if form.slot("allow_local") else {})}
    for mode in MODES:
        yield {**values, **dict.fromkeys(urls, f"{wishes['careless']}/mode-{mode}")}
    if module.id.startswith("openai."):
        for order in ORDERS:
            sandbox = {"x-sandbox": order.format(said=wishes["said64"])} if order else {}
            yield {**values, "api_key": "sk-any", "base_url": wishes["sandbox"], "headers": sandbox}
    elif module.id.startswith("github."):
        yield {**values, "base_url": wishes["github"]}
    elif module.id.startswith("http."):
        yield {**values, "base_url": wishes["listening"]}
    elif module.id == "mcp.call_local_tool":
        for way in line_server.WAYS[:2]:
            yield {"program": sys.executable, "arguments": [line_server.__file__, way]}
    elif module.id.startswith("mcp."):
        yield {**values, "base_url": f"{wishes['listening']}/mcp"}
    elif module.id.startswith("confidant."):
        yield {"url": wishes["listening"]}


def accepts(host: Host, module: ModuleHandle, connection: Mapping[str, object]) -> Callable[[Any], bool]:
    """Make the function that tells whether an input will do."""

    def accepted(values: Any) -> bool:
        try:
            host.preview(module.id, values, connection=connection, confidential=confidential)
        except JackfieldError:
            return False
        return True

    return accepted


def run(host: Host, module: ModuleHandle) -> None:
    """Run one module in every way."""
    found = [*connections(module)]
    values = with_story(least_of(module.form), accepts(host, module, found[0])) | KNOWN.get(module.id, {})
    if module.id.startswith("github.") and module.form.slot("repository"):
        values["repository"] = "octocat/hello-world"
    options: dict[str, Any] = {"confidential": confidential, "deadline_s": 20}
    for connection in found:
        options["connection"] = connection
        attempt(module.id, lambda: host.run(module.id, values, **options))
        attempt(module.id, lambda: [*host.stream(module.id, values, **options)])
    wrong = {**values, story: story}
    attempt(module.id, lambda: host.run(module.id, wrong, **options))
    outcomes: list[Result[Any] | Failure] = [*host.map(module.id, [values, wrong], **options)]
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            log_failure(outcome.error)


def run_confidant(host: Host) -> None:
    """Use what only the test's own connector has: choices, fields, files."""
    options: dict[str, Any] = {"confidential": confidential, "connection": {"url": wishes["listening"]}}
    picture = File.from_bytes(story.encode(), name="story.png")
    closed = {"text": story, "part": wishes["said"], "more": {"detail": story}, "picture": picture}
    attempt("choices", lambda: host.choices("confidant.tell", "part", **options))
    attempt("form", lambda: host.form("confidant.tell", {"text": story}, **options))
    for module_id in ("confidant.tell", "confidant.show", "confidant.upload", "confidant.complain"):
        attempt(module_id, lambda module_id=module_id: host.run(module_id, closed, **options))  # type: ignore[misc]
    attempt("confidant.tell", lambda: host.run("confidant.tell", {**closed, "part": story}, **options))


sys.addaudithook(watch)
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
home = Path(os.environ["JACKFIELD_HOME"])
with Host(
    plugins=[Log()],
    modules=confidant.MODULES,
    settings=HttpSettings(retry_base_s=0.001, max_attempts=2),
    files=FileSettings(directory=home / "files"),
    choices_dir=home / "choices",
    programs=ProgramSettings(allow=shlex.quote(sys.executable)),
) as opened:
    for each in opened.modules():
        if each.module.connection is not None:
            run(opened, each)
    run_confidant(opened)
print("SUCCEEDED", *sorted(succeeded))
print("FAILED", *sorted(failed))
