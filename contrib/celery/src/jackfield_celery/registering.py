"""Modules on a Celery app: its tasks, the check of its settings, and the end of its hosts."""

from collections.abc import Sequence
from typing import Any

from celery import bootsteps, signals

from jackfield import Host, user_host
from jackfield_celery.calls import Modules
from jackfield_celery.settings import CelerySettings, check_app
from jackfield_celery.tasks import Tasks, add_tasks
from jackfield_celery.worker import MakeHost, Worker


def of_the_user(plugins: Sequence[object]) -> Host:
    """Make the host that the command line of this user has: with the saved connections and the settings."""
    return user_host(plugins=plugins)


def register(app: Any, *, host: MakeHost = of_the_user, settings: CelerySettings | None = None) -> Modules:
    """Put the tasks ``jackfield.run`` and ``jackfield.run_many`` on a Celery app.

    To be called where the app is made, so that workers and callers have it alike. Nothing is connected to yet. Each
    process makes its host when its first task runs, after the fork, and closes it when the worker ends.

    Args:
        app: Of Celery.
        host: Makes the host of a process with the plugins that it is given, and perhaps more; without, it is the host
            that the command line has: the user's saved connections, settings and files.
        settings: How modules run.

    Returns:
        What callers use: ``send``, ``run``, ``stream``, ``map``, ``cancel``.
    """
    known = settings or CelerySettings()
    worker = Worker(app, host, known)
    app.steps["worker"].add(_checking(known))
    for ended in (signals.worker_process_shutdown, signals.worker_shutdown):
        ended.connect(lambda **_: worker.close(), weak=False)
    return Modules(app, worker, known, add_tasks(app, Tasks(worker, known)))


def _checking(settings: CelerySettings) -> type:
    class SettingsCheck(bootsteps.Step):
        """Looks, before a worker starts, whether its app keeps what is promised."""

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            check_app(worker.app, settings)

    return SettingsCheck
