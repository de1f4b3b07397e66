"""What the protocol's libraries may log."""

import logging

_TALKATIVE = ("mcp", "sse_starlette", "uvicorn")


def quieten() -> None:
    """Have the libraries of the protocol log no debug messages: those hold what clients send and get.

    Whoever set such a logger apart to debug it keeps it so.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
