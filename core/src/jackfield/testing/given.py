"""What a module is given beside its form, to call its function alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import attrs

from jackfield._engine.execution import Recorder, context_for, sending_by
from jackfield._http.limits import HttpSettings
from jackfield.host import Host
from jackfield.modules import AnyModule, Context, Effect
from jackfield.operations import Purpose
from jackfield.testing.cases import made_connection
from jackfield.testing.replay import Replay
from jackfield.testing.replies import Reply
from jackfield.usage import Usage

__all__ = ["Given", "context"]

_ID = "tested.module"


class Given:
    """What a module's function is called with, and what it left behind.

    Attributes:
        context: For the function.
        replay: The service: what was sent, and what it answers next.
    """

    def __init__(self, context: Context, replay: Replay, recorder: Recorder) -> None:
        self.context = context
        self.replay = replay
        self._recorder = recorder

    @property
    def warnings(self) -> Sequence[str]:
        """What the function warned of."""
        return tuple(self._recorder.warnings)

    @property
    def used(self) -> Sequence[Usage]:
        """What it said that the service says that it used."""
        return self._recorder.used


@contextmanager
def context(
    module: AnyModule,
    *replies: Reply,
    connection: Mapping[str, object] | None = None,
    idempotency_key: str = "key-of-a-test",
    deadline_s: float = 60,
    streaming: bool = False,
) -> Iterator[Given]:
    """Make the context of a module whose service answers from memory, to call ``module.function`` alone.

    The input is not checked and the output neither: that is what a host does.

    Args:
        module: Whose function is called.
        replies: What the service answers, in order.
        connection: Its values; made up without.
        idempotency_key: As in Context.
        deadline_s: Seconds that the operation has.
        streaming: As in Context.

    Raises:
        InputError: The values of the connection are wrong.
    """
    replay = Replay(*replies)
    settings = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with Host(plugins=[replay], modules={_ID: module}, discover=False, environ={}, settings=settings) as host:
        runtime = host._runtime  # noqa: SLF001  of our own house
        values = connection or made_connection(module.connection)
        asked = runtime.question(_ID, connection=values, deadline_s=deadline_s, idempotency_key=idempotency_key)
        effect = module.effect if isinstance(module.effect, Effect) else Effect.UNSAFE
        operation = attrs.evolve(asked, purpose=Purpose.RUN, effect=effect, streaming=streaming)
        recorder = Recorder(operation, None, settings)
        made = context_for(operation, recorder, runtime.around, sending_by(runtime.hooks_for(_ID)))
        yield Given(made, replay, recorder)
