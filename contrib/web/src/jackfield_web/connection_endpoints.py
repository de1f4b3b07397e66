"""What can be asked over HTTP about connections and logins."""

from collections.abc import Mapping, Sequence

from jackfield_web.asking import Action
from jackfield_web.endpoint import SERVICE, VALUES, Answer, Endpoint, text
from jackfield_web.shapes import Schema, closed

_NAME = text("The name of a connection; letters, digits and . _ @ + -, the first no sign but _.", 100, minLength=1)
_CHECK = {"type": "boolean", "description": "Whether to ask the service first; nothing is saved unless it works."}
_STORE = (404, 409, 422, 503)
_BODY = (408, 413, 415, 422)
_BROUGHT_BACK = ("state", "code", "iss", "error", "error_description")


def of_connections(deadline: Mapping[str, Schema]) -> Sequence[Endpoint]:
    """Give the part of the table that is about connections and their types."""
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
            query={"type": text("Only those of this connection type.")},
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
            query={"type": {**text("Its connection type.", minLength=1), "x-required": True}},
            body=closed({"values": VALUES, "check": _CHECK, **deadline}, "values"),
            answer=Answer(status=201, shape="SavedConnection", told=saved.told),
            errors=(400, *SERVICE),
        ),
        Endpoint(
            method="PATCH",
            path="/connections/{connection}",
            action=Action.EDIT_CONNECTION,
            name="edit_connection",
            told="Change some values; null takes one away, an empty secret stays. Where the address changes, secrets "
            "must be given again. What needs a login is not checked.",
            body=closed({"values": VALUES, "check": _CHECK, **deadline}, "values"),
            answer=saved,
            errors=(400, *SERVICE),
        ),
        Endpoint(
            method="DELETE",
            path="/connections/{connection}",
            action=Action.REMOVE_CONNECTION,
            name="remove_connection",
            told="Remove a connection; its login (OAuth 2) is ended at the service, if it takes that.",
            answer=Answer(status=204, media_type="", told="It is gone."),
            errors=SERVICE,
        ),
        Endpoint(
            method="POST",
            path="/connections/{connection}/check",
            action=Action.CHECK_CONNECTION,
            name="check_connection",
            told="Ask the service whether a connection works.",
            body=closed({"offline": {"type": "boolean", "description": "Whether to send nothing."}, **deadline}),
            answer=Answer(shape="Check", told="What was found; that it does not work is an answer, too."),
            errors=SERVICE,
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


def of_logins() -> Sequence[Endpoint]:
    """Give the part of the table that is about logins."""
    saved = Answer(shape="SavedConnection", told="The connection, which has its tokens now, and what a check found.")
    return (
        Endpoint(
            method="POST",
            path="/connections/{connection}/login",
            action=Action.LOG_IN,
            name="begin_login",
            told="Begin a login with OAuth 2: send the browser to the address that comes back.",
            body=closed(
                {
                    "return_to": text(
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
            query={name: text("As the service gave it.", 8000) for name in _BROUGHT_BACK},
            answer=saved,
            redirects=True,
            errors=(400, *SERVICE),
        ),
        Endpoint(
            method="POST",
            path="/login",
            action=Action.FINISH_LOGIN,
            name="post_login",
            told="Finish a login that you began, with what the service gave to a page of the application.",
            body=closed({"query": text("The query with which the browser came back.", 20000)}, "query"),
            answer=saved,
            errors=(400, *SERVICE),
        ),
    )
