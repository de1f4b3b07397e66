"""GitHub: issues, comments, files and releases, what is new among them, and any call of its API.

At github.com, and at an Enterprise Server.
"""

from jackfield_github.connection import account

__all__ = ["account"]
