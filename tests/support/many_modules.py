"""Modules that write down each of their runs, for tests that count them and lose whoever runs them."""

import os
from pathlib import Path
from typing import Annotated, Literal

from attrs import frozen
from contract_connector import Asked, Echo, account

from jackfield import AnyModule, Context, Effect, Integer, Text, module


@frozen(kw_only=True)
class Numbered:
    """One of many."""

    number: Annotated[int, Integer(label="Number")]
    diary: Annotated[str, Text(label="Diary", help="A file with a line for each run.")]
    lost: Literal["never", "once", "always"] = "never"


@frozen(kw_only=True)
class Square:
    """What came out."""

    square: int
    process: int


@module(label="Square", effect=Effect.READ)
def square(form: Numbered, context: Context) -> Square:
    """Square a number, and write down that it was done; or lose the process."""
    diary = Path(form.diary)
    line = f"{form.number} {os.getpid()}\n"
    seen = form.lost == "once" and f"\n{form.number} " in "\n" + diary.read_text("utf-8")
    with diary.open("a", encoding="utf-8") as file:
        file.write(line)
    if form.lost == "always" or (form.lost == "once" and not seen):
        os.kill(os.getpid(), 9)
    return Square(square=form.number**2, process=os.getpid())


@module(label="Leave", connection=account, effect=Effect.UNSAFE)
def leave(form: Asked, context: Context) -> Echo:
    """Leave something at the service."""
    return context.client.post(form.path, json={"text": form.path}, into=Echo)


@module(label="Put", connection=account, effect=Effect.KEYED)
def put(form: Asked, context: Context) -> Echo:
    """Leave something once, however often it is said with the same key."""
    headers = {"Idempotency-Key": context.idempotency_key}
    return context.client.post(form.path, json={"text": form.path}, headers=headers, into=Echo)


MANY: dict[str, AnyModule] = {"contract.square": square, "contract.leave": leave, "contract.put": put}
