"""What can be asked over HTTP: one table, from which requests are dispatched, checked, and described."""

from collections.abc import Mapping, Sequence

from jackfield_web.asking import Action
from jackfield_web.connection_endpoints import of_connections, of_logins
from jackfield_web.endpoint import BYTES, EVENTS, SCHEMA, SERVICE, VALUES, Answer, Endpoint, text
from jackfield_web.operations import ID_PATTERN
from jackfield_web.settings import WebSettings
from jackfield_web.shapes import Schema, closed

_CONNECTION = {"connection": text("The name of the connection to use.", 100)}


def endpoints(settings: WebSettings) -> tuple[Endpoint, ...]:
    """Give the table, with the limits that are set."""
    deadline = {"deadline_s": _deadline(settings)}
    connections = (*of_connections(deadline), *of_logins())
    return (*_of_modules(settings, deadline), *_of_operations(), *connections, *_of_files(), _document())


def _deadline(settings: WebSettings) -> Schema:
    told = "Seconds for the whole operation."
    return {"type": "number", "description": told, "minimum": 0.001, "maximum": settings.max_deadline_s}


def _of_modules(settings: WebSettings, deadline: Mapping[str, Schema]) -> Sequence[Endpoint]:
    run_body = closed(
        {
            "input": {"type": "object", "description": "What the module takes."},
            **deadline,
            "idempotency_key": text("The same for every repeat of the same wish."),
            "confidential": {"type": "boolean", "description": "Whether nothing of it may be written anywhere."},
            "operation": text("An id of your choice, to cancel it by.", 64, minLength=16, pattern=ID_PATTERN),
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
            body=closed({"values": VALUES, **deadline}),
            answer=Answer(media_type=SCHEMA, shape="JsonSchema", told="JSON Schema 2020-12, with x-jackfield."),
            errors=SERVICE,
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
                    "field": text("Its path in the form: model, messages.role.", minLength=1),
                    "query": text("Only what has this text in it, or what the service finds for it."),
                    "values": VALUES,
                    "max_age_s": {"type": "number", "minimum": 0, "description": "How old the list may be; 0 asks."},
                    **deadline,
                },
                "field",
            ),
            answer=Answer(shape="Choices", told="The choices, and whether they are older than they should be."),
            errors=SERVICE,
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
            errors=SERVICE,
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
            errors=SERVICE,
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
            errors=SERVICE,
        ),
    )


def _filters(settings: WebSettings) -> Mapping[str, Schema]:
    most = settings.max_page_size
    return {
        "query": text("Only those with this text in their id, label, other names or description."),
        "connector": text("Only those of this connector."),
        "kind": text("Only those of this kind.", enum=["action", "search", "trigger", "universal"]),
        "effect": text("Only those of this effect.", enum=["read", "idempotent", "keyed", "unsafe"]),
        "deprecated": {"type": "boolean", "description": "Only those that should no longer be used, or none of them."},
        "after": text("Only those whose id comes after this one: next of the page before."),
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


def _of_files() -> Sequence[Endpoint]:
    about = Answer(shape="KeptFile", told='What the file is; {"file": its id} names it in the input of a module.')
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
                "name": {**text("What it is called.", minLength=1), "x-required": True},
                "media_type": text("What it is; guessed from the name without.", pattern=r"^[\w.+-]+/[\w.+-]+$"),
            },
            raw=True,
            answer=Answer(status=201, shape="KeptFile", told=about.told),
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
