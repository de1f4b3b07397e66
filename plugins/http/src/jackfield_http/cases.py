"""What the forms of the modules do not say, and what a server answers: for ``jackfield connector check http``."""

from importlib import resources

from attrs import evolve

from jackfield.testing import Answered, Reply, read_cases

__all__ = ["CASES"]

_FEED = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>News</title>
<item><guid>b</guid><title>Second</title><pubDate>Wed, 25 Nov 2026 11:00:00 GMT</pubDate></item>
<item><guid>a</guid><title>First</title><pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate></item>
</channel></rss>"""

CASES = read_cases(resources.files(__package__).joinpath("cases.json").read_bytes())
"""By module id; named in the entry points ``jackfield.cases``."""

# What is no JSON reads best as it is.
CASES["http.watch_feed"] = evolve(
    CASES["http.watch_feed"],
    answered=[
        Answered(
            input={"url": "https://example.com/feed"},
            replies=[Reply(content=_FEED, headers={"Content-Type": "application/rss+xml"})],
        )
    ],
)
