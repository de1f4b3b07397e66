"""The header Link, as RFC 8288 has it."""

import pytest

from jackfield._http.links import link_to

HEADERS = {
    "the usual one": ('<https://a.example/x?page=2>; rel="next", <https://a.example/x?page=9>; rel="last"', "page=2"),
    "not the first": ('</x?page=1>; rel="prev", </x?page=3>; rel="next"', "page=3"),
    "without quotes": ("</x?page=2>; rel=next", "page=2"),
    "several relations": ('</x?page=2>; rel="last  next"', "page=2"),
    "capitals": ('</x?page=2>; REL="Next"', "page=2"),
    "commas and semicolons in the address": ('</x?a=1,2;3&page=2>; rel="next"', "page=2"),
    "a comma in another parameter": ('</y>; title="a, <b>; rel=next", </x?page=2>; rel="next"', "page=2"),
    "an escaped quote": ('</y>; title="a\\"b", </x?page=2>; rel="next"', "page=2"),
    "blanks": ('  < /x?page=2 > ;  rel = "next" ', "page=2"),
    "empty members": (', ,</x?page=2>; rel="next",', "page=2"),
    "a parameter without a value": ('</x?page=2>; crossorigin; rel="next"', "page=2"),
    "the first rel counts": ('</x?page=1>; rel="prev"; rel="next", </x?page=2>; rel=next', "page=2"),
    "about another thing": ('</x?page=1>; rel="next"; anchor="/other", </x?page=2>; rel="next"', "page=2"),
    "another relation": ('</x?page=2>; rel="nextish"', ""),
    "no relation": ("</x?page=2>", ""),
    "nothing": ("", ""),
    "no link": ("next: /x?page=2", ""),
    "never ends": ('</x?page=2; rel="next"', ""),
}


@pytest.mark.parametrize("case", HEADERS)
def test_the_first_link_of_the_relation_is_found(case: str) -> None:
    """However it is spelt; and none is found where there is none."""
    header, end = HEADERS[case]
    found = link_to(header, "next")

    assert found.endswith(end)
    assert bool(found) is bool(end)


def test_a_long_header_is_read_in_the_time_of_its_length() -> None:
    """What a hostile service may send: as much as a header may hold."""
    for header in ("<" * 60_000, "</x>; " * 10_000, '</x>; a="' + "\\" * 60_000, "</x>;" + " " * 60_000, "," * 60_000):
        assert link_to(header, "next") == ""
