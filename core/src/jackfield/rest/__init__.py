"""Modules as data: a request, with what of the form goes where in it, and what of the answer is the output.

::

    from jackfield import rest
    from jackfield.paging import LinkHeader

    get_issue = rest.module(
        "GET /repos/{owner}/{repo}/issues/{number}",
        form=GetIssue,
        output=Issue,
        label="Get an Issue",
        connection=account,
    )

    list_issues = rest.module(
        "GET /repos/{owner}/{repo}/issues",
        form=ListIssues,
        output=Issue,
        label="List Issues",
        connection=account,
        items="$",
        paging=LinkHeader(size=100, size_param="per_page"),
        limit="limit",
    )

    make_api_call = rest.universal(label="Make an API Call", connection=account)

What is made is a module as the decorator ``jackfield.module`` makes it of a function, in all respects.
"""

from jackfield.rest.failures import Failures
from jackfield.rest.making import module
from jackfield.rest.reading import Done
from jackfield.rest.universal import Call, Called, universal

__all__ = ["Call", "Called", "Done", "Failures", "module", "universal"]
