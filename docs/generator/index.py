"""The first page of the reference."""


def page() -> str:
    """Write the page."""
    return """# Reference

Written from the code when the site is built.

```{toctree}
:maxdepth: 1

github
http
openai
openai-proof
command-line
environment
settings
host
files
stores
logins
runs
connectors
requests
fields
words
errors
hooks
rules
changes
```
"""
