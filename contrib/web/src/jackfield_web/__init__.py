"""The modules of a host as an HTTP API, to be mounted in an application of Starlette or FastAPI.

::

    web = Web(authorize=who_asks, connections=store_of)
    host = Host(plugins=[web], settings=HttpSettings(allow_local=False))
    app.mount("/jackfield", web.served(host))
"""

from jackfield_web.asking import Action, Asked, Authorize, Principal
from jackfield_web.settings import WebSettings
from jackfield_web.web import Served, Web

__all__ = ["Action", "Asked", "Authorize", "Principal", "Served", "Web", "WebSettings"]
