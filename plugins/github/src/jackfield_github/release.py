"""Create a Release.

Source: https://docs.github.com/en/rest/releases/releases#create-a-release.
"""

from typing import Annotated, Literal

from attrs import frozen

from jackfield import Boolean, Select, Text, rest
from jackfield_github.connection import account
from jackfield_github.fields import Body, Repository
from jackfield_github.outputs import Release

__all__ = ["NewRelease", "create_release"]


@frozen(kw_only=True)
class NewRelease:
    """Create a release, and its tag if there is none."""

    repository: Repository
    tag_name: Annotated[str, Text(label="Tag", min_length=1, example="v1.2.0")]
    target_commitish: Annotated[str | None, Text(label="Target", help="Of a new tag.")] = None
    name: Annotated[str | None, Text(label="Title")] = None
    body: Body = None
    generate_release_notes: Annotated[bool | None, Boolean(label="Generate Notes")] = None
    draft: Annotated[bool | None, Boolean(label="Draft")] = None
    prerelease: Annotated[bool | None, Boolean(label="Prerelease")] = None
    make_latest: Annotated[
        Literal["true", "false", "legacy"] | None, Select(label="Make Latest", advanced=True)
    ] = None


create_release = rest.module(
    "POST /repos/{+repository}/releases",
    form=NewRelease,
    output=Release,
    label="Create a Release",
    connection=account,
    expected=[201],
)
