"""A Celery app with the modules of the contract, for workers and callers alike; its addresses come by variables."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from celery import Celery
from contract_connector import CANARY, MODULES
from many_modules import MANY

from jackfield import FileSettings, Host, HttpSettings, hookimpl
from jackfield_celery import CelerySettings, register

URL = os.environ["CONTRACT_REDIS"]
MOST_IN_FLIGHT = int(os.environ["CONTRACT_IN_FLIGHT"]) if "CONTRACT_IN_FLIGHT" in os.environ else None
MOST_DELIVERIES = int(os.environ.get("CONTRACT_DELIVERIES", "5"))
VISIBLE_AFTER_S = float(os.environ.get("CONTRACT_VISIBLE_AFTER_S", "1800"))
app = Celery("contract", broker=URL, backend=URL)
app.conf.update(
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    # With kombu's own 10 and 10, what a lost worker had comes back up to 100 s after the time is up.
    broker_transport_options={
        "visibility_timeout": VISIBLE_AFTER_S,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
    task_default_queue=os.environ.get("CONTRACT_QUEUE", "celery"),
)


class Moody:
    """Knows a second connection."""

    @hookimpl
    def find_connection(self, name: str) -> Mapping[str, object] | None:
        """Find it by its name."""
        return {"base_url": os.environ["MOODY_URL"], "api_key": CANARY} if name == "moody" else None


def make_host(plugins: Sequence[object]) -> Host:
    """Make the host of a process: with these modules alone, and files that all of them see."""
    return Host(
        discover=False,
        modules={**MODULES, **MANY},
        plugins=[Moody(), *plugins],
        settings=HttpSettings(retry_base_s=0.01, retry_cap_s=0.01, max_attempts=1, max_in_flight=MOST_IN_FLIGHT),
        files=FileSettings(directory=Path(os.environ["CONTRACT_FILES"])),
    )


modules = register(
    app,
    host=make_host,
    settings=CelerySettings(
        max_retries=2,
        retry_base_s=0.2,
        retry_cap_s=0.3,
        max_retry_after_s=1,
        max_deliveries=MOST_DELIVERIES,
        chunk_budget_s=1 if VISIBLE_AFTER_S < 60 else 300,
        lease_s=2,
        prefix="contract",
    ),
)
