"""Names in the order in which people count."""

import pytest

from smilejax._util.natural_order import natural_order


@pytest.mark.parametrize(
    "ordered",
    [
        ["1", "2", "10", "11", "100"],
        ["s1-posed", "s2-posed", "s10-genuine", "s10-posed"],
        ["a", "a1", "a2b3", "a2b10", "b"],
        ["02", "2", "3"],
        ["", "1", "Adele", "adele", "Zoë"],
    ],
)
def test_numbers_in_names_count(ordered: list[str]) -> None:
    backwards = list(reversed(ordered))
    assert sorted(backwards, key=natural_order) == ordered
