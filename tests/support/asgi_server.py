"""A server of an ASGI application on loopback, as long as somebody needs it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp

_LOGGERS = ("uvicorn.error", "uvicorn.access", "jackfield", "jackfield_web")


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Give all that such servers log, line by line, as long as the block lasts."""
    handler, loggers = _Kept(), [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = Event()

    async def startup(self, sockets: object = None) -> None:
        """Say when it listens."""
        await super().startup()
        self.listens.set()


@contextmanager
def asgi_served(app: ASGIApp) -> Iterator[str]:
    """Serve, and give the address."""
    config = uvicorn.Config(app, port=0, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=5)
    server = _Server(config)
    thread = Thread(target=server.run)
    thread.start()
    assert server.listens.wait(30)
    try:
        (listening,) = server.servers
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
