"""What the forms of the modules do not say, and what a server answers: for ``jackfield connector check http``."""

from importlib import resources

from jackfield.testing import read_cases

__all__ = ["CASES"]

CASES = read_cases(resources.files(__package__).joinpath("cases.json").read_bytes())
"""By module id; named in the entry points ``jackfield.cases``."""
