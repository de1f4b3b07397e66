"""A stand-in for GitHub's REST API on this machine, for tests and for trying things out.

It keeps what it is told in memory, and refuses what GitHub refuses: see ``service``. Start it by
``python -m jackfield_github.sandbox --port 8080``, or in a program:

    with Sandbox() as github:
        host.run("github.list_issues", {...}, connection={"token": "any", "base_url": github.url})
"""

from jackfield_github.sandbox.server import Sandbox
from jackfield_github.sandbox.service import Service

__all__ = ["Sandbox", "Service"]
