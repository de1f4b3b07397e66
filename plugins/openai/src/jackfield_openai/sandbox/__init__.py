"""A stand-in for OpenAI's API on loopback, for trying things and for tests; it is no model."""

from jackfield_openai.sandbox.server import Sandbox

__all__ = ["Sandbox"]
