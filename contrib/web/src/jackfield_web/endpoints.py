"""What can be asked over HTTP: one table, from which requests are dispatched, checked, and described."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield_web.asking import Action
from jackfield_web.operations import ID_PATTERN
from jackfield_web.settings import WebSettings
from jackfield_web.shapes import Schema, closed

JSON = "application/json"
SCHEMA = "application/schema+json"
EVENTS = "text/event-stream"
BYTES = "application/octet-stream"


@frozen(kw_only=True)
class Answer:
    """What a good answer is.

    Attributes:
        status: Its status.
        media_type: Of its body; empty if there is none.
        shape: The name of its schema in the document.
        told: What it is, in a sentence.
    """

    status: int = 200
    media_type: str = JSON
    shape: str = ""
    told: str


@frozen(kw_only=True)
class Endpoint:
    """One thing that can be asked.

    Attributes:
        method: Of HTTP.
        path: Below the mount, with ``{module}`` and its like.
        action: What the application is asked about.
        name: Of the method that does it, and of the operation in the document.
        told: What it does, in a sentence.
        query: Its parameters, by name.
        body: The schema of its body in JSON; ``None`` without one.
        raw: Whether its body is a file instead.
        answer: What comes of it.
        redirects: Whether it may send a browser on instead.
        errors: The statuses of the problems that may come of it, beside those of every request.
    """

    method: str
    path: str
    action: Action
    name: str
    told: str
    query: Mapping[str, Schema] = field(factory=dict)
    body: Schema | None = None
    raw: bool = False
    redirects: bool = False
    answer: Answer
    errors: Sequence[int] = ()


def _text(told: str, most: int = 200, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": told, "maxLength": most, **more}


_NAME = _text("The name of a connection; letters, digits and . _ @ + -, the first no sign but _.", 100, minLength=1)
_CONNECTION = {"connection": _text("The name of the connection to use.", 100)}
_VALUES = {"type": "object", "description": "Values by field, as JSON."}
_CHECK = {"type": "boolean", "description": "Whether to ask the service first; nothing is saved unless it works."}
_SERVICE = (404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504)
"""What can come of asking a service."""
_STORE = (404, 409, 422, 503)
_BODY = (408, 413, 415, 422)


def endpoints(settings: WebSettings) -> tuple[Endpoint, ...]:
    """Give the table, with the limits that are set."""
    deadline = {"deadline_s": _deadline(settings)}
    connections = (*_of_connections(deadline), *_of_logins())
    return (*_of_modules(settings, deadline), *_of_operations(), *connections, *_of_files(), _document())


def _deadline(settings: WebSettings) -> Schema:
    told = "Seconds for the whole operation."
    return {"type": "number", "description": told, "minimum": 0.001, "maximum": settings.max_deadline_s}


def _of_modules(settings: WebSettings, deadline: Mapping[str, Schema]) -> Sequence[Endpoint]:
    run_body = closed(
        {
            "input": {"type": "object", "description": "What the module takes."},
            **deadline,
            "idempotency_key": _text("The same for every repeat of the same wish."),
            "confidential": {"type": "boolean", "description": "Whether nothing of it may be written anywhere."},
            "operation": _text("An id of your choice, to cancel it by.", 64, minLength=16, pattern=ID_PATTERN),
        },
    )
    return (
        Endpoint(
            method="GET",
            path="/modules",
            action=Action.LIST_MODULES,
            name="list_modules",
            told="List the modules, sorted by id.",
            query=_filters(settings),
            answer=Answer(shape="ModulePage", told="A page of modules."),
            errors=(422,),
        ),
        Endpoint(
            method="GET",
            path="/modules/{module}",
            action=Action.SHOW_MODULE,
            name="show_module",
            told="Show what a module is, takes and gives.",
            answer=Answer(shape="ModuleDetails", told="The module."),
            errors=(404, 500),
        ),
        Endpoint(
            method="GET",
            path="/modules/{module}/schema",
            action=Action.SHOW_MODULE,
            name="show_schema",
            told="Give the JSON Schema of what a module takes.",
            answer=Answer(media_type=SCHEMA, shape="JsonSchema", told="JSON Schema 2020-12, with x-jackfield."),
            errors=(404, 500),
        ),
        Endpoint(
            method="POST",
            path="/modules/{module}/form",
            action=Action.FILL_IN,
            name="show_form",
            told="Give the schema as it is beside some values and for a connection, with the fields that it knows.",
            query=_CONNECTION,
            body=closed({"values": _VALUES, **deadline}),
            answer=Answer(media_type=SCHEMA, shape="JsonSchema", told="JSON Schema 2020-12, with x-jackfield."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/modules/{module}/choices",
            action=Action.FILL_IN,
            name="list_choices",
            told="Give what a field offers.",
            query=_CONNECTION,
            body=closed(
                {
                    "field": _text("Its path in the form: model, messages.role.", minLength=1),
                    "query": _text("Only what has this text in it, or what the service finds for it."),
                    "values": _VALUES,
                    "max_age_s": {"type": "number", "minimum": 0, "description": "How old the list may be; 0 asks."},
                    **deadline,
                },
                "field",
            ),
            answer=Answer(shape="Choices", told="The choices, and whether they are older than they should be."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/modules/{module}/dry-run",
            action=Action.PREVIEW,
            name="preview",
            told="Give the request that a run would send, secrets masked, and send nothing.",
            query=_CONNECTION,
            body=run_body,
            answer=Answer(shape="Preview", told="The request, if there is one."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/modules/{module}/run",
            action=Action.RUN,
            name="run",
            told="Run a module, and give its result. Whoever goes away cancels it.",
            query=_CONNECTION,
            body=run_body,
            answer=Answer(shape="Result", told="The result."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/modules/{module}/stream",
            action=Action.RUN,
            name="stream",
            told="Run a module, and tell its pieces as they come. Whoever goes away cancels it.",
            query=_CONNECTION,
            body=run_body,
            answer=Answer(
                media_type=EVENTS,
                told="Events: operation (its id), piece, waiting, warning; the last is result, or error with a problem "
                "document. The data of each is JSON. A comment comes when nothing else does.",
            ),
            errors=_SERVICE,
        ),
    )


def _filters(settings: WebSettings) -> Mapping[str, Schema]:
    most = settings.max_page_size
    return {
        "query": _text("Only those with this text in their id, label, other names or description."),
        "connector": _text("Only those of this connector."),
        "kind": _text("Only those of this kind.", enum=["action", "search", "trigger", "universal"]),
        "effect": _text("Only those of this effect.", enum=["read", "idempotent", "keyed", "unsafe"]),
        "deprecated": {"type": "boolean", "description": "Only those that should no longer be used, or none of them."},
        "after": _text("Only those whose id comes after this one: next of the page before."),
        "page_size": {"type": "integer", "minimum": 1, "maximum": most, "description": f"50, or {most} if less."},
    }


def _of_operations() -> Sequence[Endpoint]:
    return (
        Endpoint(
            method="GET",
            path="/operations",
            action=Action.LIST_OPERATIONS,
            name="list_operations",
            told="List what runs for you.",
            answer=Answer(shape="Operations", told="The operations, the oldest first."),
        ),
        Endpoint(
            method="DELETE",
            path="/operations/{operation}",
            action=Action.CANCEL,
            name="cancel",
            told="Stop an operation of yours; its own request is answered with an error.",
            answer=Answer(status=204, media_type="", told="It stops."),
            errors=(404,),
        ),
    )


def _of_connections(deadline: Mapping[str, Schema]) -> Sequence[Endpoint]:
    one = Answer(shape="Connection", told="What may be seen of the connection: never a secret.")
    saved = Answer(shape="SavedConnection", told="The connection, and what the check found if there was one.")
    return (
        Endpoint(
            method="GET",
            path="/connection-types",
            action=Action.LIST_TYPES,
            name="list_types",
            told="List the connection types.",
            answer=Answer(shape="ConnectionTypes", told="The types, by id."),
        ),
        Endpoint(
            method="GET",
            path="/connection-types/{type}",
            action=Action.LIST_TYPES,
            name="show_type",
            told="Give the form of a connection type.",
            answer=Answer(shape="ConnectionType", told="The type, with the JSON Schema of its form."),
            errors=(404, 500),
        ),
        Endpoint(
            method="GET",
            path="/connections",
            action=Action.LIST_CONNECTIONS,
            name="list_connections",
            told="List your connections, and which secrets are set.",
            query={"type": _text("Only those of this connection type.")},
            answer=Answer(shape="Connections", told="The connections, by name."),
            errors=(404, 422, 503),
        ),
        Endpoint(
            method="GET",
            path="/connections/{connection}",
            action=Action.SHOW_CONNECTION,
            name="show_connection",
            told="Show a connection.",
            answer=one,
            errors=_STORE,
        ),
        Endpoint(
            method="PUT",
            path="/connections/{connection}",
            action=Action.ADD_CONNECTION,
            name="add_connection",
            told="Save a new connection. A secret that is left empty is not set. What needs a login (OAuth 2) is saved "
            "without a check.",
            query={"type": {**_text("Its connection type.", minLength=1), "x-required": True}},
            body=closed({"values": _VALUES, "check": _CHECK, **deadline}, "values"),
            answer=Answer(status=201, shape="SavedConnection", told=saved.told),
            errors=(400, *_SERVICE),
        ),
        Endpoint(
            method="PATCH",
            path="/connections/{connection}",
            action=Action.EDIT_CONNECTION,
            name="edit_connection",
            told="Change some values; null takes one away, an empty secret stays. Where the address changes, secrets "
            "must be given again. What needs a login is not checked.",
            body=closed({"values": _VALUES, "check": _CHECK, **deadline}, "values"),
            answer=saved,
            errors=(400, *_SERVICE),
        ),
        Endpoint(
            method="DELETE",
            path="/connections/{connection}",
            action=Action.REMOVE_CONNECTION,
            name="remove_connection",
            told="Remove a connection; its login (OAuth 2) is ended at the service, if it takes that.",
            answer=Answer(status=204, media_type="", told="It is gone."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/connections/{connection}/check",
            action=Action.CHECK_CONNECTION,
            name="check_connection",
            told="Ask the service whether a connection works.",
            body=closed({"offline": {"type": "boolean", "description": "Whether to send nothing."}, **deadline}),
            answer=Answer(shape="Check", told="What was found; that it does not work is an answer, too."),
            errors=_SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/connections/{connection}/rename",
            action=Action.RENAME_CONNECTION,
            name="rename_connection",
            told="Give a connection another name.",
            body=closed({"name": _NAME}, "name"),
            answer=one,
            errors=(400, *_STORE, *_BODY),
        ),
    )


def _of_logins() -> Sequence[Endpoint]:
    saved = Answer(shape="SavedConnection", told="The connection, which has its tokens now, and what a check found.")
    text = "As the service gave it."
    return (
        Endpoint(
            method="POST",
            path="/connections/{connection}/login",
            action=Action.LOG_IN,
            name="begin_login",
            told="Begin a login with OAuth 2: send the browser to the address that comes back.",
            body=closed(
                {
                    "return_to": _text(
                        "The path on the same host to which the browser goes afterwards, with connection, login (done "
                        "or failed) and error in its query.",
                        2000,
                        pattern=r"^/(?![/\\])[!-\[\]-~]*$",
                    )
                }
            ),
            answer=Answer(status=201, shape="Login", told="Where the browser has to go."),
            errors=(400, 500, *_STORE, *_BODY),
        ),
        Endpoint(
            method="GET",
            path="/login",
            action=Action.FINISH_LOGIN,
            name="finish_login",
            told="Finish a login that you began: services send the browser here.",
            query={name: _text(text, 8000) for name in ("state", "code", "iss", "error", "error_description")},
            answer=saved,
            redirects=True,
            errors=(400, *_SERVICE),
        ),
        Endpoint(
            method="POST",
            path="/login",
            action=Action.FINISH_LOGIN,
            name="post_login",
            told="Finish a login that you began, with what the service gave to a page of the application.",
            body=closed({"query": _text("The query with which the browser came back.", 20000)}, "query"),
            answer=saved,
            errors=(400, *_SERVICE),
        ),
    )


def _of_files() -> Sequence[Endpoint]:
    about = Answer(shape="File", told='What the file is; {"file": its id} names it in the input of a module.')
    return (
        Endpoint(
            method="GET",
            path="/files",
            action=Action.LIST_FILES,
            name="list_files",
            told="List your files: those that you uploaded, and those that modules made for you.",
            answer=Answer(shape="Files", told="The files, the oldest first."),
        ),
        Endpoint(
            method="POST",
            path="/files",
            action=Action.UPLOAD,
            name="upload",
            told="Upload a file.",
            query={
                "name": {**_text("What it is called.", minLength=1), "x-required": True},
                "media_type": _text("What it is; guessed from the name without.", pattern=r"^[\w.+-]+/[\w.+-]+$"),
            },
            raw=True,
            answer=Answer(status=201, shape="File", told=about.told),
            errors=(400, 408, 409, 413, 415, 422, 429, 500, 503),
        ),
        Endpoint(
            method="GET",
            path="/files/{file}",
            action=Action.DOWNLOAD,
            name="download",
            told="Read a file of yours.",
            answer=Answer(media_type=BYTES, told="Its content, with its own media type."),
            errors=(404, 500),
        ),
        Endpoint(
            method="DELETE",
            path="/files/{file}",
            action=Action.REMOVE_FILE,
            name="remove_file",
            told="Remove a file of yours.",
            answer=Answer(status=204, media_type="", told="It is gone."),
            errors=(404,),
        ),
    )


def _document() -> Endpoint:
    return Endpoint(
        method="GET",
        path="/openapi.json",
        action=Action.DESCRIBE,
        name="describe",
        told="Give this document.",
        answer=Answer(shape="OpenApi", told="OpenAPI 3.1."),
    )
