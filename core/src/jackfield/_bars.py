"""How far a run over many inputs is, where a notebook can show it."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from time import monotonic
from typing import Any, TypeVar

from jackfield.operations import Failure

T = TypeVar("T")

_PAUSE_S = 0.2
"""Between two changes of a bar: each is a message that the notebook keeps."""


class Bar:
    """How many outcomes there are, and how many of them failed."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._failed = 0
        self._over = False

    def count(self, outcome: object) -> None:
        """Count one."""
        self._done += 1
        self._failed += isinstance(outcome, Failure)

    def end(self) -> None:
        """No more will come."""
        self._over = True

    def __repr__(self) -> str:
        """Say it in words."""
        of = f" of {self._total:,}" if self._total is not None else ""
        failed = f", {self._failed:,} failed" if self._failed else ""
        return f"{self._done:,}{of} done{failed}{'' if self._over else '...'}"

    def _repr_html_(self) -> str:
        known = f' value="{self._done}" max="{self._total}"' if self._total else ""
        bar = "" if self._over and not known else f"<progress{known}></progress> "
        return f"<div>{bar}{self!r}</div>"


def with_bar(outcomes: Iterator[T], inputs: Iterable[object]) -> Iterator[T]:
    """Give the same outcomes; in a notebook, with a bar."""
    display = _display()
    return outcomes if display is None else shown_on(outcomes, inputs, display)


def shown_on(outcomes: Iterator[T], inputs: Iterable[object], display: Callable[..., Any]) -> Iterator[T]:
    """Give the same outcomes, and show a bar meanwhile.

    Args:
        outcomes: As ``Host.map`` gives them.
        inputs: Says how many there will be, if it knows.
        display: IPython's: gives a handle that takes a later state.
    """
    bar = Bar(len(inputs) if isinstance(inputs, Sized) else None)
    handle = display(bar, display_id=True)
    told = monotonic()
    try:
        for outcome in outcomes:
            bar.count(outcome)
            if monotonic() - told > _PAUSE_S:
                handle.update(bar)
                told = monotonic()
            yield outcome
    finally:
        close = getattr(outcomes, "close", None)
        if close is not None:
            close()  # whoever stops reading stops the runs
        bar.end()
        handle.update(bar)


def _display() -> Callable[..., Any] | None:
    """Give what shows something in a notebook; ``None`` anywhere else, a terminal with IPython included."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if ipython is None or not hasattr(shell, "kernel"):
        return None
    display: Callable[..., Any] = ipython.display.display
    return display
