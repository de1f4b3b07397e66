"""OpenAI: chats, models and any call of its API, at OpenAI or at any server that speaks the same."""

from jackfield_openai.connection import openai

__all__ = ["openai"]
