"""For those who test connectors: a service that answers from memory, and a search for fields that do nothing."""

from jackfield.testing.fields import Case, dead_fields, unasked
from jackfield.testing.replay import Replay
from jackfield.testing.replies import Reply, body_of

__all__ = ["Case", "Replay", "Reply", "body_of", "dead_fields", "unasked"]
