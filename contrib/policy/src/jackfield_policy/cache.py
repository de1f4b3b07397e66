"""Results that are given again for a while."""

import copy
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import OrderedDict

from jackfield import Operation, Result, to_json


class Cache:
    """Keeps results in memory, for one process, apart by module, input and credentials.

    Args:
        seconds: How long a result is given again.
        items: How many are kept at most; the oldest go first.
    """

    def __init__(self, seconds: float, items: int) -> None:
        self._seconds = seconds
        self._items = items
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[float, Result[object]]] = OrderedDict()
        self._salt = secrets.token_bytes(32)  # what is kept cannot be used to guess a key

    def key(self, operation: Operation) -> bytes | None:
        """Say what makes two operations the same: module, input, where it goes, and with whose credentials.

        ``None`` if there is a secret in the input: what came of it is not kept.
        """
        try:
            form = to_json(operation.form)
        except TypeError:
            return None
        connection = operation.connection
        reach: list[object] = []
        if connection is not None:
            own = {name: secret.reveal() for name, secret in connection.secrets().items()}
            reach = [connection.base_url, to_json(connection.settings()), own]
        said = json.dumps([operation.module_id, form, reach], sort_keys=True)
        return hmac.digest(self._salt, said.encode(), hashlib.sha256)

    def get(self, key: bytes) -> Result[object] | None:
        """Give a result that is young enough."""
        with self._lock:
            kept = self._kept.get(key)
        # A copy: bundles can be changed, and whoever does must not change what others get.
        return copy.deepcopy(kept[1]) if kept and time.monotonic() - kept[0] < self._seconds else None

    def put(self, key: bytes, result: Result[object]) -> None:
        """Keep a result."""
        own = copy.deepcopy(result)
        with self._lock:
            self._kept[key] = (time.monotonic(), own)
            self._kept.move_to_end(key)
            while len(self._kept) > self._items:
                self._kept.popitem(last=False)
