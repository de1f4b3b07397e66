"""Make an API Call: anything that GitHub can do and no module does.

Source: https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api.
"""

from jackfield import rest
from jackfield_github.connection import account

__all__ = ["make_api_call"]

make_api_call = rest.universal(
    label="Make an API Call",
    connection=account,
    description="Send any request to GitHub's API, below the API URL: ``/user/repos``.",
)
