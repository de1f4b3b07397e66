"""Runs as OpenTelemetry spans and metrics, by the conventions for generative AI and HTTP; no content unless asked.

``plugin`` is what the entry point names: every host in the environment has it. In code,
``Host(plugins=[Tracing(...)])`` takes its place for that host.
"""

from jackfield_otel.installed import plugin
from jackfield_otel.tracing import Tracing

__all__ = ["Tracing", "plugin"]
