from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import field, frozen

from jackfield import Context, File, Host, Integer, Text, hookimpl, module
from jackfield.operations import Event, WarningRaised

OLD = Integer(deprecated="Use max_completion_tokens.")


@frozen(kw_only=True)
class Message:
    text: str
    name: Annotated[str | None, Text(deprecated="The service ignores it.")] = None


@frozen(kw_only=True)
class Ask:
    messages: Sequence[Message] = ()
    max_tokens: Annotated[int | None, OLD] = None
    limit: Annotated[int, OLD] = 5
    named: Mapping[str, Message] = field(factory=dict)
    files: Sequence[File] = ()


@frozen(kw_only=True)
class Done:
    ok: bool = True


@module(label="Ask")
def ask(form: Ask, context: Context) -> Done:
    """Ask with old fields."""
    context.warn("Own.")
    return Done()


class Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep warnings."""
        if isinstance(event, WarningRaised):
            self.heard.append(event.message)


def warnings(form: Mapping[str, object]) -> tuple[str, ...]:
    """Run the module; give the warnings of its result."""
    listener = Listener()
    with Host(discover=False, plugins=[listener]) as host:
        found = host.run(ask, form).warnings
    assert tuple(listener.heard) == found
    return found


def test_whoever_uses_a_deprecated_field_is_warned() -> None:
    """With its place, and what to use instead; once, however often it comes."""
    form = {
        "max_tokens": 5,
        "messages": [{"text": "a", "name": "x"}, {"text": "b", "name": "y"}],
        "named": {"a": {"text": "c", "name": "z"}},
    }

    assert warnings(form) == (
        "$.messages[].name is deprecated. The service ignores it.",
        "$.max_tokens is deprecated. Use max_completion_tokens.",
        "$.named{}.name is deprecated. The service ignores it.",
        "Own.",
    )


def test_nobody_else_is() -> None:
    """A default is no use, and a file has no fields."""
    assert warnings({"messages": [{"text": "a"}], "limit": 5}) == ("Own.",)
    assert warnings({"files": [File.from_bytes(b"x", name="x.txt")]}) == ("Own.",)
