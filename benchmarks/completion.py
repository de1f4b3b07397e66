"""The connector that the benchmarks run: one module with a form, an output and a credential, as real ones have."""

from collections.abc import Sequence
from typing import Annotated

from attrs import frozen

from jackfield import (
    Array,
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    Number,
    Password,
    Secret,
    Text,
    Url,
    header,
    module,
)


@frozen(kw_only=True)
class Account:
    """Who asks, and where."""

    api_key: Annotated[Secret, Password(label="API key")]
    base_url: Annotated[str, Url(label="Base URL")]


def base_url_of(account: Account) -> str:
    """Give the place of an account."""
    return account.base_url


account = ConnectionType(
    label="Benchmark", form=Account, origin=base_url_of, authorize=header("Authorization", "Bearer {api_key}")
)


@frozen(kw_only=True)
class Message:
    """What somebody said."""

    role: Annotated[str, Text(label="Role")]
    content: Annotated[str, Text(label="Content")]


@frozen(kw_only=True)
class Prompt:
    """What to complete."""

    model: Annotated[str, Text(label="Model")]
    messages: Annotated[list[Message], Array(label="Messages", min_items=1)]
    temperature: Annotated[float | None, Number(label="Temperature", minimum=0, maximum=2)] = None


@frozen(kw_only=True)
class Choice:
    """One completion."""

    index: int
    message: Message
    finish_reason: str


@frozen(kw_only=True)
class Tokens:
    """What it took."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@frozen(kw_only=True)
class Completion:
    """What came back."""

    id: str
    model: str
    choices: list[Choice]
    usage: Tokens


@module(label="Complete a Prompt", connection=account, effect=Effect.READ)
def complete(form: Prompt, context: Context) -> Completion:
    """Complete a prompt at once."""
    return context.client.post("/now/completions", json=form, into=Completion)


@module(label="Complete a Prompt Slowly", connection=account, effect=Effect.READ)
def complete_later(form: Prompt, context: Context) -> Completion:
    """Complete a prompt after a while."""
    return context.client.post("/later/completions", json=form, into=Completion)


PROMPT: dict[str, object] = {
    "model": "a-model",
    "messages": [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": "How are you today, and what is the weather like? " * 4},
    ],
    "temperature": 0.2,
}


def host(*, plugins: Sequence[object] = (), pool_size: int = 64) -> Host:
    """Make a host that has the two modules, and nothing that is installed."""
    modules = {"benchmark.complete": complete, "benchmark.complete_later": complete_later}
    settings = HttpSettings(pool_size=pool_size)
    return Host(plugins=plugins, discover=False, modules=modules, environ={}, settings=settings)
