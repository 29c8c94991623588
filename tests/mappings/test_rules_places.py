"""Where names stand in a rules file."""

import pytest

from mappings.rules_places import line_of, locate

FILE = '''# a comment with [brackets] and = signs
version = 1   # "quotes
[books]
memo = """
number = "not a key"
[[payment]]
""" # the text ends here
literal = \'\'\'
[tax]
it's \'\'\'
on_account = [
  "a = b",   # [
  "c]",
]
"number" = "x"

[[payment]]
id = "one"
when = { "payment.method" = [
  "a", "b",
], paid = true }

[[ "payment" ]]
id = "two"
[payment.when]
"payment.method" = { starts = "x" }
payment.deep.er = 1
[last]'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("version",), 2),
        (("books",), 3),
        (("books", "memo"), 4),
        (("books", "literal"), 8),
        (("books", "on_account"), 11),
        (("books", "number"), 15),
        (("payment", 0), 17),
        (("payment", 0, "id"), 18),
        (("payment", 0, "when"), 19),
        (("payment", 0, "when", "payment.method"), 19),
        (("payment", 0, "when", "paid"), 21),
        (("payment", 1), 23),
        (("payment", 1, "id"), 24),
        (("payment", 1, "when"), 25),
        (("payment", 1, "when", "payment.method"), 26),
        (("payment", 1, "when", "payment.method", "starts"), 26),
        (("payment", 1, "when", "payment", "deep", "er"), 27),
        (("last",), 28),
    ],
)
def test_every_name_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    places = locate(FILE)
    assert places[path] == line


def test_names_inside_texts_are_no_names() -> None:
    places = locate(FILE)
    assert ("payment", 2) not in places
    assert ("tax",) not in places
    assert not [path for path in places if "a" in path]


def test_what_has_no_place_stands_where_the_nearest_thing_around_it_stands() -> None:
    places = locate(FILE)
    assert line_of(places, ("payment", 1, "clearing")) == 23
    assert line_of(places, ("nothing", "here")) == 1
    assert line_of(places, ()) == 1
