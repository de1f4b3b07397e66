"""HTTP: call any HTTP API, download files, and watch lists and feeds for what is new."""

from jackfield_http.connection import http

__all__ = ["http"]
