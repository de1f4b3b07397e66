"""What is told must not cost what it tells of: a run that went well went well."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_logger = logging.getLogger("jackfield_otel")


def harmless(tell: Callable[[], T]) -> T | None:
    """Do something that is only told; if it fails, say so in the log, without what it said, and give ``None``.

    A module's own functions are called here, and a provider's.
    """
    try:
        return tell()
    except Exception as error:  # noqa: BLE001  of whatever kind
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        _logger.warning("A run could not be told of as a whole: %s at %s.", type(error).__name__, place)
        return None
