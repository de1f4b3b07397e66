"""Policy: what a host may do, and an example of extending one. Each hook of Jackfield is used here at least once.

``plugin`` is what the entry point names: it reads the rules from the file that ``JACKFIELD_POLICY`` names, when the
first hook is called, and does nothing without that variable. In code, give ``Policy(Rules(...))`` to a Host.
"""

from jackfield_policy.plugin import Policy, plugin
from jackfield_policy.rules import Rules, read_rules

__all__ = ["Policy", "Rules", "plugin", "read_rules"]
