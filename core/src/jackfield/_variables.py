"""Environment variables by which a user's settings go, and that others name too."""

PROXY = "JACKFIELD_PROXY"
"""URL of a proxy for every request."""

CA_BUNDLE = "JACKFIELD_CA_BUNDLE"
"""A file of certificates to trust instead of the ones that requests brings."""
