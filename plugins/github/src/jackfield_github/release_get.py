"""Get a Release.

Source: https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name.
"""

from typing import Annotated

from attrs import frozen

from jackfield import Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import Repository
from jackfield_github.outputs import Release

__all__ = ["WhichRelease", "get_release"]


@frozen(kw_only=True)
class WhichRelease:
    """Get the release of a tag."""

    repository: Repository
    tag: Annotated[str, Text(label="Tag", min_length=1, example="v1.2.0")]


get_release = rest.module(
    "GET /repos/{+repository}/releases/tags/{+tag}",
    form=WhichRelease,
    output=Release,
    label="Get a Release",
    connection=account,
)
