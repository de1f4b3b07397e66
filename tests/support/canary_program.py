"""A program that runs every module of a connection type, and prints all that anybody prints of what goes wrong."""

# ruff: noqa: T201  it is a program

import logging
import pickle
import shlex
import sys
import traceback

import canary_connector

from jackfield import Host, JackfieldError, ProgramSettings, Secret, Store
from jackfield.testing.samples import least_of

type_id, pin = sys.argv[1], Secret(sys.argv.pop())


def show(error: BaseException) -> None:
    """Print an error as loggers, debuggers and worker processes do."""
    logging.getLogger("program").error("it failed: %r", error, exc_info=error)
    print(repr(error), error.args, vars(error), pickle.dumps(error))
    trace = traceback.TracebackException.from_exception(error, capture_locals=name == "quiet")
    print("".join(trace.format()))


logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
store = Store.default()
allowed = ProgramSettings(allow=shlex.quote(sys.executable))
with Host(plugins=[store, canary_connector.diary], programs=allowed) as host:
    for saved in store.saved():
        name = saved.name.rpartition("-")[2]
        for module in host.modules():
            if module.connection_type_id != type_id:
                continue
            values = least_of(module.form) | ({"pin": pin} if module.form.slot("pin") else {})
            try:
                print(host.preview(module.id, values, connection=saved.name))
                result = host.run(module.id, values, connection=saved.name, deadline_s=5)
                print(result.warnings, result.request_id)
            except JackfieldError as error:
                show(error)
        verdict = host.diagnose_connection(type_id, saved.name)
        print(verdict, repr(verdict), store.view(saved.name))
