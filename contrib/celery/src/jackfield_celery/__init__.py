"""Jackfield's modules as Celery tasks.

```python
from celery import Celery
from jackfield_celery import register

app = Celery("work", broker="redis://localhost", backend="redis://localhost")
modules = register(app)
```
"""

from jackfield_celery.calls import Modules
from jackfield_celery.failures import ModuleFailedError, UncertainError
from jackfield_celery.mapping import MapOptions
from jackfield_celery.registering import register
from jackfield_celery.settings import CelerySettings
from jackfield_celery.streaming import Pieces

__all__ = [
    "CelerySettings",
    "MapOptions",
    "ModuleFailedError",
    "Modules",
    "Pieces",
    "UncertainError",
    "register",
]
