"""The items of a list, in pages or not, as a user describes it."""

from collections.abc import Callable, Iterator
from typing import Any

from jackfield import Answer, AnswerError, paging
from jackfield_http.request_form import AnyPaging, style_of
from jackfield_http.target import Target, as_the_form_says

__all__ = ["items_of"]

_LIST_HINT = "Is items_at the right path to the list? Left empty, or $, the answer itself must be one."
_CIRCLE_HINT = "Does the server page so? See its description, and choose another paging.style or paging.param."


def items_of(
    target: Target,
    said: AnyPaging | None,
    items_at: str | None,
    *,
    limit: int | None = None,
    method: str = "GET",
    json: object = None,
    check: Callable[[Answer, object], None] | None = None,
) -> Iterator[Any]:
    """Give the items of a list; arguments as for ``paging.items``.

    Raises:
        AnswerError: A page is not as it was described; the error names the field that describes it.
    """
    style = style_of(said) if said else None
    at = items_at or "$"
    try:
        with as_the_form_says():
            yield from paging.items(
                target.client,
                target.path,
                paging=style,
                at=at,
                limit=limit,
                method=method,
                params=target.named_params if style else target.params,
                json=json,
                headers=target.headers,
                check=check,
                circle_hint=_CIRCLE_HINT,
            )
    except AnswerError as error:
        if error.problems and not error.hint:
            error.hint = _LIST_HINT
        raise
