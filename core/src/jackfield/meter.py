"""A plugin that adds up what a host uses."""

import threading
from collections.abc import Generator, Mapping
from typing import Literal

from attrs import evolve, field, frozen

from jackfield._http.forking import forget_after_fork
from jackfield.errors import JackfieldError, RefusedByPolicyError
from jackfield.hookspecs import hookimpl
from jackfield.operations import Execution, Operation
from jackfield.usage import Money, Usage

__all__ = ["Meter", "Tally"]


@frozen(kw_only=True)
class Tally:
    """What runs used up together.

    Attributes:
        module_id: Whose runs; empty for those of several modules.
        connection: The name of their connection; empty for the one without a name, and for several.
        model: Who did the work, as the service calls it; empty if it did not say so, and for several.
        calls: How many runs began; one that several models worked on counts for the first of them.
        failed: How many of these failed.
        usage: What they used.
        cost: What that costs; ``None`` if nobody knows any of it.
        unpriced: How many usages nobody knows the price of, or not in the currency of ``cost``, which is without them.
    """

    module_id: str = ""
    connection: str = ""
    model: str = ""
    calls: int = 0
    failed: int = 0
    usage: Usage = field(factory=Usage)
    cost: Money | None = None
    unpriced: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add two; what they are about is kept where it is the same."""
        return Tally(
            module_id=self.module_id if self.module_id == other.module_id else "",
            connection=self.connection if self.connection == other.connection else "",
            model=self.model if self.model == other.model else "",
            calls=self.calls + other.calls,
            failed=self.failed + other.failed,
            usage=self.usage + other.usage,
            cost=self.cost + other.cost if self.cost and other.cost else self.cost or other.cost,
            unpriced=self.unpriced + other.unpriced,
        )


_Key = tuple[str, str, str]


class Meter:
    """Adds up what a host uses, per module, connection and model: ``Host(plugins=[meter])``.

    Counts the runs of ``run``, ``stream``, ``map`` and ``arun`` of this process, in all threads; what another plugin
    answers without running the module, such as a cache, or refuses, such as a budget, is not counted. One meter may
    serve several hosts; it adds up costs in the currency of the first one, and what is priced in another counts as
    unpriced.
    """

    def __init__(self) -> None:
        self._tallies: dict[_Key, Tally] = {}
        self._currency = ""
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold the old one."""
        self._lock = threading.Lock()

    @hookimpl(wrapper=True, trylast=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Count the run when it begins, and what it used when it ends."""
        execution = yield
        return self._counted(operation, execution)

    def tallies(self) -> tuple[Tally, ...]:
        """Give what was used by each module, connection and model, sorted by these."""
        with self._lock:
            return tuple(tally for _, tally in sorted(self._tallies.items()))

    def total(self) -> Tally:
        """Give what was used altogether."""
        first, *others = self.tallies() or (Tally(),)
        return sum(others, first)

    def by(self, what: Literal["module_id", "connection", "model"]) -> Mapping[str, Tally]:
        """Give what was used by each module, each connection, or each model."""
        found: dict[str, Tally] = {}
        for tally in self.tallies():
            key: str = getattr(tally, what)
            found[key] = found[key] + tally if key in found else tally
        return found

    def _counted(self, operation: Operation, execution: Execution) -> Execution:
        used: tuple[Usage, ...] = ()
        failed = counts = True
        try:
            result = yield from execution
            used, failed = result.used, False
        except JackfieldError as error:
            used, counts = error.used, not isinstance(error, RefusedByPolicyError)
            raise
        except GeneratorExit:
            failed = False  # whoever read the stream had enough of it
            raise
        finally:
            if counts:
                self._add(operation, used or (Usage(),), failed=failed)
        return result

    def _add(self, operation: Operation, used: tuple[Usage, ...], *, failed: bool) -> None:
        connection = operation.connection.name if operation.connection else ""
        with self._lock:
            for position, usage in enumerate(used):
                cost, unpriced = self._priced(operation, usage)
                key = (operation.module_id, connection, usage.model)
                tally = Tally(
                    module_id=operation.module_id,
                    connection=connection,
                    model=usage.model,
                    calls=int(position == 0),
                    failed=int(failed and position == 0),
                    usage=evolve(usage, model=""),
                    cost=cost,
                    unpriced=unpriced,
                )
                self._tallies[key] = self._tallies[key] + tally if key in self._tallies else tally

    def _priced(self, operation: Operation, usage: Usage) -> tuple[Money | None, int]:
        if operation.price is None or not usage:
            return None, 0
        try:
            cost = operation.price(usage)
        except Exception:  # noqa: BLE001  a plugin's code; the run itself has warned of it
            cost = None
        if cost is not None:
            self._currency = self._currency or cost.currency
        return (cost, 0) if cost is not None and cost.currency == self._currency else (None, 1)
