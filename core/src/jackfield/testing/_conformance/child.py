"""What is tried in a process of its own: imports alone, and runs without a home directory or after a fork.

It reads one JSON object from its standard input and writes one to its standard output.
"""

import base64
import importlib
import io
import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import jackfield
from jackfield import Host
from jackfield.testing._conformance.memory import Memory
from jackfield.testing._conformance.subject import Subject
from jackfield.testing.cases import Answered, Case
from jackfield.testing.replies import Reply

_MOST_TOLD = 5
FORKED_S = 10.0
"""Seconds after which a run in a forked process is given up."""


def main() -> None:
    """Do what is asked, and tell what came of it."""
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what somebody else's code prints is no part of the answer
    told = {"import": _imported, "run": _run}[asked["do"]](asked)
    with answer:
        json.dump(told, answer)


def reply_as_json(reply: Reply) -> Mapping[str, object]:
    """Write a reply so that another process can read it."""
    content = None if reply.content is None else base64.b64encode(reply.content).decode()
    return {
        "json": reply.json,
        "status": reply.status,
        "headers": dict(reply.headers),
        "content": content,
        "events": None if reply.events is None else list(reply.events),
    }


def _reply(said: Mapping[str, Any]) -> Reply:
    content = None if said["content"] is None else base64.b64decode(said["content"])
    return Reply(**{**said, "content": content})


# Imports.


def _imported(asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Import one file of a connector after all of core, and watch what it does meanwhile."""
    for name in jackfield.__all__:
        getattr(jackfield, name)
    sys.dont_write_bytecode = True
    deeds: list[str] = []
    sys.addaudithook(lambda event, given: deeds.extend(_deed(event, given)))
    printed, threads = io.StringIO(), threading.active_count()
    begun = time.process_time()
    failure = ""
    with redirect_stdout(printed):
        try:
            importlib.import_module(asked["module"])
        except (Exception, SystemExit) as error:  # noqa: BLE001  somebody else's code
            failure = f"{type(error).__name__}: {error}"
    cost_s = time.process_time() - begun
    if printed.getvalue():
        deeds.append("prints")
    if threading.active_count() > threads:
        deeds.append("starts a thread")
    return {
        "failure": failure,
        "cost_s": cost_s,
        "deeds": list(dict.fromkeys(deeds))[:_MOST_TOLD],
        "others": [name for name in asked["others"] if name in sys.modules],
    }


def _deed(event: str, given: Sequence[object]) -> list[str]:
    """Say what an event of the interpreter does to the world, if anything."""
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind"}:
        return ["uses the network"]
    if event in {"subprocess.Popen", "os.system", "os.fork", "os.posix_spawn"}:
        return ["starts a process"]
    if event in {"os.mkdir", "os.remove", "os.rename", "os.putenv", "shutil.rmtree"}:
        return [f"calls {event}"]
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        return [f"writes the file {os.path.basename(str(given[0]))}"]  # noqa: PTH119  it may be no path
    return []


# Runs.


def _run(asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Run a module here, and in a process forked from here, if there is such a thing."""
    memory = Memory()
    modules = None
    if asked["reference"]:
        file, _, name = asked["reference"].partition(":")
        modules = {asked["id"]: getattr(importlib.import_module(file), name)}
    open_host = partial(Host, plugins=[memory], modules=modules, discover=modules is None, environ={})
    with open_host() as host:
        subject = Subject(
            host=host,
            open_host=open_host,
            memory=memory,
            handle=host.module(asked["id"]),
            case=Case(connection=asked["connection"] or {}),
            python_module="",
            python_name="",
            other_modules=(),
            import_budget_s=0,
        )
        sample = Answered(input=asked["input"], replies=[_reply(said) for said in asked["replies"]])
        answers = subject.answers_of(sample)
        here = subject.run(sample.input, answers).outcome
        return {"here": here, "forked": _forked(lambda: subject.run(sample.input, answers).outcome)}


def _forked(run: Any) -> str | None:
    """Give the outcome of a run in a forked process; ``None`` where there are none."""
    if not hasattr(os, "fork"):
        return None
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of threads that the module may have left: that is the point
        child = os.fork()
    if child == 0:
        try:
            os.write(writer, json.dumps(run()).encode())
        finally:
            os._exit(0)  # not through the exit of the parent's program
    os.close(writer)
    # One that waits for a thread of its parent waits forever: it is ended, so that it is told and not left behind.
    watch = threading.Timer(FORKED_S, os.kill, [child, signal.SIGKILL])
    watch.start()
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    watch.cancel()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"no outcome within {FORKED_S:g} s" if os.WTERMSIG(status) == signal.SIGKILL else "a crash"
    return str(json.loads(told)) if told else "no outcome"
